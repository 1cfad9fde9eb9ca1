"""A root joint as a point on its viewing ray: direction and depth, each with an uncertainty of its own."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.people import Root


def on_ray(ray: np.ndarray, ray_covariance: np.ndarray, depth_m: float, log_sigma: float
           ) -> tuple[np.ndarray, np.ndarray]:
    """(3,) position and its (3, 3) covariance, metres, to first order.

    ray: (2,) x/z and y/z; ray_covariance: (2, 2). log_sigma: standard deviation of ln(depth): whoever is farther away
    by some share is so along the ray.
    """
    position = np.array([*ray, 1.0]) * depth_m
    covariance = log_sigma ** 2 * np.outer(position, position)
    covariance[:2, :2] += depth_m ** 2 * np.asarray(ray_covariance)
    return position, covariance


def ray_of(root: Root) -> tuple[np.ndarray, np.ndarray]:
    """(2,) direction x/z, y/z of a root and its (2, 2) covariance."""
    x, y, z = root.position
    jacobian = np.array([[1 / z, 0, -x / z ** 2], [0, 1 / z, -y / z ** 2]])
    return root.position[:2] / z, jacobian @ root.covariance @ jacobian.T


def log_sigma_of(root: Root) -> float:
    """Standard deviation of ln(depth) that a root claims; NaN if it claims none."""
    return float(np.sqrt(root.covariance[2, 2]) / root.position[2])
