"""Quaternions in the order of ROS: x, y, z, w."""
from __future__ import annotations

import math

import numpy as np
import transforms3d
from numpy.typing import ArrayLike

from tf_transformations.matrices import unit_vector

Quaternion = tuple[float, float, float, float]
NEGLIGIBLE = 4.0 * np.finfo(float).eps


def w_first(quaternion: ArrayLike) -> Quaternion:
    """(x, y, z, w) to the order of transforms3d, (w, x, y, z)."""
    x, y, z, w = quaternion
    return w, x, y, z


def w_last(quaternion: ArrayLike) -> Quaternion:
    """(w, x, y, z), the order of transforms3d, to (x, y, z, w)."""
    w, x, y, z = quaternion
    return x, y, z, w


def quaternion_about_axis(angle: float, axis: ArrayLike) -> Quaternion:
    """The turn by `angle` about `axis` (3,)."""
    return w_last(transforms3d.quaternions.axangle2quat(axis, angle))


def quaternion_matrix(quaternion: ArrayLike) -> np.ndarray:
    """The (4, 4) turn of a quaternion, which need not have length 1."""
    matrix = np.identity(4)
    matrix[:3, :3] = transforms3d.quaternions.quat2mat(w_first(quaternion))
    return matrix


def quaternion_from_matrix(matrix: ArrayLike) -> Quaternion:
    """The turn in a (4, 4) transform; w >= 0. Scale and shear are taken out first."""
    _, turn, _, _ = transforms3d.affines.decompose44(np.asarray(matrix, dtype=float))
    return w_last(transforms3d.quaternions.mat2quat(turn))


def quaternion_multiply(quaternion1: ArrayLike, quaternion0: ArrayLike) -> Quaternion:
    """The turn `quaternion0` followed by `quaternion1`."""
    return w_last(transforms3d.quaternions.qmult(w_first(quaternion1), w_first(quaternion0)))


def quaternion_conjugate(quaternion: ArrayLike) -> np.ndarray:
    """The quaternion with its vector part reversed, (4,)."""
    x, y, z, w = quaternion
    return np.array([-x, -y, -z, w], dtype=float)


def quaternion_inverse(quaternion: ArrayLike) -> np.ndarray:
    """The quaternion whose product with `quaternion` is 1, (4,)."""
    return quaternion_conjugate(quaternion) / np.dot(quaternion, quaternion)


def quaternion_slerp(quat0: ArrayLike, quat1: ArrayLike, fraction: float, spin: int = 0,
                     shortestpath: bool = True) -> np.ndarray:
    """The turn at `fraction` (0..1) of the way from `quat0` to `quat1` at constant speed, (4,).

    An even `spin` adds that many whole turns on the way; `shortestpath` may reverse `quat1`, which is the same turn.
    """
    first, second = unit_vector(quat0), unit_vector(quat1)
    if fraction == 0.0:
        return first
    if fraction == 1.0:
        return second
    cosine = float(np.dot(first, second))
    if abs(abs(cosine) - 1.0) < NEGLIGIBLE:
        return first
    if shortestpath and cosine < 0.0:
        cosine, second = -cosine, -second
    angle = math.acos(cosine) + spin * math.pi
    if abs(angle) < NEGLIGIBLE:
        return first
    return (math.sin((1.0 - fraction) * angle) * first + math.sin(fraction * angle) * second) / math.sin(angle)
