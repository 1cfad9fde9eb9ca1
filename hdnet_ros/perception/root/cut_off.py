"""People whom the image border cuts off: how much of them is missing, and how unsure that makes their place."""
from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera

# Width per height of a box around somebody upright.
_USUAL_SHAPE = 0.5
# A detector's box may end so much before the border that cuts it, in pixels and in sides of the box.
_AT_BORDER_PX, _AT_BORDER = 2.0, 0.02


def missing_px(camera: Camera, box: np.ndarray, camera_roll_deg: float = 0.0) -> np.ndarray:
    """(2,) pixels of width and height that somebody may have beyond the border; 0 where no border cuts the box.

    box: (4,) x_min, y_min, x_max, y_max, pixels of the image as received.
    camera_roll_deg: how far upright people appear turned clockwise.
    The side that is not cut tells how long the other one usually is.
    """
    shape = 1 / _USUAL_SHAPE if round(camera_roll_deg / 90) % 2 else _USUAL_SHAPE
    size = box[2:] - box[:2]
    slack = np.maximum(_AT_BORDER_PX, _AT_BORDER * size)
    cut = (box[:2] <= slack) | (box[2:] >= np.array([camera.width, camera.height]) - 1 - slack)
    usual = np.array([shape * size[1], size[0] / shape])
    return np.where(cut, np.maximum(usual - size, 0.0), 0.0)


def missing_share(camera: Camera, box: np.ndarray, camera_roll_deg: float = 0.0) -> float:
    """0..1, the larger of the shares of width and height that may be missing."""
    missing = missing_px(camera, box, camera_roll_deg)
    return float((missing / np.maximum(box[2:] - box[:2] + missing, 1e-9)).max())


def root_covariance(camera: Camera, box: np.ndarray, position: np.ndarray, camera_roll_deg: float = 0.0
                    ) -> np.ndarray:
    """(3, 3) m^2 across the line of sight, which whoever places a root by what is visible has to add.

    position: (3,) metres, camera frame. The root may as well lie in the part that is missing, whose half counts as a
    standard deviation.
    """
    missing = missing_px(camera, box, camera_roll_deg)
    if not missing.any():
        return np.zeros((3, 3))
    centre = (box[:2] + box[2:]) / 2
    # Towards the middle of the image, where the lens model has rays.
    inward = np.where(centre > np.array([camera.width, camera.height]) / 2, -1.0, 1.0)
    moved = centre + np.diag(inward * missing / 2)
    rays = camera.unproject(np.vstack([centre, moved]))
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    steps = np.linalg.norm(position) * np.nan_to_num(rays[1:] - rays[0])
    return steps.T @ steps
