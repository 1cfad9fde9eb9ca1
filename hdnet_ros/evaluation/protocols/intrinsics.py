"""Cameras of a data set that comes without them, from the joints in space and in the image."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.datasets.files import project
from hdnet_ros.training.datasets.mupots import fit_intrinsics
from hdnet_ros.training.errors import DataSetError

from ..people_table import TruthTable
from .image_ids import mupots_sequence


@dataclass(frozen=True, eq=False)
class FittedCamera:
    """The camera of one sequence.

    K: (3, 3) px, fitted by linear least squares (fx, fy, cx, cy; no skew).
    residual_px: root mean square distance of the projected joints from those in the image.
    """

    K: np.ndarray
    residual_px: float


@dataclass(frozen=True)
class CameraDifference:
    """By how much a fitted camera differs from a given one.

    focal_share: of fx and fy, the larger, as a share of the given one: also the relative error in depth that it makes.
    center_px: distance between the principal points.
    """

    sequence: int
    focal_share: float
    center_px: float


def fit_cameras(people: TruthTable) -> dict[int, FittedCamera]:
    """The camera of every sequence that has people; joints that are not known are left out.

    Raises DataSetError, naming the sequence, if its joints do not determine a camera.
    """
    sequences = np.array([mupots_sequence(name) for name in people.image_ids], dtype=np.int64)[people.image]
    fitted = {}
    for sequence in np.unique(sequences).tolist():
        rows = sequences == sequence
        points, pixels = people.joints[rows].reshape(-1, 3), people.joints_px[rows].reshape(-1, 2)
        known = np.isfinite(points).all(axis=1) & np.isfinite(pixels).all(axis=1)
        points, pixels = points[known], pixels[known]
        try:
            K = fit_intrinsics(points, pixels)
        except DataSetError as error:
            raise DataSetError(f'TS{sequence}: {error}') from error
        square = ((project(K, points) - pixels) ** 2).sum(axis=1)
        fitted[sequence] = FittedCamera(K, float(np.sqrt(square.mean())))
    return fitted


def compare_cameras(fitted: Mapping[int, FittedCamera], given: Mapping[int, np.ndarray]) -> list[CameraDifference]:
    """Every sequence that has both a fitted camera and a given one, K (3, 3) px."""
    differences = []
    for sequence in sorted(fitted.keys() & given.keys()):
        K, other = fitted[sequence].K, given[sequence]
        share = max(abs(K[i, i] / other[i, i] - 1) for i in (0, 1))
        differences.append(CameraDifference(sequence, float(share), float(np.linalg.norm(K[:2, 2] - other[:2, 2]))))
    return differences


def describe_cameras(fitted: Mapping[int, FittedCamera], given: Mapping[int, np.ndarray]) -> str:
    """One sentence for a user: where the cameras come from, and how well the joints agree with them."""
    residual_px = max(camera.residual_px for camera in fitted.values())
    differences = compare_cameras(fitted, given)
    text = f'cameras fitted to the joints of {len(fitted)} sequences, which they project within {residual_px:.2f} px'
    if not differences:
        return text
    focal = max(differences, key=lambda each: each.focal_share)
    center = max(differences, key=lambda each: each.center_px)
    return (f'cameras of {len(differences)} sequences as given; {text} and differ from the given ones by at most '
            f'{100 * focal.focal_share:.2f} % in focal length (TS{focal.sequence}) and '
            f'{center.center_px:.1f} px in the principal point (TS{center.sequence})')
