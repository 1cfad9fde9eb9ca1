"""From BlazePose's 33 landmarks to the 17 joints of Human3.6M."""
from __future__ import annotations

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17

LANDMARKS = 33
_NOSE, _EYES, _EARS, _MOUTH = 0, (2, 5), (7, 8), (9, 10)
_SHOULDERS, _HIPS = (11, 12), (23, 24)
_SIMPLE = {
    'left_shoulder': 11, 'right_shoulder': 12, 'left_elbow': 13, 'right_elbow': 14, 'left_wrist': 15, 'right_wrist': 16,
    'left_hip': 23, 'right_hip': 24, 'left_knee': 25, 'right_knee': 26, 'left_foot': 27, 'right_foot': 28,
}
# The crown lies above the ears by this many times the distance from mouth to eyes (about 110 mm and 67 mm in adults).
_CROWN = 1.65


def _weights() -> np.ndarray:
    rows = {name: {landmark: 1.0} for name, landmark in _SIMPLE.items()}
    rows['hip'] = dict.fromkeys(_HIPS, 0.5)
    rows['thorax'] = dict.fromkeys(_SHOULDERS, 0.5)
    rows['spine'] = dict.fromkeys(_HIPS + _SHOULDERS, 0.25)
    # Human3.6M's ninth joint lies inside the head, between the nose and the top of the spine.
    rows['neck'] = {_NOSE: 0.5, **dict.fromkeys(_EARS, 0.25)}
    rows['head'] = {**dict.fromkeys(_EARS, 0.5),
                    **dict.fromkeys(_EYES, _CROWN / 2), **dict.fromkeys(_MOUTH, -_CROWN / 2)}
    weights = np.zeros((len(HUMAN36M_17), LANDMARKS))
    for name, row in rows.items():
        weights[HUMAN36M_17.index(name), list(row)] = list(row.values())
    return weights


JOINT_WEIGHTS = _weights()


def to_joints(landmarks: np.ndarray) -> np.ndarray:
    """(33, D) landmarks -> (17, D) joints: each is a fixed combination of landmarks, in the image as in space.

    NaN for joints made of landmarks that are NaN.
    """
    known = np.isfinite(landmarks)
    lacking = (JOINT_WEIGHTS != 0) @ ~known
    return np.where(lacking, np.nan, JOINT_WEIGHTS @ np.where(known, landmarks, 0.0))


def to_confidence(landmark_confidence: np.ndarray) -> np.ndarray:
    """(33,) -> (17,): a joint is as sure as the least sure landmark that it is made of."""
    return np.where(JOINT_WEIGHTS != 0, landmark_confidence, np.inf).min(axis=1)
