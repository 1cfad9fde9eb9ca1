"""What lens, sensor and compression do to a picture."""
from __future__ import annotations

import cv2
import numpy as np

from hdnet_ros.training.synthetic.config import EffectsConfig

_TILE_PX = 1024


class CameraEffects:
    """Applies random effects to whole images."""

    def __init__(self, config: EffectsConfig) -> None:
        self._config = config
        # Drawing a million normal numbers for each image would take longer than the picture: one tile serves all.
        self._tile = np.random.default_rng(0).normal(0, 16, (_TILE_PX, _TILE_PX, 3)).astype(np.int8)

    def apply(self, image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(H, W, 3) uint8 BGR, the same size."""
        config = self._config
        if rng.random() < config.motion_blur_share:
            image = cv2.filter2D(image, -1, _streak(rng.uniform(*config.motion_blur_px), rng.uniform(0, np.pi)))
        if rng.random() < config.defocus_share:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(*config.defocus_px))
        if rng.random() < config.resample_share:
            scale, size = rng.uniform(*config.resample), image.shape[1::-1]
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            image = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        gain = rng.uniform(*config.exposure) * (1 + rng.normal(0, config.white_balance, 3))
        gamma = rng.uniform(*config.gamma)
        levels = np.clip(np.arange(256)[:, None] / 255 * gain, 0, 1) ** gamma * 255
        image = cv2.LUT(image, np.rint(levels).astype(np.uint8)[:, None, :].reshape(256, 1, 3))
        if rng.random() < config.grey_share:
            image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        image = self._noisy(image, rng.uniform(*config.noise), rng)
        if rng.random() < config.jpeg_share:
            quality = int(rng.uniform(*config.jpeg_quality))
            image = cv2.imdecode(cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        return image

    def _noisy(self, image: np.ndarray, level: float, rng: np.random.Generator) -> np.ndarray:
        """Grain of standard deviation ``level`` grey values, partly the same in all channels."""
        if not level:
            return image
        height, width = image.shape[:2]
        tile = self._tile
        if max(height, width) > _TILE_PX:
            tile = np.tile(tile, (-(-height // _TILE_PX), -(-width // _TILE_PX), 1))
        y, x = rng.integers(tile.shape[0] - height + 1), rng.integers(tile.shape[1] - width + 1)
        grain = tile[y:y + height, x:x + width]
        common = cv2.merge([grain[..., 0]] * 3)
        mixed = cv2.addWeighted(grain, 0.6, common, 0.8, 0, dtype=cv2.CV_16S)
        return cv2.addWeighted(image, 1.0, mixed, level / 16, 0, dtype=cv2.CV_8U)


def _streak(length_px: float, angle_rad: float) -> np.ndarray:
    """Kernel of a straight motion."""
    size = int(np.ceil(length_px)) | 1
    centre, half = (size - 1) / 2, (length_px - 1) / 2
    end = np.array([np.cos(angle_rad), np.sin(angle_rad)]) * half
    kernel = np.zeros((size, size), np.float32)
    shift = 4    # sixteenths of a pixel
    points = [tuple(int(round(v * (1 << shift))) for v in centre + sign * end) for sign in (-1, 1)]
    cv2.line(kernel, points[0], points[1], 1.0, 1, cv2.LINE_AA, shift)
    return kernel / kernel.sum() if kernel.sum() else np.ones((1, 1), np.float32)
