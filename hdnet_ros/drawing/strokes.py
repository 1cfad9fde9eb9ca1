"""Smooth lines, dashes and text on an image, at positions in fractions of a pixel."""
from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .palette import Color

FONT = cv2.FONT_HERSHEY_DUPLEX
_SHIFT = 4                       # OpenCV takes positions as fixed point numbers with so many bits behind the point
_FARTHEST = 2 ** 14              # px; beyond, those numbers would overflow


def _fixed(points: np.ndarray) -> np.ndarray:
    return np.round(np.clip(points, -_FARTHEST, _FARTHEST) * 2 ** _SHIFT).astype(np.int32)


def line(image: np.ndarray, points: Sequence | np.ndarray, color: Color, width: float = 1.0,
         closed: bool = False) -> None:
    """Draw a line through (N, 2) points; nothing if one of them is not finite."""
    points = np.asarray(points, float).reshape(-1, 2)
    if len(points) > 1 and np.isfinite(points).all():
        cv2.polylines(image, [_fixed(points)], closed, color, max(1, round(width)), cv2.LINE_AA, _SHIFT)


def dashes(image: np.ndarray, points: Sequence | np.ndarray, color: Color, width: float, dash: float) -> None:
    """Draw a dashed line through (N, 2) points; ``dash`` is the length of dash and gap, px."""
    points = np.asarray(points, float).reshape(-1, 2)
    for a, b in zip(points[:-1], points[1:]):
        length = float(np.linalg.norm(b - a))
        if not np.isfinite(length) or length == 0 or length > _FARTHEST:
            continue
        count = max(1, round(length / (2 * dash)))     # a dash at both ends, so that corners are drawn
        for i in range(count + 1):
            middle = i / count * length
            ends = np.clip([middle - dash / 2, middle + dash / 2], 0, length) / length
            line(image, a + ends[:, None] * (b - a), color, width)


def disc(image: np.ndarray, center: np.ndarray, radius: float, color: Color) -> None:
    """Draw a filled disc; nothing if the centre is not finite."""
    if np.isfinite(center).all():
        x, y = _fixed(np.asarray(center, float))
        cv2.circle(image, (int(x), int(y)), int(radius * 2 ** _SHIFT), color, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def polygon(image: np.ndarray, points: np.ndarray, color: Color, opacity: float = 1.0) -> None:
    """Fill a polygon of (N, 2) points; nothing if one of them is not finite."""
    if not np.isfinite(points).all():
        return
    low = np.clip(np.floor(points.min(axis=0)) - 1, 0, image.shape[1::-1]).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 2, 0, image.shape[1::-1]).astype(int)
    if (high <= low).any():
        return
    part = image[low[1]:high[1], low[0]:high[0]]
    filled = part.copy()
    cv2.fillPoly(filled, [_fixed(np.asarray(points) - low)], color, cv2.LINE_AA, _SHIFT)
    part[:] = cv2.addWeighted(filled, opacity, part, 1 - opacity, 0)


def _font(height: float) -> tuple[float, int]:
    """Scale and stroke width of letters with capitals of that height, px."""
    return height / 21.0, max(1, round(height / 12))


def text_size(text: str, height: float) -> tuple[float, float]:
    """Width and height in px of one line of text whose capitals are ``height`` px tall."""
    scale, stroke = _font(height)
    return float(cv2.getTextSize(text, FONT, scale, stroke)[0][0]), float(height)


def text(image: np.ndarray, words: str, position: Sequence[float], height: float, color: Color,
         anchor: tuple[float, float] = (0.0, 1.0)) -> None:
    """Write one line of text.

    position: (2,) px where the anchor goes.
    anchor: in shares of the text's width and height; (0, 0) is its top left corner.
    """
    scale, stroke = _font(height)
    size = np.array(text_size(words, height))
    x, y = np.asarray(position, float) - size * anchor
    cv2.putText(image, words, (round(x), round(y + height)), FONT, scale, color, stroke, cv2.LINE_AA)


def tag(image: np.ndarray, words: str, corner: Sequence[float], height: float, background: Color, ink: Color) -> None:
    """Write text on a filled rectangle whose top left corner is at ``corner`` (px)."""
    width, full = tag_size(words, height)
    x, y = np.asarray(corner, float)
    cv2.rectangle(image, (round(x), round(y)), (round(x + width), round(y + full)), background, cv2.FILLED)
    text(image, words, (x + width / 2, y + full / 2), height, ink, anchor=(0.5, 0.5))


def tag_size(words: str, height: float) -> tuple[float, float]:
    """Width and height of ``tag``, px."""
    width, _ = text_size(words, height)
    return width + 1.1 * height, 1.9 * height


def overlap(corner: np.ndarray, size: np.ndarray, box: np.ndarray) -> bool:
    """Whether the rectangle of that top left corner and size covers a part of the (4,) box."""
    return bool((corner < box[2:]).all() and (box[:2] < corner + size).all())
