"""The camera of a scene: intrinsics, height above the floor, and how it is turned."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.config import ViewConfig

_AIM_HEIGHT_M = 0.95


@dataclass(frozen=True, eq=False)
class View:
    """A pinhole camera above a floor.

    The level frame has its origin in the camera, x right, y down, z forward along the floor, which lies at
    y = height_m.
    rotation: (3, 3) from the level frame to the camera frame.
    """

    width: int
    height: int
    K: np.ndarray
    height_m: float
    rotation: np.ndarray

    @property
    def focal_px(self) -> float:
        """Focal length; pixels are square."""
        return float(self.K[0, 0])

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) points or directions of the level frame, in the camera frame."""
        return points @ self.rotation.T

    def project(self, points_camera: np.ndarray) -> np.ndarray:
        """(..., 3) camera frame to (..., 2) px; only for points in front of the camera."""
        projected = points_camera @ self.K.T
        return projected[..., :2] / projected[..., 2:]

    def rays(self, step_px: int) -> np.ndarray:
        """(h, w, 3) directions of every ``step_px``-th pixel in the level frame."""
        u, v = np.meshgrid(np.arange((step_px - 1) / 2, self.width, step_px),
                           np.arange((step_px - 1) / 2, self.height, step_px))
        x, y = (u - self.K[0, 2]) / self.K[0, 0], (v - self.K[1, 2]) / self.K[1, 1]
        return np.stack([x, y, np.ones_like(x)], axis=-1) @ self.rotation


def draw_view(config: ViewConfig, depth_m: float, rng: np.random.Generator) -> View:
    """A random camera that looks towards people about ``depth_m`` away."""
    width, height = config.image_sizes[rng.integers(len(config.image_sizes))]
    # The field of view is that of the longer side, so that upright pictures are no telephoto shots.
    fov = np.radians(rng.uniform(*config.horizontal_fov_deg))
    focal = max(width, height) / 2 / np.tan(fov / 2)
    low = rng.random() < config.low_camera_share
    camera_height = rng.uniform(*(config.low_camera_height_m if low else config.height_m))
    aim = np.degrees(np.arctan2(camera_height - _AIM_HEIGHT_M, depth_m)) * config.aim_share
    pitch, roll = aim + rng.normal(*config.pitch_deg), rng.normal(0, config.roll_deg)
    centre = np.array([width - 1, height - 1]) / 2 + rng.normal(0, config.centre_offset, 2) * width
    K = np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1]])
    # A camera that pitches down sees level points move up: a positive turn about x.
    rotation = Rotation.from_euler('ZX', [roll, pitch], degrees=True).as_matrix()
    return View(width, height, K, float(camera_height), rotation)
