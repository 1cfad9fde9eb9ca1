"""Depth as a position on a logarithmic scale of bins, and back (paper section 3.2, equations 6 and 7)."""
from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from hdnet_ros.units import MM_PER_M

# Every method takes a torch tensor (and returns one on the same device), or anything numpy can read.
Array = TypeVar('Array', np.ndarray, torch.Tensor)


@dataclass(frozen=True)
class DepthBins:
    """A logarithmic scale of ``bins`` bins from alpha to beta.

    What is measured is q = Z_mm / f_eq, the depth over the equivalent focal length, in mm/px:
    f_eq = sqrt(fx fy) * 1000 / S for a window that is S px wide in the original image (``Window.equivalent_focal_px``).
    An index is a real number; 0 stands for alpha and bins - 1 for beta.
    """

    alpha: float
    beta: float
    bins: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.beta) and 0 < self.alpha < self.beta and self.bins >= 2):
            raise ValueError(f'depth bins need 0 < alpha < beta and at least two bins, not {self}')

    @property
    def step(self) -> float:
        """Difference of ln(depth) between neighbouring bins."""
        return math.log(self.beta / self.alpha) / (self.bins - 1)

    def encode(self, ratio: Array) -> Array:
        """Index of a depth ratio (eq. 6); not clipped, so a depth out of range has an index out of range.

        ratio: any shape, mm/px, positive.
        """
        log = torch.log if isinstance(ratio, torch.Tensor) else np.log
        return (log(ratio) - math.log(self.alpha)) / self.step

    def targets(self, index: Array) -> Array:
        """The bins that stand for an index: linear weights on its two neighbours; all zero out of range.

        index: (...,); the result is (..., bins).
        """
        if isinstance(index, torch.Tensor):
            numbers = torch.arange(self.bins, dtype=index.dtype, device=index.device)
            return (1 - (index[..., None] - numbers).abs()).clamp(0, 1)
        return np.clip(1 - np.abs(np.asarray(index)[..., None] - np.arange(self.bins)), 0, 1)

    def decode(self, index: Array) -> Array:
        """Depth ratio of an index, mm/px (eq. 7)."""
        exp = torch.exp if isinstance(index, torch.Tensor) else np.exp
        return exp(index * self.step + math.log(self.alpha))

    def depth_m(self, index: Array, equivalent_focal_px: Array | float) -> Array:
        """Depth in metres of an index: the scale rule, Z_mm = q f_eq."""
        return self.decode(index) * equivalent_focal_px / MM_PER_M

    def index_of_depth(self, depth_m: Array, equivalent_focal_px: Array | float) -> Array:
        """Index of a depth in metres, the inverse of ``depth_m``; like ``encode``, not clipped."""
        return self.encode(depth_m * MM_PER_M / equivalent_focal_px)

    def depth_range_m(self, equivalent_focal_px: float) -> tuple[float, float]:
        """The nearest and the farthest depth that can be told, metres."""
        return self.alpha * equivalent_focal_px / MM_PER_M, self.beta * equivalent_focal_px / MM_PER_M

    def log_spread(self, probabilities: Array) -> Array:
        """Standard deviation of ln(depth) that a distribution over the bins implies, around its mean.

        For small values this is the relative standard deviation of the depth.
        probabilities: (..., bins), each row summing to 1; the result is (...,).
        A network that regresses depth directly tells no distribution, (..., 0): the result is NaN then.
        """
        is_torch = isinstance(probabilities, torch.Tensor)
        p = probabilities if is_torch else np.asarray(probabilities)
        if p.shape[-1] == 0:
            return p.sum(-1) + math.nan
        if p.shape[-1] != self.bins:
            raise ValueError(f'expected {self.bins} bins, got {p.shape[-1]}')
        numbers = torch.arange(self.bins, dtype=p.dtype, device=p.device) if is_torch else np.arange(self.bins)
        mean = (p * numbers).sum(-1)[..., None]
        return (p * (numbers - mean) ** 2).sum(-1) ** 0.5 * self.step
