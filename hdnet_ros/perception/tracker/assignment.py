"""Which observation belongs to which track."""
from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import chdtri


def log_likelihood_ratio(predicted: np.ndarray, predicted_covariance: np.ndarray, measured: np.ndarray,
                         measured_covariance: np.ndarray, *, newcomer_density: float,
                         gate_probability: float) -> np.ndarray:
    """How much better 'this track was measured here' explains a measurement than 'somebody new stands here'.

    predicted, predicted_covariance: (T, 3) metres, (T, 3, 3); measured, measured_covariance: (N, 3), (N, 3, 3).
    newcomer_density: unexpected measurements per cubic metre.
    Returns (T, N) natural logarithms; -inf outside the gate (chi-square of three degrees of freedom).
    """
    innovation = measured[None] - predicted[:, None]
    covariance = predicted_covariance[:, None] + measured_covariance[None]
    distance2 = np.einsum('tni,tni->tn', innovation, np.linalg.solve(covariance, innovation[..., None])[..., 0])
    log_density = -0.5 * (distance2 + np.linalg.slogdet(2 * np.pi * covariance)[1])
    gate = chdtri(3, 1 - gate_probability)
    return np.where(distance2 <= gate, log_density - np.log(newcomer_density), -np.inf)


def assign(gain: np.ndarray) -> list[tuple[int, int]]:
    """The one-to-one pairs (row, column) with the largest total gain; leaving out a pair costs nothing.

    gain: (T, N), -inf where a pair is impossible.
    """
    if not gain.size:
        return []
    worth = np.where(gain > 0, gain, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if worth[r, c] > 0]
