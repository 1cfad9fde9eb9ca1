"""The detector for those who already run one: boxes come with the image."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.people import Detection


class GivenDetector:
    """Stands where a detector would be; the pipeline is handed the boxes and never asks it."""

    name = 'given'

    def __init__(self, config: DetectorConfig) -> None:
        """config: its limits apply to the boxes from outside."""
        self.config = config

    def detect(self, image: np.ndarray) -> list[Detection]:
        """Always raises DetectorError: without boxes from outside there is nothing to return."""
        raise DetectorError("the detector is set to 'given', so every image must come with its detections; "
                            'pass them, or choose another detector')
