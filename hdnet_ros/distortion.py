"""Lens distortion: from ideal to distorted rays and back, and where a model stops making sense.

All functions work on normalised image coordinates: the ray (x, y, 1) of a pinhole camera with focal length 1.
A polynomial fitted to a lens inside the image may turn back outside it: two rays then fall on the same pixel and the
wrong one shows a folded picture. Each model therefore knows the radius up to which it is monotonic; rays beyond it, and
distorted coordinates that no ray below it reaches, become NaN.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

TABLE_SIZE = 2048
FOLD_RINGS = 256
FOLD_DIRECTIONS = 16
NEWTON_STEPS = 20
TOLERANCE = 1e-10
LARGEST_ANGLE = np.radians(89.9)


@dataclass(frozen=True, eq=False)
class NoDistortion:
    """The ideal pinhole."""

    max_radius: float = np.inf

    def distort(self, rays: np.ndarray) -> np.ndarray:
        """(..., 2) ideal -> (..., 2) distorted: the same."""
        return np.array(rays, dtype=np.float64)

    undistort = distort


@dataclass(frozen=True, eq=False)
class PolynomialDistortion:
    """The Brown-Conrady model of OpenCV: plumb_bob and rational_polynomial.

    coefficients: (4 | 5 | 8 | 12 | 14,) k1 k2 p1 p2 [k3 [k4 k5 k6 [s1 s2 s3 s4 [tau_x tau_y]]]].
    """

    coefficients: np.ndarray
    max_radius: float = field(init=False)

    def __post_init__(self) -> None:
        numerator, denominator = self._radial_polynomials()
        # With s = r^2: the slope of r N(s)/M(s) is zero where (N + 2 s N') M - 2 s N M' is; a pole is where M is zero.
        two_s = np.poly1d([2, 0])
        slope = (numerator + two_s * numerator.deriv()) * denominator - two_s * numerator * denominator.deriv()
        limit = np.sqrt(min(_smallest_positive_root(slope), _smallest_positive_root(denominator)))
        radial_only = not (self.coefficients[2:4].any() or self.coefficients[8:].any())
        object.__setattr__(self, 'max_radius', float(limit if radial_only else self._first_fold(limit)))

    def distort(self, rays: np.ndarray) -> np.ndarray:
        """(..., 2) ideal -> (..., 2) distorted; NaN beyond ``max_radius``."""
        rays = np.asarray(rays, dtype=np.float64)
        distorted = self._evaluate(rays.reshape(-1, 2))[0].reshape(rays.shape)
        distorted[~(np.hypot(rays[..., 0], rays[..., 1]) <= self.max_radius)] = np.nan
        return distorted

    def undistort(self, rays: np.ndarray) -> np.ndarray:
        """(..., 2) distorted -> (..., 2) ideal; NaN where no ray within ``max_radius`` falls."""
        rays = np.asarray(rays, dtype=np.float64)
        target = rays.reshape(-1, 2)
        tolerance = TOLERANCE * (1 + _norm(target))
        # OpenCV's fixed-point iteration diverges for strong distortion. The radial part alone has an exact inverse;
        # Newton's method starts there and adds the rest.
        ideal = target * _ratio(np.interp(_norm(target), self._table[1], self._table[0]), _norm(target))
        with np.errstate(all='ignore'):
            for _ in range(NEWTON_STEPS):
                value, jacobian = self._evaluate(ideal)
                error = value - target
                if not np.any(np.abs(error) > 1e-3 * tolerance):
                    break
                ideal = ideal - _solve_2x2(jacobian, error)
                radius = _norm(ideal)
                ideal *= np.where(radius > self.max_radius, _ratio(self.max_radius, radius), 1.0)
            value, jacobian = self._evaluate(ideal)
            valid = (_norm(value - target) <= tolerance) & (_determinant(jacobian)[:, None] > 0)
        return np.where(valid, ideal, np.nan).reshape(rays.shape)

    def _evaluate(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(N, 2) -> (N, 2) distorted, not limited to ``max_radius``, and the (N, 2, 2) derivative."""
        if not len(rays):
            return np.empty((0, 2)), np.empty((0, 2, 2))
        points = np.concatenate([rays, np.ones((len(rays), 1))], axis=1)
        zero = np.zeros(3)
        distorted, jacobian = cv2.projectPoints(points, zero, zero, np.eye(3), self.coefficients)
        # The derivative by the translation in x and y is the derivative by the ray, because z is 1.
        return distorted.reshape(-1, 2), jacobian[:, 3:5].reshape(-1, 2, 2)

    def _first_fold(self, limit: float) -> float:
        """The largest radius below ``limit`` within which the model folds back in no direction, to 0.4 degrees."""
        radius = np.tan(np.linspace(0, min(np.arctan(limit), LARGEST_ANGLE), FOLD_RINGS + 1))
        angle = np.linspace(0, 2 * np.pi, FOLD_DIRECTIONS, endpoint=False)
        rays = radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
        turned = (_determinant(self._evaluate(rays.reshape(-1, 2))[1]) <= 0).reshape(rays.shape[:2]).any(axis=1)
        return radius[max(turned.argmax() - 1, 0)] if turned.any() else limit

    def _radial_polynomials(self) -> tuple[np.poly1d, np.poly1d]:
        k1, k2, _, _, k3, k4, k5, k6 = np.pad(self.coefficients, (0, 14 - len(self.coefficients)))[:8]
        return np.poly1d([k3, k2, k1, 1.0]), np.poly1d([k6, k5, k4, 1.0])

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """Radius before and after the radial part of the model, both ascending."""
        radius = np.tan(np.linspace(0, min(np.arctan(self.max_radius), LARGEST_ANGLE), TABLE_SIZE))
        numerator, denominator = self._radial_polynomials()
        return radius, radius * numerator(radius**2) / denominator(radius**2)


