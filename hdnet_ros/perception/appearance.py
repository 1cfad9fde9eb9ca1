"""How people look, as the colours of what they wear: enough to tell many apart who were out of sight."""
from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.ndimage import convolve1d

from hdnet_ros.perception.detector.boxes import pixels_touched
from hdnet_ros.perception.people import Detection

# Shares of a box, (x_min, y_min, x_max, y_max): chest and thighs of somebody upright, with little background.
_PARTS = ((0.3, 0.18, 0.7, 0.48), (0.3, 0.52, 0.7, 0.8))
_PATCH_PX = (16, 24)                # width and height that each part is brought to
_BINS = (6, 10, 10)                 # of lightness and of the two colour axes of CIELAB
_RANGES = (0, 256, 88, 168, 88, 168)
_SMOOTHING = (0.25, 0.5, 0.25)
LEAST_SHARE = 0.3                   # of each part that must not be covered
_MIN_HEIGHT_PX = 24
_ALIKE_PX = 1.0                     # lower ends of boxes that tell nothing about who is nearer
DIMENSIONS = len(_PARTS) * int(np.prod(_BINS))


def appearances(image: np.ndarray, detections: Sequence[Detection],
                depths_m: Sequence[float] | float = np.nan) -> list[np.ndarray | None]:
    """What each person looks like.

    image: (H, W, 3) uint8 BGR. depths_m: how far away people are, NaN where that is not known.
    Returns unit vectors (DIMENSIONS,) whose product is the similarity of two people, 0..1: the mean over the parts of
    the body of the Bhattacharyya coefficient of their colour histograms. None for people who are too small in the
    image, or largely covered by others who are nearer.
    """
    boxes = np.array([detection.box for detection in detections]).reshape(-1, 4)
    depths = np.broadcast_to(depths_m, len(boxes))
    return [_describe(image, box, boxes[is_before(box, boxes, depth, depths)]) for box, depth in zip(boxes, depths)]


def is_before(box: np.ndarray, boxes: np.ndarray, depth_m: float = np.nan,
              depths_m: np.ndarray | float = np.nan) -> np.ndarray:
    """(N,) whether people in boxes (N, 4) stand before the person in ``box``.

    They do if their boxes reach further down. Boxes that end alike are mostly cut off by the image border: there the
    depths decide, depth_m that of the person and depths_m (N,) theirs, where both are known (not NaN).
    """
    lower = boxes[:, 3] - box[3]
    known = np.isfinite(depths_m) & np.isfinite(depth_m)
    return np.where(known & (np.abs(lower) <= _ALIKE_PX), depths_m < depth_m, lower > 0)


def _describe(image: np.ndarray, box: np.ndarray, before: np.ndarray) -> np.ndarray | None:
    height, width = image.shape[:2]
    size = box[2:] - box[:2]
    if size[1] < _MIN_HEIGHT_PX or size[0] <= 0:
        return None
    histograms = []
    for part in _PARTS:
        low, high = pixels_touched(box[:2] + size * part[:2], box[:2] + size * part[2:], (width, height))
        low = np.minimum(low, [width - 1, height - 1])
        high = np.maximum(high, low + 1)
        visible = _visible(low, high, before)
        if visible.mean() < LEAST_SHARE * 255:
            return None
        patch = cv2.resize(image[low[1]:high[1], low[0]:high[0]], _PATCH_PX, interpolation=cv2.INTER_AREA)
        lab = np.clip(cv2.cvtColor(patch, cv2.COLOR_BGR2LAB), [0, 88, 88], [255, 167, 167]).astype(np.uint8)
        histogram = cv2.calcHist([lab], [0, 1, 2], visible, _BINS, _RANGES)
        for axis in range(3):
            histogram = convolve1d(histogram, _SMOOTHING, axis=axis, mode='nearest')
        histograms.append(np.sqrt(histogram / histogram.sum()).ravel())
    return np.concatenate(histograms) / np.sqrt(len(_PARTS))


def _visible(low: np.ndarray, high: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Mask of the patch from pixel low to before high, (height, width): 255 where no box before it lies, else 0."""
    mask = np.full(_PATCH_PX[::-1], 255, np.uint8)
    scale = np.array(_PATCH_PX) / (high - low)
    for box in before:
        x0, y0 = np.clip(np.floor((box[:2] - low + 0.5) * scale).astype(int), 0, _PATCH_PX)
        x1, y1 = np.clip(np.ceil((box[2:] - low + 0.5) * scale).astype(int), 0, _PATCH_PX)
        mask[y0:y1, x0:x1] = 0
    return mask
