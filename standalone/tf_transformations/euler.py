"""Euler angles."""
from __future__ import annotations

import numpy as np
import transforms3d
from numpy.typing import ArrayLike

from tf_transformations.quaternions import Quaternion, quaternion_matrix, w_last


def euler_matrix(ai: float, aj: float, ak: float, axes: str = 'sxyz') -> np.ndarray:
    """The (4, 4) turn by the angles `ai`, `aj`, `ak` (radians) about the axes of the sequence `axes`."""
    matrix = np.identity(4)
    matrix[:3, :3] = transforms3d.euler.euler2mat(ai, aj, ak, axes=axes)
    return matrix


def euler_from_matrix(matrix: ArrayLike, axes: str = 'sxyz') -> tuple[float, float, float]:
    """Angles (radians) that make the turn of `matrix`, (3, 3) or (4, 4), with the sequence `axes`."""
    return transforms3d.euler.mat2euler(matrix, axes=axes)


def euler_from_quaternion(quaternion: ArrayLike, axes: str = 'sxyz') -> tuple[float, float, float]:
    """Angles (radians) that make the turn of `quaternion` with the sequence `axes`."""
    return euler_from_matrix(quaternion_matrix(quaternion), axes)


def quaternion_from_euler(ai: float, aj: float, ak: float, axes: str = 'sxyz') -> Quaternion:
    """The turn by the angles `ai`, `aj`, `ak` (radians) about the axes of the sequence `axes`."""
    return w_last(transforms3d.euler.euler2quat(ai, aj, ak, axes=axes))
