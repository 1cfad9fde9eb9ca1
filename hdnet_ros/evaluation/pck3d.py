"""3DPCK: the share of joints nearer than 15 cm to their true place, and the area under that share."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..skeleton import MUPOTS_17, JointSet

# The last one is that of the PCK, all of them those of the AUC.
THRESHOLDS_M = np.arange(0, 151, 5) / 1000
# The joints of MuPoTS-3D that count, in the groups of its tables: all but pelvis, spine and head.
JOINT_GROUPS = {
    'head': ('head_top',),
    'neck': ('thorax',),
    'shoulders': ('right_shoulder', 'left_shoulder'),
    'elbows': ('right_elbow', 'left_elbow'),
    'wrists': ('right_wrist', 'left_wrist'),
    'hips': ('right_hip', 'left_hip'),
    'knees': ('right_knee', 'left_knee'),
    'ankles': ('right_foot', 'left_foot'),
}
COUNTED_JOINTS = tuple(name for name in MUPOTS_17.joints if any(name in group for group in JOINT_GROUPS.values()))


@dataclass(frozen=True, eq=False)
class PckCount:
    """How many joints are near their true place. Counts of different people can be added.

    joints: names of the J joints that count.
    near: (31, J) joints strictly nearer than each of ``THRESHOLDS_M``; total: (J,) joints that the truth knows.
    """

    joints: tuple[str, ...]
    near: np.ndarray
    total: np.ndarray

    def __add__(self, other: PckCount) -> PckCount:
        if self.joints != other.joints:
            raise ValueError('counts of different joints cannot be added')
        return PckCount(self.joints, self.near + other.near, self.total + other.total)

    @property
    def pck(self) -> float:
        """Share of all joints that are strictly nearer than 15 cm; NaN without any."""
        return _share(self.near[-1].sum(), self.total.sum())

    @property
    def auc(self) -> float:
        """Mean of the shares at all thresholds; NaN without any joint."""
        return float(np.mean([_share(near, self.total.sum()) for near in self.near.sum(axis=1)]))

    def by_joint(self) -> dict[str, float]:
        """The PCK of every joint."""
        return {name: self.of([name]).pck for name in self.joints}

    def by_group(self) -> dict[str, float]:
        """The PCK of every group of ``JOINT_GROUPS``."""
        return {name: self.of(group).pck for name, group in JOINT_GROUPS.items()}

    def of(self, joints: Iterable[str]) -> PckCount:
        """The count of some of the joints; ValueError for one that is not among them."""
        joints = tuple(joints)
        columns = [self.joints.index(name) for name in joints]
        return PckCount(joints, self.near[:, columns], self.total[columns])


def joint_errors(estimated: np.ndarray, truth: np.ndarray, root: int | None = None) -> np.ndarray:
    """Distances (N, J) in metres between estimated and true joints (N, J, 3).

    root: the joint of both that is moved to the origin first (relative 3DPCK); None leaves them where they are
    (absolute 3DPCK). NaN where the truth is unknown; inf where it is known and the estimate is missing (NaN), so that
    a true person without an estimate is a row of NaN in ``estimated``.
    """
    estimated, truth = np.asarray(estimated, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if estimated.shape != truth.shape or truth.ndim != 3 or truth.shape[2] != 3:
        raise ValueError(f'expected two arrays of shape (N, J, 3), not {estimated.shape} and {truth.shape}')
    if root is not None:
        estimated, truth = estimated - estimated[:, root, None], truth - truth[:, root, None]
    distance_m = np.linalg.norm(estimated - truth, axis=2)
    return np.where(np.isfinite(truth).all(axis=2) & np.isnan(distance_m), np.inf, distance_m)


def pck3d(errors_m: np.ndarray, joint_set: JointSet = MUPOTS_17,
          joints: Iterable[str] = COUNTED_JOINTS) -> PckCount:
    """Count the joints that are near their true place.

    errors_m: (N, J) from ``joint_errors``, joints of ``joint_set``; ``joints`` names those that count.
    Source: the evaluation code of MPI-INF-3DHP and MuPoTS-3D.
    """
    joints = tuple(joints)
    errors_m = np.asarray(errors_m, dtype=np.float64)[:, [joint_set.index(name) for name in joints]]
    known = ~np.isnan(errors_m)
    near = np.zeros((len(THRESHOLDS_M), len(joints)), dtype=np.int64)
    for column in range(len(joints)):
        # The first threshold that an error is strictly below; len(THRESHOLDS_M) if there is none.
        first = np.searchsorted(THRESHOLDS_M, errors_m[known[:, column], column], side='right')
        near[:, column] = np.cumsum(np.bincount(first, minlength=len(THRESHOLDS_M) + 1))[:-1]
    return PckCount(joints, near, known.sum(axis=0))


def _share(part: int, total: int) -> float:
    return float(part / total) if total else float('nan')
