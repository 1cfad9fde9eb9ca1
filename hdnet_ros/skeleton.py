"""Joint sets: names, bones, left/right pairs, and how one set reads in another."""
from __future__ import annotations

from dataclasses import dataclass

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
    return tuple(edge for chain in chains for edge in zip(chain[:-1], chain[1:]))


HUMAN36M_17 = JointSet(
    name='human36m_17',
    joints=('hip', 'right_hip', 'right_knee', 'right_foot', 'left_hip', 'left_knee', 'left_foot', 'spine', 'thorax',
            'neck', 'head', 'left_shoulder', 'left_elbow', 'left_wrist', 'right_shoulder', 'right_elbow', 'right_wrist'),
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
    joints=('head_top', 'thorax', 'right_shoulder', 'right_elbow', 'right_wrist', 'left_shoulder', 'left_elbow', 'left_wrist',
            'right_hip', 'right_knee', 'right_foot', 'left_hip', 'left_knee', 'left_foot', 'hip', 'spine', 'head',
            'right_hand', 'left_hand', 'right_toe', 'left_toe'),
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

# What a joint of the key's name is called in other sets, where the names differ.
_ALIASES = {'neck': ('head',), 'head': ('head_top',)}


def joint_set(name: str) -> JointSet:
    """The joint set of that name; ValueError lists the known ones."""
    if name not in JOINT_SETS:
        raise ValueError(f'unknown joint set {name!r}; known: {", ".join(JOINT_SETS)}')
    return JOINT_SETS[name]
