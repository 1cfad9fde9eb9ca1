"""Boxes of a detector made clean: inside the image, without doubles, best first."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.people import Detection


def check_image(image: np.ndarray) -> np.ndarray:
    """The image as a contiguous array; ValueError unless it is (H, W, 3) uint8 with at least one pixel."""
    good = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
    if not good or not image.size:
        found = f'{image.dtype} {image.shape}' if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f'an image must be a (height, width, 3) uint8 array with at least one pixel, not {found}')
    return np.ascontiguousarray(image)


def box_overlap(box: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Intersection over union of one box (4,) with each of several (N, 4), all xyxy; 0 if empty."""
    boxes = np.asarray(boxes, dtype=float).reshape(-1, 4)
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    union = np.prod(box[2:] - box[:2]) + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - shared
    return np.where(union > 0, shared / np.where(union > 0, union, 1), 0.0)


def pixels_touched(low: np.ndarray, high: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The whole pixels that a box touches, inside an image of (width, height).

    low, high: (2,) its corners in pixels, where an integer is the centre of a pixel, which reaches half a pixel around
        it. A box that ends exactly between two pixels does not touch the outer one.
    Returns the first column and row, (2,) int, and those behind the last; the same where there is none.
    """
    first = np.clip(np.floor(np.asarray(low) + 0.5), 0, size).astype(int)
    end = np.clip(np.ceil(np.asarray(high) - 0.5) + 1, first, size).astype(int)
    return first, end


def clean_detections(boxes: np.ndarray, scores: np.ndarray, width: int, height: int,
                     config: DetectorConfig) -> list[Detection]:
    """Turn raw boxes into detections as the configuration asks.

    boxes: (N, 4) x_min, y_min, x_max, y_max in pixels; scores: (N,).
    Boxes with a value that is not finite are dropped, the others clipped to the image, doubles removed greedily.
    """
    boxes, scores = np.asarray(boxes, dtype=float).reshape(-1, 4), np.asarray(scores, dtype=float).reshape(-1)
    keep = np.isfinite(boxes).all(axis=1) & (scores >= config.score_threshold)
    boxes, scores = np.clip(boxes[keep], 0, [width - 1, height - 1] * 2), np.clip(scores[keep], 0, 1)
    size = boxes[:, 2:] - boxes[:, :2]
    keep = (size >= config.min_size_px).all(axis=1) & (size > 0).all(axis=1)
    boxes, scores = boxes[keep], scores[keep]
    order = np.argsort(-scores, kind='stable')
    chosen: list[int] = []
    while len(order) and len(chosen) < config.max_people:
        best, order = order[0], order[1:]
        chosen.append(best)
        order = order[box_overlap(boxes[best], boxes[order]) <= config.overlap_threshold]
    return [Detection(box=boxes[i].copy(), score=float(scores[i])) for i in chosen]
