"""Which observation belongs to which track."""
from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import chdtri

_LOG_2PI = np.log(2 * np.pi)
# One measurement in ten errs as its whole covariance says, the others only by the part that does not stay.
_WILD = 0.1
# Boxes of one person from image to image: relative spread of the height, how it grows per second, and the density of
# the logarithm of the heights of people at large.
_SIZE_SIGMA, _SIZE_GROWTH, _SIZE_DENSITY = 0.05, 0.4, 0.7


def log_likelihood_ratio(predicted: np.ndarray, predicted_covariance: np.ndarray, measured: np.ndarray,
                         measured_covariance: np.ndarray, *, jitter_fraction: float, newcomer_density: float,
                         gate_probability: float) -> np.ndarray:
    """How much better 'this track was measured here' explains a measurement than 'somebody new stands here'.

    predicted, predicted_covariance: (T, 3) metres, (T, 3, 3); measured, measured_covariance: (N, 3), (N, 3, 3).
    jitter_fraction: share of a measurement's standard deviation that does not stay with the person: what stays is in
        the prediction already. Most measurements err by that, some by all.
    newcomer_density: unexpected measurements per cubic metre.
    Returns (T, N) natural logarithms; -inf outside the gate (chi-square of three degrees of freedom, of all errors).
    """
    innovation = measured[None] - predicted[:, None]
    distance2, wild = _log_density(innovation, predicted_covariance[:, None] + measured_covariance[None])
    _, tame = _log_density(innovation, predicted_covariance[:, None] + jitter_fraction ** 2 * measured_covariance[None])
    log_density = np.logaddexp(np.log(_WILD) + wild, np.log(1 - _WILD) + tame)
    gate = chdtri(3, 1 - gate_probability)
    return np.where(distance2 <= gate, log_density - np.log(newcomer_density), -np.inf)


def log_size_ratio(last_px: np.ndarray, gap_s: np.ndarray, measured_px: np.ndarray) -> np.ndarray:
    """How much better the size of a box fits if it is the same person than if it is anybody.

    last_px, gap_s: (T,) longer side of each track's last box, and how long ago that was; measured_px: (N,).
    Returns (T, N) natural logarithms; never far below 0, since somebody may be covered or bend down.
    """
    sigma = np.hypot(_SIZE_SIGMA, _SIZE_GROWTH * gap_s)[:, None]
    change = np.log(measured_px[None] / last_px[:, None])
    density = np.exp(-0.5 * (change / sigma) ** 2) / np.sqrt(2 * np.pi) / sigma
    return np.log(_WILD + (1 - _WILD) * density / _SIZE_DENSITY)


def assign(gain: np.ndarray) -> list[tuple[int, int]]:
    """The one-to-one pairs (row, column) with the largest total gain; leaving out a pair costs nothing.

    gain: (T, N), -inf where a pair is impossible.
    """
    if not gain.size:
        return []
    worth = np.where(gain > 0, gain, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if worth[r, c] > 0]


def _log_density(innovation: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared Mahalanobis distance and logarithm of the Gaussian density of (..., 3) under (..., 3, 3)."""
    distance2 = np.einsum('...i,...i->...', innovation, np.linalg.solve(covariance, innovation[..., None])[..., 0])
    return distance2, -0.5 * (distance2 + np.linalg.slogdet(covariance)[1] + 3 * _LOG_2PI)
