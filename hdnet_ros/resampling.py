"""Parts of images resampled once, with or without averaging the pixels that a coarse step would pass over."""
from __future__ import annotations

import cv2
import numpy as np


def sample_affine(image: np.ndarray, image_from_picture: np.ndarray, size: int, antialias: bool = False) -> np.ndarray:
    """A square picture of part of an image, resampled once: bilinear, and zero outside.

    image: (H, W) or (H, W, C). image_from_picture: (2, 3) affine map between pixels. antialias: as in ``Window``.
    Returns (size, size) or (size, size, C) of the same type.
    """
    linear, offset = image_from_picture[:, :2], image_from_picture[:, 2]
    places = np.array([[0, 0], [size, 0], [0, size], [size, size]]) @ linear.T + offset
    corners = np.array([places.min(axis=0), places.max(axis=0)])
    source, origin, block = _source_part(image, corners, np.sqrt(abs(np.linalg.det(linear))), antialias)
    matrix = np.column_stack([linear, offset - origin]) / block
    return cv2.warpAffine(source, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def sample_places(image: np.ndarray, places: np.ndarray, antialias: bool = False) -> np.ndarray:
    """The pixels of an image at any ``places``, resampled once: bilinear, and zero outside.

    image: (H, W) or (H, W, C). places: (2, rows, columns) float32, column and row in the image, none further outside
    than the image is large: OpenCV's fixed-point coordinates overflow. antialias: as in ``Window``.
    Returns (rows, columns) or (rows, columns, C) of the same type.
    """
    corners = np.array([places.min(axis=(1, 2)), places.max(axis=(1, 2))])
    source, origin, block = _source_part(image, corners, _step_px(places, image), antialias)
    columns, rows = (places - origin[:, None, None].astype(np.float32)) / np.float32(block)
    return cv2.remap(source, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def _step_px(places: np.ndarray, image: np.ndarray) -> float:
    """The usual distance between two neighbours in a row of ``places`` that lie in the image."""
    size = np.array([image.shape[1], image.shape[0]])[:, None, None]
    inside = ((places >= 0) & (places < size)).all(axis=0)
    both = inside[:, 1:] & inside[:, :-1]
    return float(np.median(np.hypot(*np.diff(places, axis=2))[both])) if both.any() else 1.0


def _source_part(image: np.ndarray, corners: np.ndarray, scale: float, antialias: bool
                 ) -> tuple[np.ndarray, np.ndarray, int]:
    """What to sample from at ``scale`` pixels a step: the image, or its part between two ``corners`` (2, 2), averaged.

    Returns it, the place of its first pixel in the image, and the number of pixels averaged into one, in a row.
    """
    # A hair more than the scale, so that rounding does not make 3 of it 2.
    block = int(min(scale * (1 + 1e-9), *image.shape[:2]))
    if not antialias or block < 2:
        return image, np.zeros(2), 1
    return *_shrink(image, block, corners), block


def _shrink(image: np.ndarray, block: int, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of an image between two corners (2, 2), each square of ``block`` x ``block`` pixels averaged into one.

    Returns it and the (2,) place of its first pixel in the image: the middle of the first square.
    """
    size = np.array([image.shape[1], image.shape[0]])
    left, top = np.clip(np.floor(corners[0]) - block, 0, size - 1).astype(int)
    right, bottom = np.clip(np.ceil(corners[1]) + block, (left + 1, top + 1), size).astype(int)
    right, bottom = right + (left - right) % block, bottom + (top - bottom) % block
    part = image[top:bottom, left:right]
    missing = -np.array(part.shape[:2]) % block
    if missing.any():
        part = cv2.copyMakeBorder(part, 0, int(missing[0]), 0, int(missing[1]), cv2.BORDER_CONSTANT, value=0)
    small = cv2.resize(part, (part.shape[1] // block, part.shape[0] // block), interpolation=cv2.INTER_AREA)
    return small, np.array([left, top]) + (block - 1) / 2
