"""Light of a scene: what comes from all around, and one key light that casts shadows."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.synthetic.config import LightConfig
from hdnet_ros.training.synthetic.panorama import Panorama
from hdnet_ros.training.synthetic.view import View

_AXES = np.concatenate([np.eye(3), -np.eye(3)])[[0, 3, 1, 4, 2, 5]]
_LOWEST_SUN = -0.25     # y of the direction to the key light: never from below
_DARKEST_SIDE = 0.3     # of the mean, so that no side of a room goes black


@dataclass(frozen=True, eq=False)
class Light:
    """Light in the camera frame.

    ambient: (6, 3) linear RGB from +x, -x, +y, -y, +z, -z. direction: (3,) unit, to the key light.
    key: (3,) linear RGB. yaw_rad: how the panorama is turned.
    """

    ambient: np.ndarray
    direction: np.ndarray
    key: np.ndarray
    yaw_rad: float


def draw_light(config: LightConfig, panorama: Panorama, view: View, rng: np.random.Generator) -> Light:
    """Light from a panorama, turned at random, of random strength and colour."""
    yaw = rng.uniform(0, 2 * np.pi)
    ambient = panorama.irradiance(_AXES @ view.rotation, yaw)
    ambient = (1 - _DARKEST_SIDE) * ambient + _DARKEST_SIDE * ambient.mean(axis=0)
    ambient *= rng.uniform(*config.ambient) / ambient.mean()
    saturation = rng.uniform(*config.ambient_saturation)
    ambient = saturation * ambient + (1 - saturation) * ambient.mean(axis=1, keepdims=True)
    if rng.random() < config.from_panorama_share:
        sun = _about_vertical(panorama.sun, -yaw)
        sun[1] = min(sun[1], _LOWEST_SUN)
    else:
        around, up = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(*config.key_elevation_deg))
        sun = np.array([np.cos(up) * np.cos(around), -np.sin(up), np.cos(up) * np.sin(around)])
    key = rng.uniform(*config.key) * (1 + rng.normal(0, 0.06, 3))
    return Light(ambient, view.to_camera(sun / np.linalg.norm(sun)), np.clip(key, 0, None), yaw)


def _about_vertical(direction: np.ndarray, angle_rad: float) -> np.ndarray:
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    x, y, z = direction
    return np.array([x * cosine + z * sine, y, z * cosine - x * sine])
