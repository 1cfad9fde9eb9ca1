"""The losses of the paper: equations 2, 3, 8 and 9, as published."""
from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch

from hdnet_ros.network import DepthBins, HDNetOutput
from hdnet_ros.requirement import require

from .targets import Targets, gaussian_heatmaps

HEATMAP_KINDS = ('squared', 'cross_entropy')


@dataclass(frozen=True)
class LossWeight:
    """A factor (lambda in eq. 9) that may halve every so many epochs; 0 epochs: it stays."""

    weight: float
    half_life_epochs: float = 0.0

    def __post_init__(self) -> None:
        require(self.weight >= 0, 'weight must not be negative', self.weight)
        require(self.half_life_epochs >= 0, 'half_life_epochs must not be negative', self.half_life_epochs)

    def at(self, epoch: int) -> float:
        """The factor during an epoch, counted from 0."""
        return self.weight * (0.5 ** (epoch / self.half_life_epochs) if self.half_life_epochs else 1.0)


@dataclass(frozen=True)
class LossesConfig:
    """The weights of the four terms and the numbers inside them; the defaults are the published ones.

    heatmap_kind: 'squared' (eq. 2), or 'cross_entropy' between the two probability maps, which learns faster.
    """

    heatmap: LossWeight = LossWeight(10.0, 10.0)
    pose: LossWeight = LossWeight(1.0)
    bins: LossWeight = LossWeight(1e-3, 10.0)
    index: LossWeight = LossWeight(1.0)
    heatmap_kind: str = 'squared'
    heatmap_sigma_cells: float = 0.75
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        require(self.heatmap_kind in HEATMAP_KINDS, f'heatmap_kind must be one of {", ".join(HEATMAP_KINDS)}',
                self.heatmap_kind)
        require(self.heatmap_sigma_cells > 0, 'heatmap_sigma_cells must be positive', self.heatmap_sigma_cells)
        require(0 < self.epsilon < 1, 'epsilon must lie in 0..1', self.epsilon)


class Losses(NamedTuple):
    """The unweighted terms, (P,) each; zero where a person has nothing to learn the term from."""

    heatmap: torch.Tensor
    pose: torch.Tensor
    bins: torch.Tensor
    index: torch.Tensor

    def total(self, config: LossesConfig, epoch: int) -> torch.Tensor:
        """(P,) the weighted sum (eq. 9)."""
        return sum(getattr(config, name).at(epoch) * term for name, term in self._asdict().items())


TERMS = Losses._fields


def hdnet_losses(output: HDNetOutput, targets: Targets, scale: DepthBins, config: LossesConfig) -> Losses:
    """The four terms for each person.

    heatmap: mean over all cells of the squared difference (eq. 2), averaged over supervised joints.
    pose: L1 distance in normalised camera coordinates, averaged over supervised joints and both axes (eq. 3).
    bins: cross-entropy with the two-bin target (eq. 8); zero for direct regression, which tells no bins.
    index: L1 distance of the bin index over the length of the scale (eq. 8).
    """
    dtype = output.joints.dtype
    supervised = targets.supervised.to(dtype)
    count = supervised.sum(dim=1).clamp(min=1)
    heatmap = (_heatmap_terms(output.heatmaps, targets.cells.to(dtype), config) * supervised).sum(dim=1) / count
    distance = (output.joints - torch.where(targets.supervised[..., None], targets.joints.to(dtype), output.joints))
    pose = distance.abs().sum(dim=(1, 2)) / (2 * count)

    known = targets.bin_index.isfinite()
    # Replaced before anything is computed from it: a NaN would survive any mask in the gradient.
    truth = torch.where(known, targets.bin_index, torch.zeros_like(targets.bin_index)).to(dtype)
    index = (output.bin_index - truth).abs() / (scale.bins - 1)
    if output.bins.shape[1]:
        bins = -(scale.targets(truth) * torch.log(output.bins + config.epsilon)).sum(dim=1)
    else:
        bins = torch.zeros_like(index)
    return Losses(heatmap, pose, bins * known, index * known)


def _heatmap_terms(heatmaps: torch.Tensor, cells: torch.Tensor, config: LossesConfig) -> torch.Tensor:
    """(P, J) one number per joint."""
    truth = gaussian_heatmaps(torch.nan_to_num(cells), heatmaps.shape[-1], config.heatmap_sigma_cells)
    if config.heatmap_kind == 'squared':
        return (heatmaps - truth).square().mean(dim=(2, 3))
    return -(truth * torch.log(heatmaps + config.epsilon)).sum(dim=(2, 3))
