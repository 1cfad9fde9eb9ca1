"""A person as points in space."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.people import Person

# Costmaps have cells of about 5 cm; obstacle layers only need some point between their lowest and highest height.
_ALONG_M = 0.1
_AROUND_M = 0.05
# From the hips to the soles and to the crown, if the skeleton does not say it.
_BELOW_M, _ABOVE_M = 0.95, 0.8


def joint_points(person: Person) -> np.ndarray:
    """(N, 3) metres, camera frame: the joints that are known, and the root in any case."""
    known = np.isfinite(person.joints).all(axis=1)
    return np.vstack([person.root, person.joints[known]])


def cylinder_points(person: Person, up_camera: np.ndarray, radius_m: float) -> np.ndarray:
    """(N, 3) metres, camera frame: the mantle of an upright cylinder around the root, from the lowest to the highest
    joint, densely enough for costmaps.

    up_camera: (3,) unit vector against gravity.
    """
    heights = (person.joints - person.root) @ up_camera
    heights = heights[np.isfinite(heights)]
    low, high = (heights.min(), heights.max()) if heights.size else (-_BELOW_M, _ABOVE_M)
    levels = np.linspace(low, high, max(2, int(np.ceil((high - low) / _ALONG_M)) + 1))
    angles = np.linspace(0, 2 * np.pi, max(8, int(np.ceil(2 * np.pi * radius_m / _AROUND_M))), endpoint=False)
    first, second = _horizontal_axes(up_camera)
    ring = radius_m * (np.cos(angles)[:, None] * first + np.sin(angles)[:, None] * second)
    return (person.root + levels[:, None, None] * up_camera + ring).reshape(-1, 3)


def _horizontal_axes(up: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors at right angles to each other and to up."""
    aside = np.eye(3)[np.argmin(np.abs(up))]
    first = np.cross(up, aside)
    first = first / np.linalg.norm(first)
    return first, np.cross(up, first)
