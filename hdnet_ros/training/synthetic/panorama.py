"""HDR panoramas: the light that comes from all around, and what a camera sees of it.

Columns go once around (the camera's frame with yaw 0 looks at column 0), rows from straight up to straight down.
Directions are in a level frame: x right, y down, z forward.
"""
from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.training.synthetic.errors import SyntheticError

_SMALL = (64, 32)
_BRIGHTEST = 6e4


def read_panorama(path: Path) -> np.ndarray:
    """(256, 512, 3) float16 RGB radiance out of a JavaScript file that holds an EXR picture as text."""
    text = re.search(r'base64,([A-Za-z0-9+/=]+)', path.read_text(encoding='utf-8'))
    if text is None:
        raise SyntheticError(f'{path} holds no picture; run: hdnet models verify synthetic_panoramas')
    os.environ['OPENCV_IO_ENABLE_OPENEXR'] = '1'   # OpenCV reads EXR only when asked to
    image = cv2.imdecode(np.frombuffer(base64.b64decode(text.group(1)), np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise SyntheticError('OpenCV was built without OpenEXR; run: pip install opencv-python-headless')
    image = np.nan_to_num(image[..., 2::-1].astype(np.float32), posinf=_BRIGHTEST)
    return np.clip(image, 0, _BRIGHTEST).astype(np.float16)


@dataclass(frozen=True, eq=False)
class Panorama:
    """One surrounding.

    radiance: (H, W, 3) float32, dark parts lifted. small: a (32, 64, 3) copy of mean brightness 1.
    sun: (3,) unit direction of the brightest part above the horizon.
    """

    radiance: np.ndarray
    small: np.ndarray
    sun: np.ndarray

    @classmethod
    def from_radiance(cls, radiance: np.ndarray) -> Panorama:
        """Measure a panorama."""
        radiance = radiance.astype(np.float32)
        radiance = np.maximum(radiance, 0.3 * cv2.GaussianBlur(np.clip(radiance, 0, 5), (0, 0), 2))
        small = np.minimum(radiance, np.percentile(radiance, 99.7) * 4)
        small = cv2.resize(small, _SMALL, interpolation=cv2.INTER_AREA)
        small /= np.average(small.mean(axis=2), weights=SOLID_ANGLES) + 1e-6
        bright = cv2.GaussianBlur(small.mean(axis=2), (0, 0), 1) * (DIRECTIONS[..., 1] < 0.2)
        return cls(radiance, small, DIRECTIONS.reshape(-1, 3)[bright.argmax()])

    def irradiance(self, normals: np.ndarray, yaw_rad: float) -> np.ndarray:
        """(N, 3) light on surfaces of these (N, 3) unit normals of the level frame, relative to the mean."""
        turned = np.roll(self.small, -round(yaw_rad / (2 * np.pi) * _SMALL[0]), axis=1)
        weights = np.clip(np.einsum('hwk,nk->nhw', DIRECTIONS, normals), 0, None) * SOLID_ANGLES
        return np.einsum('nhw,hwc->nc', weights, turned) / weights.sum(axis=(1, 2))[:, None]

    def view(self, rays: np.ndarray, yaw_rad: float) -> np.ndarray:
        """(h, w, 3) radiance seen along (h, w, 3) rays of the level frame."""
        height, width = self.radiance.shape[:2]
        rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        turn = (np.arctan2(rays[..., 0], rays[..., 2]) + yaw_rad) / (2 * np.pi) % 1
        drop = np.arccos(np.clip(-rays[..., 1], -1, 1)) / np.pi
        wrapped = np.concatenate([self.radiance, self.radiance[:, :8]], axis=1)
        return cv2.remap(wrapped, (turn * width).astype(np.float32), (drop * height).astype(np.float32),
                         cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _directions() -> tuple[np.ndarray, np.ndarray]:
    polar = (np.arange(_SMALL[1]) + 0.5) / _SMALL[1] * np.pi
    around = (np.arange(_SMALL[0]) + 0.5) / _SMALL[0] * 2 * np.pi
    sine = np.sin(polar)[:, None]
    row = np.ones(_SMALL[0])
    directions = np.stack([sine * np.sin(around), -np.cos(polar)[:, None] * row, sine * np.cos(around)], axis=-1)
    return directions, sine * row


DIRECTIONS, SOLID_ANGLES = _directions()
