"""From a depth and a viewing ray to a root, for systems that say no more than that."""
from __future__ import annotations

import math

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.skeleton import HUMAN36M_17


def root_ray(camera: Camera, own_ray: np.ndarray, pose: Pose | None, config: RootConfig) -> np.ndarray:
    """(3,) the ray with z = 1 on which the root lies: the system's own, or that of the lifter's root joint.

    The lifter is asked if ``config.root_pixel`` is 'lifter' and it has found the person.
    """
    if config.root_pixel == 'lifter' and pose is not None:
        return camera.unproject(pose.joints_px[HUMAN36M_17.root])
    return own_ray


def place(camera: Camera, ray: np.ndarray, depth_m: float, method: str, config: RootConfig,
          log_sigma: float = math.nan) -> Root | None:
    """The root at that depth on a ray; None if it is not finite or outside the configured depths.

    ray: (3,) with z = 1. log_sigma: standard deviation of ln(depth); NaN if unknown.
    The covariance is that of the depth alone, so it is flat across the ray; all NaN if ``log_sigma`` is unknown.
    """
    position = np.asarray(ray, dtype=np.float64) * depth_m
    if not np.isfinite(position).all() or not config.reaches(position):
        return None
    return Root(position=position, covariance=log_sigma ** 2 * np.outer(position, position),
                pixel=camera.project(position), method=method)
