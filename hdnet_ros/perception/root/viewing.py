"""Views of the image for HDNet: with square pixels, and turned to people beside the optical axis."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.people import Root
from hdnet_ros.perception.view_rotation import view_rotation

# Up to this ratio of the focal lengths people look neither too thin nor too wide.
_SQUARE = 1.1


def square_view(camera: Camera) -> Camera:
    """The camera itself or, if its pixels are not square, a view in its axes whose ideal pixels are."""
    if max(camera.fx, camera.fy) <= _SQUARE * min(camera.fx, camera.fy):
        return camera
    return CameraView.of(camera, np.eye(3))


def turned_view(camera: Camera, ideal: np.ndarray, least_deg: float) -> CameraView | None:
    """The view that looks straight at an ideal pixel (2,); None if that is no farther than so from the axis already."""
    ray = np.array([*(ideal - camera.K[:2, 2]) / (camera.fx, camera.fy), 1.0])
    if np.hypot(*ray[:2]) <= np.tan(np.radians(least_deg)):
        return None
    lens, axes = (camera.lens, camera.axes) if isinstance(camera, CameraView) else (camera, np.eye(3))
    return CameraView.of(lens, view_rotation(axes @ ray))


def in_lens_axes(root: Root, view: Camera) -> Root:
    """A root that was found through a view, in the axes of the camera."""
    if not isinstance(view, CameraView):
        return root
    return replace(root, position=view.to_lens(root.position), covariance=view.covariance_to_lens(root.covariance))
