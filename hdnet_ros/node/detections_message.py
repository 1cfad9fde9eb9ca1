"""Boxes of somebody else's detector."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from hdnet_ros.perception.detector.boxes import clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.people import Detection


def read_detections(message: Any, image_size: tuple[int, int], config: DetectorConfig, class_id: str = ''
                    ) -> list[Detection]:
    """The people in a vision_msgs/Detection2DArray, thresholded and cleaned as our own detections are.

    image_size: (width, height) in pixels, which boxes are clipped to.
    class_id: only objects that may be of this class, with that class's score; '' takes all with their best score.
    A detection without any hypothesis counts as certain when all classes are taken.
    """
    boxes, scores = [], []
    for detection in message.detections:
        hypotheses = [result.hypothesis for result in detection.results]
        if class_id:
            candidates = [hypothesis.score for hypothesis in hypotheses if hypothesis.class_id == class_id]
        else:
            candidates = [hypothesis.score for hypothesis in hypotheses] or [1.0]
        if candidates:
            boxes.append(_upright_box(detection.bbox))
            scores.append(max(candidates))
    return clean_detections(np.array(boxes, dtype=float), np.array(scores), *image_size, config)


def _upright_box(box: Any) -> tuple[float, float, float, float]:
    """x_min, y_min, x_max, y_max of the upright box around one that may be turned; NaN if that cannot be told."""
    x, y = box.center.position.x, box.center.position.y
    if not math.isfinite(box.center.theta):
        return (math.nan,) * 4
    cos, sin = abs(math.cos(box.center.theta)), abs(math.sin(box.center.theta))
    half_x = (box.size_x * cos + box.size_y * sin) / 2
    half_y = (box.size_x * sin + box.size_y * cos) / 2
    return x - half_x, y - half_y, x + half_x, y + half_y
