"""Variations of the camera and of the picture that leave the truth true."""
from __future__ import annotations

import cv2
import numpy as np

from hdnet_ros.skeleton import JointSet

from .augmentation_config import AugmentationConfig
from .view import View, mirrored, rolled, zoomed


def vary_camera(view: View, config: AugmentationConfig, joint_set: JointSet, random: np.random.Generator) -> View:
    """The view of another camera at the same place: mirrored, rolled, with another focal length."""
    if random.random() < config.flip:
        view = mirrored(view, joint_set)
    if random.random() < config.roll:
        angle = float(np.clip(random.normal(), -2, 2)) * np.radians(config.roll_deg)
        view = rolled(view, angle)
    if random.random() < config.zoom:
        view = zoomed(view, float(np.exp(random.uniform(*np.log(config.zoom_range)))))
    return view


def vary_picture(picture: np.ndarray, config: AugmentationConfig, random: np.random.Generator) -> np.ndarray:
    """Another picture (S, S, 3) uint8 of the same window: covered in parts, with other colours, blurred, noisy."""
    if random.random() < config.occluders:
        picture = _covered(picture, config, random)
    if random.random() < config.colour:
        picture = _recoloured(picture, config, random)
    if random.random() < config.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), max(0.1, random.uniform(0, config.blur_px)))
    if random.random() < config.noise:
        level = random.uniform(0, config.noise_level)
        noise = random.standard_normal(picture.shape, dtype=np.float32) * level
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    return picture


def _recoloured(picture: np.ndarray, config: AugmentationConfig, random: np.random.Generator) -> np.ndarray:
    if random.random() < config.grey:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    gain = 1 + config.gain * random.uniform(-1, 1, 3)
    contrast = 1 + config.contrast * random.uniform(-1, 1)
    shift = 255 * config.brightness * random.uniform(-1, 1)
    levels = np.arange(256)[:, None]
    table = np.clip((levels * gain - 127.5) * contrast + 127.5 + shift, 0, 255).astype(np.uint8)
    return cv2.LUT(picture, table[None])


def _covered(picture: np.ndarray, config: AugmentationConfig, random: np.random.Generator) -> np.ndarray:
    """Rectangles and ellipses of one colour, of noise, or of another part of the picture."""
    picture, side = picture.copy(), len(picture)
    for _ in range(random.integers(1, config.occluder_count + 1)):
        width, height = np.maximum(2, random.uniform(0.05, config.occluder_size, 2) * side).astype(int)
        x, y = (int(random.integers(0, side - length + 1)) for length in (width, height))
        part = picture[y:y + height, x:x + width]
        kind = random.integers(3)
        if kind == 0:
            filling = np.broadcast_to(random.integers(0, 256, 3, dtype=np.uint8), part.shape)
        elif kind == 1:
            filling = random.integers(0, 256, part.shape, dtype=np.uint8)
        else:
            a, b = (int(random.integers(0, side - length + 1)) for length in (width, height))
            filling = picture[b:b + height, a:a + width].copy()
        shape = np.zeros(part.shape[:2], np.uint8)
        if random.random() < 0.5:
            cv2.ellipse(shape, (width // 2, height // 2), (width // 2, height // 2), 0, 0, 360, 1, -1)
        else:
            shape[:] = 1
        part[shape > 0] = filling[shape > 0]
    return picture
