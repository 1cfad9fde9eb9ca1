"""4x4 transforms."""
from __future__ import annotations

import math

import numpy as np
import transforms3d
from numpy.typing import ArrayLike


def identity_matrix() -> np.ndarray:
    """The transform that changes nothing, (4, 4)."""
    return np.identity(4)


def translation_matrix(direction: ArrayLike) -> np.ndarray:
    """The (4, 4) transform that moves by the vector `direction` (3,)."""
    matrix = np.identity(4)
    matrix[:3, 3] = np.asarray(direction, dtype=float)[:3]
    return matrix


def translation_from_matrix(matrix: ArrayLike) -> np.ndarray:
    """The vector (3,) by which `matrix` moves the origin."""
    return np.array(matrix, dtype=float)[:3, 3]


def rotation_matrix(angle: float, direction: ArrayLike, point: ArrayLike | None = None) -> np.ndarray:
    """The (4, 4) turn by `angle` about the axis `direction` (3,) through `point` (3,), or through the origin."""
    return transforms3d.axangles.axangle2aff(direction, angle, point=point)


def rotation_from_matrix(matrix: ArrayLike) -> tuple[float, np.ndarray, np.ndarray]:
    """Angle, axis (3,) and a point of the axis (4,) of a (4, 4) turn."""
    direction, angle, point = transforms3d.axangles.aff2axangle(np.asarray(matrix, dtype=float))
    return angle, direction, point


def inverse_matrix(matrix: ArrayLike) -> np.ndarray:
    """The inverse of a square matrix."""
    return np.linalg.inv(matrix)


def concatenate_matrices(*matrices: ArrayLike) -> np.ndarray:
    """The product of (4, 4) transforms; the last one acts first."""
    product = np.identity(4)
    for matrix in matrices:
        product = product @ np.asarray(matrix, dtype=float)
    return product


def is_same_transform(matrix0: ArrayLike, matrix1: ArrayLike) -> bool:
    """Whether two homogeneous (4, 4) matrices mean the same, whatever their scale."""
    first, second = np.asarray(matrix0, dtype=float), np.asarray(matrix1, dtype=float)
    return bool(np.allclose(first / first[3, 3], second / second[3, 3]))


def vector_norm(data: ArrayLike, axis: int | None = None) -> float | np.ndarray:
    """The length of a vector, or of the vectors along `axis`; of all numbers if `axis` is None."""
    data = np.asarray(data, dtype=float)
    if data.ndim == 1:
        return math.sqrt(np.dot(data, data))
    return np.atleast_1d(np.sqrt(np.sum(data * data, axis=axis)))


def unit_vector(data: ArrayLike, axis: int | None = None) -> np.ndarray:
    """A vector, or the vectors along `axis`, scaled to length 1."""
    data = np.asarray(data, dtype=float)
    if data.ndim == 1:
        return data / math.sqrt(np.dot(data, data))
    return data / np.sqrt(np.sum(data * data, axis=axis, keepdims=axis is not None))