@dataclass(frozen=True, eq=False)
class EquidistantDistortion:
    """The fisheye model of OpenCV (Kannala-Brandt): the image radius is a polynomial of the ray's angle.

    coefficients: (4,) k1..k4 of theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8).
    Rays of 90 degrees and more have no place in a pinhole image and become NaN.
    """

    coefficients: np.ndarray
    max_angle: float = field(init=False)

    def __post_init__(self) -> None:
        k1, k2, k3, k4 = self.coefficients
        turn = _smallest_positive_root(np.poly1d([9 * k4, 7 * k3, 5 * k2, 3 * k1, 1.0]))
        object.__setattr__(self, 'max_angle', float(min(np.sqrt(turn), np.pi / 2)))

    @property
    def max_radius(self) -> float:
        """Largest radius of an ideal ray that the model maps one to one."""
        return np.inf if self.max_angle >= np.pi / 2 else float(np.tan(self.max_angle))

    def distort(self, rays: np.ndarray) -> np.ndarray:
        """(..., 2) ideal -> (..., 2) distorted; NaN beyond ``max_angle``."""
        rays = np.asarray(rays, dtype=np.float64)
        radius = _norm(rays)
        angle = np.arctan(radius)
        angle = np.where(angle <= self.max_angle, angle, np.nan)
        return rays * _ratio(self._evaluate(angle)[0], radius)

    def undistort(self, rays: np.ndarray) -> np.ndarray:
        """(..., 2) distorted -> (..., 2) ideal; NaN where no ray within ``max_angle`` falls."""
        rays = np.asarray(rays, dtype=np.float64)
        target = _norm(rays)
        grid = np.linspace(0, self.max_angle, TABLE_SIZE)
        table = self._evaluate(grid)[0]
        angle = np.interp(target, table, grid)
        with np.errstate(all='ignore'):
            for _ in range(NEWTON_STEPS):
                value, slope = self._evaluate(angle)
                if not np.any(np.abs(value - target) > TOLERANCE * 1e-3):
                    break
                angle = np.clip(angle - (value - target) / slope, 0, self.max_angle)
            # At 90 degrees the tangent is infinite.
            valid = (np.abs(self._evaluate(angle)[0] - target) <= TOLERANCE) & (angle < np.pi / 2)
            return rays * np.where(valid, _ratio(np.tan(angle), target), np.nan)

    def _evaluate(self, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Image radius and its derivative by the angle."""
        k1, k2, k3, k4 = self.coefficients
        polynomial = np.poly1d([k4, 0, k3, 0, k2, 0, k1, 0, 1.0, 0])
        return polynomial(angle), polynomial.deriv()(angle)


Distortion = NoDistortion | PolynomialDistortion | EquidistantDistortion


def make_distortion(model: str, coefficients: np.ndarray) -> Distortion:
    """The distortion of a camera; no coefficients mean an ideal pinhole."""
    if not len(coefficients):
        return NoDistortion()
    return EquidistantDistortion(coefficients) if model == 'equidistant' else PolynomialDistortion(coefficients)


def _smallest_positive_root(polynomial: np.poly1d) -> float:
    """The smallest positive real root; inf if there is none."""
    roots = polynomial.roots
    real = roots.real[(np.abs(roots.imag) <= 1e-9 * np.abs(roots)) & (roots.real > 0)]
    return float(real.min()) if len(real) else np.inf


def _norm(vectors: np.ndarray) -> np.ndarray:
    """(..., 2) -> (..., 1) length."""
    return np.hypot(vectors[..., :1], vectors[..., 1:])


def _ratio(numerator: np.ndarray | float, denominator: np.ndarray) -> np.ndarray:
    """numerator / denominator, and 1 where the denominator is zero (every model is the identity at its centre)."""
    with np.errstate(all='ignore'):
        return np.where(denominator == 0, 1.0, numerator / denominator)


def _determinant(matrices: np.ndarray) -> np.ndarray:
    return matrices[:, 0, 0] * matrices[:, 1, 1] - matrices[:, 0, 1] * matrices[:, 1, 0]


def _solve_2x2(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """(N, 2, 2), (N, 2) -> (N, 2); inf or NaN, not an exception, where a matrix is singular."""
    (a, b), (c, d) = matrices[:, 0].T, matrices[:, 1].T
    return np.stack([d * vectors[:, 0] - b * vectors[:, 1], a * vectors[:, 1] - c * vectors[:, 0]], axis=1) \
        / _determinant(matrices)[:, None]
