"""Errors of roots, skeletons and predicted spreads, as functions of arrays.

Lengths are metres unless a name says otherwise. Estimates and truth correspond row by row.
Joints that the truth does not know (NaN) are left out everywhere; figures over nothing are NaN.
"""
from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from ..skeleton import JointSet


@dataclass(frozen=True)
class Mrpe:
    """Mean root position error, metres: the distance, and the absolute error along each axis of the camera."""

    total: float
    x: float
    y: float
    z: float


def mrpe(estimated: np.ndarray, truth: np.ndarray) -> Mrpe:
    """Mean root position error of (N, 3) estimates against (N, 3) truth, metres, camera frame.

    Source: Moon et al., ICCV 2019, section 4; paper, section 4.2.
    """
    estimated, truth = _pair(estimated, truth, 3)
    error = estimated - truth
    return Mrpe(_mean(np.linalg.norm(error, axis=-1)), *(_mean(np.abs(axis)) for axis in error.reshape(-1, 3).T))


def relative_depth_error(estimated_depth_m: np.ndarray, true_depth_m: np.ndarray) -> np.ndarray:
    """Error of each depth as a share of the true depth, in the shape of the depths; positive is too far."""
    return np.asarray(estimated_depth_m, dtype=np.float64) / np.asarray(true_depth_m, dtype=np.float64) - 1


def coverage(error: np.ndarray, sigma: np.ndarray, probability: float = 0.95) -> float:
    """Share of the errors that lie within the interval which a normal distribution fills with that probability.

    error: (N,) of any unit, for example ``ln(depth / true depth)``; sigma: (N,) predicted standard deviations.
    Estimates without a sigma (NaN) are left out. An honest prediction has a coverage equal to the probability.
    """
    error, sigma = _pair(error, sigma)
    if not 0 < probability < 1:
        raise ValueError(f'probability must lie between 0 and 1, not {probability}')
    known = np.isfinite(error) & np.isfinite(sigma)
    return _mean((np.abs(error) <= NormalDist().inv_cdf(0.5 + probability / 2) * sigma)[known])


def mpjpe(estimated: np.ndarray, truth: np.ndarray, root: int | None = 0) -> float:
    """Mean distance over all joints of (N, J, 3) skeletons, with the joint ``root`` of both moved to the origin.

    ``root=None`` compares the skeletons as they stand. NaN if an estimate lacks a joint that the truth has.
    """
    estimated, truth = _pair(estimated, truth, 3)
    if root is not None:
        estimated, truth = estimated - estimated[:, root, None], truth - truth[:, root, None]
    return _mean_distance(estimated, truth)


def pa_mpjpe(estimated: np.ndarray, truth: np.ndarray, scale: bool = False) -> float:
    """Mean distance over all joints of (N, J, 3) skeletons after the best rotation and translation of each estimate.

    With ``scale`` its size is fitted too; the protocol of Human3.6M as used by Moon et al. does not.
    """
    estimated, truth = _pair(estimated, truth, 3)
    return _mean_distance(align(estimated, truth, scale), truth)


def align(estimated: np.ndarray, truth: np.ndarray, scale: bool = False) -> np.ndarray:
    """Each estimated skeleton (N, J, 3), rotated, moved and optionally scaled onto its truth by least squares.

    Reflections are not allowed. Source: Umeyama, PAMI 1991, equations 39 to 43.
    """
    estimated, truth = _pair(estimated, truth, 3)
    known = np.isfinite(truth).all(axis=2)
    share = (known / np.maximum(known.sum(axis=1, keepdims=True), 1))[:, :, None]
    true_center = np.sum(np.where(known[:, :, None], truth, 0) * share, axis=1, keepdims=True)
    center = np.sum(np.where(known[:, :, None], estimated, 0) * share, axis=1, keepdims=True)
    target = np.where(known[:, :, None], truth - true_center, 0)
    source = np.where(known[:, :, None], estimated - center, 0)
    possible = np.isfinite(source).all(axis=(1, 2))
    covariance = np.where(possible[:, None, None], np.einsum('nja,njb->nab', target, source), 0)
    left, spread, right = np.linalg.svd(covariance)
    sign = np.ones((len(estimated), 3))
    sign[:, 2] = np.where(np.linalg.det(left) * np.linalg.det(right) < 0, -1, 1)
    rotation = (left * sign[:, None]) @ right
    size = np.ones(len(estimated))
    if scale:
        energy = np.sum(source ** 2, axis=(1, 2))
        size = np.divide(np.sum(spread * sign, axis=1), energy, out=size, where=energy > 0)
    return size[:, None, None] * (estimated - center) @ rotation.transpose(0, 2, 1) + true_center


def torso_length(joints: np.ndarray, joint_set: JointSet) -> np.ndarray:
    """(N,) distance from hip to thorax of (N, J, D) joints, in their unit; NaN where one of them is unknown."""
    joints = np.asarray(joints, dtype=np.float64)
    return np.linalg.norm(joints[:, joint_set.index('hip')] - joints[:, joint_set.index('thorax')], axis=-1)


def pck_2d(estimated_px: np.ndarray, truth_px: np.ndarray, torso_px: np.ndarray, fraction: float = 0.2) -> float:
    """Share of the joints within a fraction of the length of the torso of their place in the image.

    estimated_px, truth_px: (N, J, 2); torso_px: (N,), for example ``torso_length`` of the truth.
    An estimate that lacks a joint is wrong there; people whose torso is unknown are left out.
    """
    estimated_px, truth_px = _pair(estimated_px, truth_px, 2)
    limit = np.broadcast_to(fraction * np.asarray(torso_px, dtype=np.float64)[:, None], truth_px.shape[:2])
    known = np.isfinite(truth_px).all(axis=2) & np.isfinite(limit)
    return _mean((np.linalg.norm(estimated_px - truth_px, axis=2) <= limit)[known])


def _mean_distance(estimated: np.ndarray, truth: np.ndarray) -> float:
    return _mean(np.linalg.norm(estimated - truth, axis=2)[np.isfinite(truth).all(axis=2)])


def _mean(values: np.ndarray) -> float:
    return float(np.mean(values)) if values.size else float('nan')


def _pair(estimated: np.ndarray, truth: np.ndarray, size: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    estimated, truth = np.asarray(estimated, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if estimated.shape != truth.shape:
        raise ValueError(f'estimates {estimated.shape} and truth {truth.shape} do not correspond')
    if size is not None and estimated.shape[-1:] != (size,):
        raise ValueError(f'expected arrays of shape (..., {size}), not {estimated.shape}')
    return estimated, truth
