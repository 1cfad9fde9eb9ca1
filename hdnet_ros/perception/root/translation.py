"""Where a skeleton of known size stands, from the rays to its joints.

A joint at X, relative to the root, seen along the ray (a, b, 1) from the camera, says of the root t:
    t_x - a t_z = a X_z - X_x        t_y - b t_z = b X_z - X_y
Two linear equations in metres: how far the joint lies beside its ray, in the joint's own depth plane. For people far
off the optical axis that is not how far it lies from the ray, so those who call turn the axes towards them first.
Metres are the unit to minimise, because a lifter's 3D joints are worse than its 2D ones: their errors then stand on the
side of the equations where least squares expects them.
A further minimisation in pixels changes the depth by less than half a percent on real footage, so there is none.
"""
from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

# The spread of a lifter's joints around the truth, believed until the residuals say otherwise, and how many equations
# that is worth.
PRIOR_SIGMA_M = 0.05
PRIOR_EQUATIONS = 4.0

_SUBSET_JOINTS = 4
_SINGULAR = 1e-9


@dataclass(frozen=True, eq=False)
class Translation:
    """A fitted root.

    position: (3,) metres.
    covariance: (3, 3) square metres, of the fit alone (the skeleton's size taken as true).
    inliers: (J,) bool, the joints that were used.
    """

    position: np.ndarray
    covariance: np.ndarray
    inliers: np.ndarray


def residuals(positions: np.ndarray, rays: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How far each joint lies beside its ray, in metres.

    positions: (..., 3) roots; rays: (J, 2) x/z and y/z; points: (J, 3) relative to the root. Returns (..., J).
    """
    joints = points + positions[..., None, :]
    beside = joints[..., :2] - rays * joints[..., 2:]
    return np.linalg.norm(beside, axis=-1)


def fit_translation(rays: np.ndarray, points: np.ndarray, weights: np.ndarray) -> Translation | None:
    """The root that brings all joints closest to their rays.

    rays: (J, 2) x/z and y/z; points: (J, 3) metres relative to the root; weights: (J,) >= 0, inverse to the joints'
        variances.
    None if the joints do not determine it (fewer than two, or all in one direction).
    """
    matrices, vectors = _normal_equations(rays, points, weights)
    matrix = matrices.sum(axis=0)
    if not _solvable(matrix):
        return None
    position = np.linalg.solve(matrix, vectors.sum(axis=0))
    used = weights > 0
    squares = (weights * residuals(position, rays, points) ** 2).sum()
    # Weights scale out: only their ratios matter.
    scale = weights[used].mean()
    freedom = max(2 * used.sum() - 3, 0)
    variance = (squares / scale + PRIOR_EQUATIONS * PRIOR_SIGMA_M ** 2) / (freedom + PRIOR_EQUATIONS)
    return Translation(position, variance * scale * np.linalg.inv(matrix), used)


def fit_translation_ransac(rays: np.ndarray, points: np.ndarray, weights: np.ndarray, *, inlier_m: float,
                           inlier_rad: float, depths_m: tuple[float, float], subsets: int,
                           seed: int) -> Translation | None:
    """The root that most joints agree on.

    Tries subsets of four joints (all of them if there are no more than ``subsets``), keeps the root with the least
    truncated squared residual, and refits to the joints that lie within ``inlier_m`` metres and ``inlier_rad`` radians
    (in quadrature) of their rays.
    depths_m: roots outside are not considered. Otherwise as ``fit_translation``; None if no subset yields a root on
    which more joints agree than a subset has.
    """
    usable = np.flatnonzero(weights > 0)
    if len(usable) <= _SUBSET_JOINTS:
        return fit_translation(rays, points, weights)
    matrices, vectors = _normal_equations(rays[usable], points[usable], weights[usable])
    chosen = _subset_masks(len(usable), subsets, seed)
    count = len(usable)
    matrix = (chosen @ matrices.reshape(count, 9)).reshape(-1, 3, 3)
    vector = chosen @ vectors
    good = _solvable(matrix)
    positions = np.linalg.solve(matrix[good], vector[good][..., None])[..., 0]
    positions = positions[(positions[:, 2] > depths_m[0]) & (positions[:, 2] < depths_m[1])]
    if not len(positions):
        return None
    limit2 = inlier_m ** 2 + (inlier_rad * positions[:, 2:]) ** 2
    distance2 = residuals(positions, rays[usable], points[usable]) ** 2
    best = int(np.argmin((np.minimum(distance2 / limit2, 1) * weights[usable]).sum(axis=1)))
    inliers = distance2[best] <= limit2[best]
    result = fit_translation(rays, points, _only(weights, usable[inliers]))
    if result is None:
        return None
    # The subset's root is rough; the joints that agree with the refitted one are the final choice.
    limit2 = inlier_m ** 2 + (inlier_rad * result.position[2]) ** 2
    inliers = residuals(result.position, rays[usable], points[usable]) ** 2 <= limit2
    # Any few joints agree with the root that they define; that says nothing.
    if np.count_nonzero(inliers) <= _SUBSET_JOINTS:
        return None
    return fit_translation(rays, points, _only(weights, usable[inliers])) or result


def _normal_equations(rays: np.ndarray, points: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each joint's weighted share of the normal equations: (J, 3, 3) and (J, 3)."""
    a, b = rays[:, 0], rays[:, 1]
    zero, one = np.zeros_like(a), np.ones_like(a)
    rows = np.stack([np.stack([one, zero, -a], axis=-1), np.stack([zero, one, -b], axis=-1)], axis=1)
    right = rays * points[:, 2:] - points[:, :2]
    weighted = rows * weights[:, None, None]
    return np.einsum('jri,jrk->jik', weighted, rows), np.einsum('jri,jr->ji', weighted, right)


def _solvable(matrix: np.ndarray) -> np.ndarray:
    """(..., 3, 3) normal equations -> whether rays differ enough in direction to tell the depth."""
    weight = np.maximum(matrix[..., 0, 0], 1e-300)
    # What is left of the depth's equation once the lateral position is eliminated: the weighted spread of the rays.
    spread = (matrix[..., 2, 2] - (matrix[..., 0, 2] ** 2 + matrix[..., 1, 2] ** 2) / weight) / weight
    return (matrix[..., 0, 0] > 0) & (spread > _SINGULAR)


def _only(weights: np.ndarray, indices: np.ndarray) -> np.ndarray:
    kept = np.zeros_like(weights)
    kept[indices] = weights[indices]
    return kept


@lru_cache(maxsize=32)
def _subset_masks(count: int, subsets: int, seed: int) -> np.ndarray:
    """(S, count) of 0 and 1: which of ``count`` joints each subset holds."""
    if comb(count, _SUBSET_JOINTS) <= subsets:
        chosen = np.array(list(combinations(range(count), _SUBSET_JOINTS)))
    else:
        chosen = np.argsort(np.random.default_rng(seed).random((subsets, count)), axis=1)[:, :_SUBSET_JOINTS]
    masks = np.zeros((len(chosen), count))
    masks[np.arange(len(chosen))[:, None], chosen] = 1
    masks.setflags(write=False)
    return masks
