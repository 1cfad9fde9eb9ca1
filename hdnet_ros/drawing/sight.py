"""The field of view of a camera as the views from above and from the side show it."""
from __future__ import annotations

import numpy as np

from ..camera import Camera
from ..distortion import LARGEST_ANGLE
from .level import FORWARD, Level

_PER_SIDE = 33      # points on each side of the image


def sight(camera: Camera, level: Level, axis: int) -> tuple[float, float]:
    """The smallest and the largest angle to 'forward', of all that is in the image, in the plane of forward and axis.

    axis: RIGHT for bearings, UP for elevations.
    Radians; -pi and pi if the image shows what is straight above or below the camera.
    """
    rays = level.points(_border_rays(camera))
    angles = np.unwrap(np.arctan2(rays[:, axis], rays[:, FORWARD]))
    if abs(angles[-1] - angles[0]) > np.pi:
        return -np.pi, np.pi
    low, high = angles.min(), angles.max()
    turns = 2 * np.pi * np.round((low + high) / (4 * np.pi))     # it may have started behind the camera
    return float(low - turns), float(high - turns)


def _border_rays(camera: Camera) -> np.ndarray:
    """(N, 3) rays once around the image, the first one again at the end.

    Where the lens model has none at the border, the outermost one in that direction.
    """
    along = np.linspace(0, 1, _PER_SIDE)[:, None]
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]) * (camera.width - 1, camera.height - 1)
    pixels = np.concatenate([a + along * (b - a) for a, b in zip(corners, corners[1:], strict=False)])
    rays = camera.unproject(pixels)
    lost = np.isnan(rays[:, 2])
    outward = (pixels[lost] - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    outermost = min(camera.distortion.max_radius, np.tan(LARGEST_ANGLE))
    rays[lost] = np.concatenate([outermost * outward, np.ones((len(outward), 1))], axis=1)
    return rays
