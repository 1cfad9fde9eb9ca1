"""Metres from pixels and depths: for lifters that give a skeleton's depth in metres, but the rest in pixels."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Pose
from hdnet_ros.skeleton import HUMAN36M_17


def back_project(joints_px: np.ndarray, relative_depth_m: np.ndarray, root_depth_m: float,
                 camera: Camera) -> np.ndarray:
    """Joints in the camera frame (paper, section 4: each joint at the root's depth plus its own relative depth).

    joints_px: (J, 2) pixels of the image as received; relative_depth_m: (J,) metres from the root.
    Returns (J, 3) metres; NaN for a joint that would lie at or behind the camera, or whose pixel has no ray.
    """
    depth_m = root_depth_m + np.asarray(relative_depth_m, dtype=float)
    return camera.unproject(joints_px) * np.where(depth_m > 0, depth_m, np.nan)[:, None]


def at_depth(pose: Pose, root_depth_m: float, camera: Camera) -> Pose:
    """The pose with the metres it has if its root is at that depth; the same pose if its lifter gives metres anyway.

    Joints that cannot be where they would lie then are NaN, and nobody is confident of them.
    """
    if pose.relative_depth_m is None:
        return pose
    # The lifter's own idea of the root's depth need not be 0.
    relative_depth_m = pose.relative_depth_m - pose.relative_depth_m[HUMAN36M_17.root]
    joints = back_project(pose.joints_px, relative_depth_m, root_depth_m, camera)
    relative = joints - joints[HUMAN36M_17.root]
    known = np.isfinite(relative).all(axis=1)
    return replace(pose, joints_relative=relative, confidence=np.where(known, pose.confidence, 0.0))
