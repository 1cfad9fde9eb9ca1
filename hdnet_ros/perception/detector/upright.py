"""Detection for cameras that are mounted on their side or upside down: detectors learned from people who stand upright.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hdnet_ros.perception.detector.detector import Detector
from hdnet_ros.perception.people import Detection


def detect_upright(detector: Detector, image: np.ndarray, camera_roll_deg: float) -> list[Detection]:
    """What the detector finds in the image turned so that people are as upright as quarter turns can make them.

    image: (H, W, 3) uint8 BGR; camera_roll_deg: how far upright people appear turned clockwise in it.
    Boxes are in pixels of the image as it is, inside it and best score first; see ``Detector.detect``. Up to 45 degrees
    the image is not turned.
    """
    turns = quarter_turns(camera_roll_deg)
    if not turns:
        return detector.detect(image)
    height, width = image.shape[:2]
    return [replace(detection, box=turned_back(detection.box, turns, width, height))
            for detection in detector.detect(np.rot90(image, turns))]


def upright(image: np.ndarray, detections: Sequence[Detection], camera_roll_deg: float
            ) -> tuple[np.ndarray, Sequence[Detection]]:
    """The image turned likewise, contiguous, and people in it."""
    turns = quarter_turns(camera_roll_deg)
    if not turns:
        return image, detections
    turned = np.ascontiguousarray(np.rot90(image, turns))
    height, width = turned.shape[:2]
    # Turning back is turning on, by what is missing to four.
    return turned, [replace(d, box=turned_back(d.box, -turns % 4, width, height)) for d in detections]


def quarter_turns(camera_roll_deg: float) -> int:
    """How many quarter turns anticlockwise, 0 to 3, undo the roll best; exactly between two, an even number."""
    return round(camera_roll_deg / 90) % 4


def turned_back(box: np.ndarray, turns: int, width: int, height: int) -> np.ndarray:
    """A box in an image that ``np.rot90`` turned, (4,) xyxy pixels, around the same pixels before it was turned.

    turns: 0 to 3, anticlockwise. width, height: of the image before; the centres of its pixels are integers, from 0.
    """
    x_min, y_min, x_max, y_max = box
    right, bottom = width - 1, height - 1
    return np.array((
        (x_min, y_min, x_max, y_max),
        (right - y_max, x_min, right - y_min, x_max),
        (right - x_max, bottom - y_max, right - x_min, bottom - y_min),
        (y_min, bottom - x_max, y_max, bottom - x_min))[turns])
