"""People who stand and walk, with arms and legs that swing."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17

Path = Callable[[float], np.ndarray]   # seconds -> (3,) metres

# (x to the person's left, y down, z back) metres from the pelvis, of somebody 1.75 m tall.
_REST = {
    'hip': (0, 0, 0), 'right_hip': (-0.13, 0, 0), 'right_knee': (-0.13, 0.45, 0), 'right_foot': (-0.13, 0.9, 0),
    'left_hip': (0.13, 0, 0), 'left_knee': (0.13, 0.45, 0), 'left_foot': (0.13, 0.9, 0), 'spine': (0, -0.24, 0),
    'thorax': (0, -0.5, 0), 'neck': (0, -0.6, -0.05), 'head': (0, -0.75, 0), 'left_shoulder': (0.16, -0.46, 0),
    'left_elbow': (0.18, -0.18, 0), 'left_wrist': (0.18, 0.07, 0), 'right_shoulder': (-0.16, -0.46, 0),
    'right_elbow': (-0.18, -0.18, 0), 'right_wrist': (-0.18, 0.07, 0)}
# How far each joint swings fore and aft when walking, metres; left and right in turn.
_SWING = {'knee': 0.18, 'foot': 0.32, 'elbow': -0.1, 'wrist': -0.22}
_STEPS_HZ = 0.9


def standing(place: tuple[float, float, float], sway_m: float = 0.004) -> Path:
    """Somebody who stands and sways a little, a third of a hertz."""
    middle = np.asarray(place, dtype=float)
    return lambda t: middle + sway_m * np.array([np.sin(2.1 * t), 0.0, np.sin(1.7 * t + 1)])


def walking(begin: tuple[float, float, float], velocity: tuple[float, float, float]) -> Path:
    """Somebody who walks straight on; the pelvis bobs with each step."""
    begin, velocity = np.asarray(begin, dtype=float), np.asarray(velocity, dtype=float)
    return lambda t: begin + velocity * t + [0.0, 0.02 * np.sin(4 * np.pi * _STEPS_HZ * t), 0.0]


def pacing(middle: tuple[float, float, float], direction: tuple[float, float, float], speed: float = 1.2,
           period_s: float = 6.0) -> Path:
    """Somebody who walks to and fro, at most that fast."""
    middle, direction = np.asarray(middle, dtype=float), np.asarray(direction, dtype=float)
    reach = speed * period_s / (2 * np.pi) * direction / np.linalg.norm(direction)
    return lambda t: middle + reach * np.sin(2 * np.pi * t / period_s)


def skeleton(t: float, walks: bool, heading_rad: float = 0.0) -> np.ndarray:
    """(17, 3) metres from the pelvis, upright in a camera that looks along the floor.

    heading_rad: 0 is towards the camera, pi / 2 to the right of the image.
    """
    joints = np.array([_REST[name] for name in HUMAN36M_17.joints], dtype=float)
    for index, name in enumerate(HUMAN36M_17.joints):
        side, _, part = name.partition('_')
        if walks and part in _SWING:
            phase = 2 * np.pi * _STEPS_HZ * t + (np.pi if side == 'left' else 0.0)
            joints[index, 2] += _SWING[part] * np.sin(phase)
    cos, sin = np.cos(heading_rad), np.sin(heading_rad)
    return joints @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
