"""What RootNet and PoseNet look at: a square around a person's box, and the distance k that its size suggests."""
from __future__ import annotations

import cv2
import numpy as np

from hdnet_ros.camera import Camera

CROP_SIZE = 256
MARGIN = 1.25
PERSON_SIZE_M = 2.0     # a person fills about 2 m x 2 m of the square


def person_square(box: np.ndarray, width: int, height: int) -> np.ndarray | None:
    """The square that both networks were trained on: the box clipped to the image, the short side grown, times 1.25.

    box: (4,) x_min, y_min, x_max, y_max, px, with x_max = x_min + width of the box.
    width, height: of the image, px.
    As in the published code, a box of width w reaches over w - 1 px, and one that begins to the left of the image or
    above it is moved into it.
    Returns (3,) left, top, side in px, which may leave the image; None if nothing is left of the box.
    """
    box = np.asarray(box, dtype=np.float64)
    size = box[2:] - box[:2]
    low = np.maximum(box[:2], 0.0)
    high = np.minimum(low + np.maximum(size - 1, 0.0), [width - 1, height - 1])
    side = MARGIN * float(np.max(high - low))
    if not ((size > 0).all() and (box[2:] > 0).all() and (high >= low).all() and side > 0):
        return None
    return np.array([*((low + high - side) / 2), side])


def reference_depth_m(side_px: float, camera: Camera) -> float:
    """RootNet's k, metres (Moon et al., ICCV 2019, section 5): how far away a person is who fills the square."""
    return PERSON_SIZE_M * camera.focal_px / side_px


def crop_square(image: np.ndarray, square: np.ndarray) -> np.ndarray:
    """The square as (256, 256, 3) uint8: bilinear, black outside the image, no half pixel, as the weights expect."""
    scale = CROP_SIZE / square[2]
    matrix = np.array([[scale, 0, -scale * square[0]], [0, scale, -scale * square[1]]])
    return cv2.warpAffine(image, matrix, (CROP_SIZE, CROP_SIZE), flags=cv2.INTER_LINEAR)
