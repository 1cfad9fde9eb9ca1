"""Views of the image that are turned to people beside the optical axis."""
from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.view_rotation import view_rotation

# Sine of the angle from straight up or down within which nothing is upright.
_STRAIGHT_DOWN = 0.02


def turned_view(camera: Camera, ideal: np.ndarray, least_deg: float, camera_roll_deg: float = 0.0
                ) -> CameraView | None:
    """The view that looks straight at an ideal pixel (2,); None if that is no farther than so from the axis, or NaN.

    People stand as upright in it as in the camera's own picture turned back by ``camera_roll_deg``: the view is panned
    and tilted, but not leaned over.
    """
    ray = np.array([*(ideal - camera.K[:2, 2]) / (camera.fx, camera.fy), 1.0])
    if not np.hypot(*ray[:2]) > np.tan(np.radians(least_deg)):
        return None
    z = ray / np.linalg.norm(ray)
    roll = np.radians(camera_roll_deg)
    x = np.cross([-np.sin(roll), np.cos(roll), 0.0], z)
    if np.linalg.norm(x) < _STRAIGHT_DOWN:
        return CameraView.of(camera, view_rotation(ray))
    x /= np.linalg.norm(x)
    return CameraView.of(camera, np.column_stack([x, np.cross(z, x), z]))
