"""What a measurement is worth whose error outlasts an image, or that does not fit."""
from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtri

# Squared Mahalanobis distance in 3D that one good measurement in fifty exceeds.
_ODD = float(chdtri(3, 0.02))


def correlation_factor(dt_s: float, memory_s: float) -> float:
    """By how much to enlarge the variance of measurements dt_s apart whose errors are alike for memory_s.

    The mean of many such measurements is as uncertain as that of independent ones with this variance:
    (1 + r) / (1 - r) for errors with correlation r = exp(-dt / memory) from one to the next.
    """
    if memory_s <= 0:
        return 1.0
    # Two images of the same moment: no more than a thousand counts as one.
    return 1 / math.tanh(max(dt_s / (2 * memory_s), 1e-3))


def robust_factor(innovation: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """By how much to enlarge the variance of measurements that do not fit; the farther off, the less they move.

    innovation: (..., 3) metres; covariance: (..., 3, 3) that it should have.
    Returns (...), 1 where they fit.
    """
    distance2 = np.einsum('...i,...i->...', innovation, np.linalg.solve(covariance, innovation[..., None])[..., 0])
    return np.maximum(distance2 / _ODD, 1.0)
