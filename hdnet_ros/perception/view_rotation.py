"""Looking straight at something beside the optical axis."""
from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera

_HALVINGS = 16


def view_rotation(ray: np.ndarray) -> np.ndarray:
    """(3, 3) the smallest rotation of the optical axis into a ray.

    Its columns are the axes, in the camera's, of a camera that is turned to look along the ray.
    ray: (3,) of any length, not straight backwards. If it is not finite: no rotation.
    """
    if not np.isfinite(ray).all():
        return np.eye(3)
    x, y, z = ray / np.linalg.norm(ray)
    return np.array([[1 - x * x / (1 + z), -x * y / (1 + z), x],
                     [-x * y / (1 + z), 1 - y * y / (1 + z), y],
                     [-x, -y, z]])


def nearest_ray(camera: Camera, pixel: np.ndarray) -> np.ndarray:
    """(3,) the ray of a pixel (2,) with z = 1; where the lens model has none, that of the last one towards it.

    People who are near reach beyond the image, and there a lens model may fold back. The last pixel is searched for on
    the straight line from the principal point. NaN if the pixel is not finite.
    """
    if not np.isfinite(pixel).all():
        return np.full(3, np.nan)
    ray = camera.unproject(pixel)
    if np.isfinite(ray).all():
        return ray
    middle = camera.K[:2, 2]
    known, unknown = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (known + unknown) / 2
        if np.isfinite(camera.unproject(middle + share * (pixel - middle))).all():
            known = share
        else:
            unknown = share
    return camera.unproject(middle + known * (pixel - middle))
