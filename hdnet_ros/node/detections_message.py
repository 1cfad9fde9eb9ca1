"""Boxes of somebody else's detector."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from hdnet_ros.perception.detector.boxes import clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.people import Detection

_CLASSES_TOLD = 5


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


class ClassWatch:
    """Notices that somebody else's detector names its classes differently: no box has been of the wanted one yet.

    problem: what to tell the user; '' if nothing is known to be wrong.
    """

    def __init__(self) -> None:
        self.problem = ''
        self._wanted: str | None = None
        self._others: dict[str, None] | None = {}   # None: the wanted one has come

    def see(self, message: Any, class_id: str) -> None:
        """Look at a vision_msgs/Detection2DArray; class_id as for ``read_detections``, and may change."""
        if class_id != self._wanted:
            self._wanted, self._others = class_id, {}
        found = [result.hypothesis.class_id for detection in message.detections for result in detection.results]
        if self._wanted and found and self._others is not None:
            self._others = None if self._wanted in found else dict.fromkeys([*self._others, *found][:_CLASSES_TOLD])
        self.problem = ''
        if self._others:
            self.problem = (f'no box of the detector has been of class {self._wanted!r} (detector.class_id) yet; '
                            f'they are of {", ".join(map(repr, self._others))}')


def _upright_box(box: Any) -> tuple[float, float, float, float]:
    """x_min, y_min, x_max, y_max of the upright box around one that may be turned; NaN if that cannot be told."""
    x, y = box.center.position.x, box.center.position.y
    if not math.isfinite(box.center.theta):
        return (math.nan,) * 4
    cos, sin = abs(math.cos(box.center.theta)), abs(math.sin(box.center.theta))
    half_x = (box.size_x * cos + box.size_y * sin) / 2
    half_y = (box.size_x * sin + box.size_y * cos) / 2
    return x - half_x, y - half_y, x + half_x, y + half_y
