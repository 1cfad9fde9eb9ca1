"""Robots that move: where their camera is at a time, in a frame that stands still and in which cameras look along z."""
from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose


def driving_past(t: float, speed: float = 1.2) -> CameraPose:
    """To the right and back at a steady speed (m/s), turning every 1.5 s."""
    leg_s = 1.5
    phase = t % (2 * leg_s)
    return CameraPose(np.eye(3), np.array([speed * min(phase, 2 * leg_s - phase), 0.0, 0.0]))


def turning(t: float, rate_deg_s: float = 70.0) -> CameraPose:
    """To the left and right, up to that fast, 16 degrees each way."""
    reach_rad = 0.28
    yaw = reach_rad * np.sin(np.radians(rate_deg_s) / reach_rad * t)
    return CameraPose(Rotation.from_euler('y', yaw).as_matrix(), np.zeros(3))
