"""Skeletons with the bone lengths of the truth, so that only directions are compared."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..skeleton import MUPOTS_17

# By which joint the evaluation of MuPoTS-3D holds every joint of MUPOTS_17; the pelvis holds itself. It hangs the top
# of the head on the thorax, not on the head as ``MUPOTS_17.edges`` does.
MUPOTS_PARENTS = tuple(MUPOTS_17.index(name) for name in (
    'thorax', 'spine', 'thorax', 'right_shoulder', 'right_elbow', 'thorax', 'left_shoulder', 'left_elbow', 'hip',
    'right_hip', 'right_knee', 'hip', 'left_hip', 'left_knee', 'hip', 'hip', 'thorax'))


def rescale_bones(estimated: np.ndarray, truth: np.ndarray, parents: Sequence[int] = MUPOTS_PARENTS) -> np.ndarray:
    """The estimate with the bone lengths of the truth, from the root outward.

    estimated, truth: (N, J, 3), any unit; parents: the joint that holds each joint, for the root the root itself.
    Every bone keeps its direction in the estimate and takes its length from the truth; the root keeps its place.
    A bone of no length has no direction: its end, and what hangs on it, becomes NaN.
    Source: the evaluation code of MuPoTS-3D (Mehta et al., 3DV 2018).
    """
    estimated, truth = np.asarray(estimated, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if estimated.shape != truth.shape or estimated.shape[1:] != (len(parents), 3):
        raise ValueError(f'expected two arrays (N, {len(parents)}, 3), not {estimated.shape} and {truth.shape}')
    parents = np.asarray(parents)
    bones = estimated - estimated[:, parents]
    length = np.linalg.norm(bones, axis=2, keepdims=True)
    true_length = np.linalg.norm(truth - truth[:, parents], axis=2, keepdims=True)
    with np.errstate(invalid='ignore', divide='ignore'):
        bones = np.where(length > 0, bones / length * true_length, np.nan)
    scaled = estimated.copy()
    for joint in outward(parents):
        scaled[:, joint] = scaled[:, parents[joint]] + bones[:, joint]
    return scaled


def outward(parents: Sequence[int]) -> list[int]:
    """All joints but the root, each after its parent; ValueError if they do not form one tree."""
    reached = [joint for joint, parent in enumerate(parents) if joint == parent]
    if len(reached) != 1:
        raise ValueError(f'expected one joint that is its own parent, not {len(reached)}')
    for joint in reached:
        reached += [child for child, parent in enumerate(parents) if parent == joint and child != joint]
    if len(reached) != len(parents):
        raise ValueError('some joints do not hang on the root')
    return reached[1:]
