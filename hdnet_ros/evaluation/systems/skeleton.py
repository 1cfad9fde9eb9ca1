"""A skeleton in the camera frame, from a lifter's pose and any system's root."""
from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.lifter.back_projection import back_project
from hdnet_ros.perception.people import Pose, Root


def joints_in_camera(pose: Pose, root: Root, camera: Camera) -> np.ndarray:
    """(17, 3) metres, camera frame, joints of ``skeleton.HUMAN36M_17``; NaN where a joint has no place.

    Of a lifter that knows pixels and relative depths, each joint lies on its own viewing ray at the depth of the root
    plus its own (paper, section 4; Tables 3 to 5), the root joint too: only the root's depth is used.
    A lifter that gives metres puts its skeleton at the root.
    """
    if pose.relative_depth_m is None:
        return root.position + pose.joints_relative
    return back_project(pose.joints_px, pose.relative_depth_m, float(root.position[2]), camera)
