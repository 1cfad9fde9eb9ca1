"""What lies behind everything that was drawn: a panorama's view or a photograph."""
from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from hdnet_ros.training.synthetic.panorama import Panorama
from hdnet_ros.training.synthetic.view import View

_STEP_PX = 4


def panorama_view(panorama: Panorama, view: View, yaw_rad: float, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB: what the camera sees of a panorama (which is coarse, so it looks out of focus)."""
    seen = panorama.view(view.rays(_STEP_PX), yaw_rad)
    bright = np.percentile(seen.mean(axis=2), 80) + 1e-6
    image = np.power(np.clip(seen / bright * rng.uniform(0.35, 0.8), 0, 1), 1 / 2.2) * 255
    image = cv2.resize(image.astype(np.float32), (view.width, view.height), interpolation=cv2.INTER_CUBIC)
    return np.clip(image, 0, 255).astype(np.uint8)


def photograph_view(photograph: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a random cutting of a photograph, now and then mirrored or out of focus."""
    width, height = size
    available_height, available_width = photograph.shape[:2]
    scale = rng.uniform(0.35, 1) * min(available_width / width, available_height / height)
    w, h = max(2, int(width * scale)), max(2, int(height * scale))
    x, y = rng.integers(available_width - w + 1), rng.integers(available_height - h + 1)
    method = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    image = cv2.resize(photograph[y:y + h, x:x + w], size, interpolation=method)
    if rng.random() < 0.5:
        image = image[:, ::-1]
    if rng.random() < 0.4:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.8, 5))
    return np.ascontiguousarray(image)


def collage(draw: Callable[[np.random.Generator], np.ndarray], size: tuple[int, int],
            rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB: a photograph with slanted pieces of others on it, as in a cluttered room.

    draw: gives photographs.
    """
    width, height = size
    image = photograph_view(draw(rng), size, rng)
    for _ in range(rng.integers(4, 30)):
        side = np.exp(rng.uniform(np.log(0.04), np.log(0.5), 2)) * min(size)
        piece = photograph_view(draw(rng), (max(4, int(side[0])), max(4, int(side[1]))), rng)
        if rng.random() < 0.4:   # much in rooms has one colour
            piece = (0.25 * piece + 0.75 * rng.uniform(0, 255, 3)).astype(np.uint8)
        h, w = piece.shape[:2]
        corners = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
        there = corners + rng.normal(0, 0.12, (4, 2)) * side + rng.uniform(-0.1, 0.95, 2) * size
        warp = cv2.getPerspectiveTransform(corners, there.astype(np.float32))
        cv2.warpPerspective(piece, warp, size, image, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    return image


def composed(drawn: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: a drawn (H, W, 4) picture, multiplied by alpha, over a background."""
    gap = 255 - drawn[..., 3:].astype(np.uint16)
    return (drawn[..., :3] + (behind * gap + 127) // 255).clip(0, 255).astype(np.uint8)
