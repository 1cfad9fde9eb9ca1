"""Joint sets: names, bones, left/right pairs, and how one set reads in another."""
from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class JointSet:
    """An ordered set of joints.

    joints: names in the order of every (J, ...) array.
    edges: bones, as pairs of joint indices.
    root: index of the root joint (pelvis).
    """

    name: str
    joints: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]
    root: int

    def __len__(self) -> int:
        return len(self.joints)

    def index(self, joint: str) -> int:
        """Index of a joint by name; ValueError names the known ones."""
        if joint not in self.joints:
            raise ValueError(f'no joint {joint!r} in {self.name}; it has {", ".join(self.joints)}')
        return self.joints.index(joint)

    @property
    def flip_order(self) -> tuple[int, ...]:
        """Index of each joint's mirror image: ``joints[flip_order]`` swaps left and right."""
        def mirror(name: str) -> str:
            if name.startswith('left_'):
                return 'right_' + name.removeprefix('left_')
            if name.startswith('right_'):
                return 'left_' + name.removeprefix('right_')
            return name
        return tuple(self.joints.index(mirror(name)) for name in self.joints)

    def adjacency(self) -> np.ndarray:
        """(J, J) float32: bones plus self loops, each row divided by its sum (paper, below eq. 5)."""
        matrix = np.eye(len(self), dtype=np.float32)
        for a, b in self.edges:
            matrix[a, b] = matrix[b, a] = 1
        return matrix / matrix.sum(axis=1, keepdims=True)


def _chains(*chains: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    return tuple(edge for chain in chains for edge in pairwise(chain))


HUMAN36M_17 = JointSet(
    name='human36m_17',
    joints=('hip', 'right_hip', 'right_knee', 'right_foot', 'left_hip', 'left_knee', 'left_foot', 'spine', 'thorax',
            'neck', 'head', 'left_shoulder', 'left_elbow', 'left_wrist', 'right_shoulder', 'right_elbow',
            'right_wrist'),
    edges=_chains((0, 1, 2, 3), (0, 4, 5, 6), (0, 7, 8, 9, 10), (8, 11, 12, 13), (8, 14, 15, 16)),
    root=0,
)

# PoseNet's Human3.6M set: the 17 above and, last, the middle of the shoulders, which is not evaluated.
HUMAN36M_18 = JointSet(
    name='human36m_18',
    joints=HUMAN36M_17.joints + ('mid_shoulders',),
    edges=HUMAN36M_17.edges + ((8, 17),),
    root=0,
)

MUCO_21 = JointSet(
    name='muco_21',
    joints=('head_top', 'thorax', 'right_shoulder', 'right_elbow', 'right_wrist', 'left_shoulder', 'left_elbow',
            'left_wrist', 'right_hip', 'right_knee', 'right_foot', 'left_hip', 'left_knee', 'left_foot', 'hip', 'spine',
            'head', 'right_hand', 'left_hand', 'right_toe', 'left_toe'),
    edges=_chains((0, 16, 1, 15, 14), (14, 8, 9, 10, 19), (14, 11, 12, 13, 20), (1, 2, 3, 4, 17), (1, 5, 6, 7, 18)),
    root=14,
)

# The 17 joints that MuPoTS-3D annotates are the first of MuCo's.
MUPOTS_17 = JointSet(
    name='mupots_17',
    joints=MUCO_21.joints[:17],
    edges=tuple(edge for edge in MUCO_21.edges if max(edge) < 17),
    root=14,
)

JOINT_SETS = {s.name: s for s in (HUMAN36M_17, HUMAN36M_18, MUCO_21, MUPOTS_17)}

# Joints that mean the same under another name: MuCo's head is the middle of the head, where Human3.6M has its neck/nose
# joint, and MuCo's head_top is the end of the head, which Human3.6M calls head.
_HUMAN36M_NAMES = {
    MUCO_21.name: {'head': 'neck', 'head_top': 'head'},
    MUPOTS_17.name: {'head': 'neck', 'head_top': 'head'},
}


def joint_set(name: str) -> JointSet:
    """The joint set of that name; ValueError lists the known ones."""
    if name not in JOINT_SETS:
        raise ValueError(f'unknown joint set {name!r}; known: {", ".join(JOINT_SETS)}')
    return JOINT_SETS[name]


def convert(joints: np.ndarray, source: JointSet, target: JointSet) -> np.ndarray:
    """Read joints of one set in the order of another.

    joints: (..., J, D) of ``source``, any unit.
    Returns (..., J', D) floats of ``target``; NaN for joints that the source lacks.
    Joints correspond by name, except that MuCo's head is Human3.6M's neck, and MuCo's head_top is its head.
    Raises ValueError if the array does not fit ``source``.
    """
    joints = np.asarray(joints)
    if joints.ndim < 2 or joints.shape[-2] != len(source):
        raise ValueError(f'joints of {source.name} must be (..., {len(source)}, D), not {joints.shape}')
    known = {landmark: index for index, landmark in enumerate(_landmarks(source))}
    converted = np.full((*joints.shape[:-2], len(target), joints.shape[-1]), np.nan,
                        dtype=np.result_type(joints.dtype, np.float32))
    for index, landmark in enumerate(_landmarks(target)):
        if landmark in known:
            converted[..., index, :] = joints[..., known[landmark], :]
    return converted


def _landmarks(joints: JointSet) -> list[str]:
    """Human3.6M's name for each joint, its own where Human3.6M has none."""
    names = _HUMAN36M_NAMES.get(joints.name, {})
    return [names.get(joint, joint) for joint in joints.joints]


def body_axes(joints: np.ndarray, source: JointSet = HUMAN36M_17) -> np.ndarray | None:
    """How the body is turned (REP-155): x forward, y to the left, z from the hips to the thorax.

    joints: (J, 3) of ``source``, any unit, camera frame.
    Returns the (3, 3) rotation whose columns are the body's axes in the camera frame: y from the right to the left hip,
    z from hip to thorax made orthogonal to it, x = y cross z. None if one of these joints is unknown (NaN) or the two
    directions are the same.
    """
    right, left, hip, thorax = (np.asarray(joints, dtype=np.float64)[source.index(name)]
                                for name in ('right_hip', 'left_hip', 'hip', 'thorax'))
    if not np.isfinite([right, left, hip, thorax]).all():
        return None
    y, up = left - right, thorax - hip
    x = np.cross(y, up)
    # Sine of the angle between the two directions: below this, noise would decide.
    if np.linalg.norm(x) <= 1e-3 * np.linalg.norm(y) * np.linalg.norm(up):
        return None
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return np.column_stack([x, y, np.cross(x, y)])
