"""Looking straight at something beside the optical axis."""
from __future__ import annotations

import numpy as np


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
