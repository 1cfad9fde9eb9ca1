"""What a person detector is, and how to get one."""
from __future__ import annotations

from typing import Protocol

import numpy as np

from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.people import Detection


class Detector(Protocol):
    """Finds people; not safe to call from two threads at once.

    config: may be replaced between two images by one that differs in thresholds, ``min_size_px`` or ``max_people``.
    One that runs in torch says where: ``device``.
    """

    name: str
    config: DetectorConfig

    def detect(self, image: np.ndarray) -> list[Detection]:
        """The people in an image (H, W, 3) uint8 BGR: boxes inside it, best score first.

        Any size from 1 x 1 is accepted, contiguous or not; ValueError for anything that is not such an array.
        """


def make_detector(config: DetectorConfig) -> Detector:
    """Build the detector that the configuration names.

    Raises DetectorError if its file or library is missing or wrong, ModelError if a model has not been fetched.
    """
    if config.kind == 'ssd_mobilenet':
        from hdnet_ros.perception.detector.ssd_mobilenet import SsdMobilenetDetector
        return SsdMobilenetDetector(config)
    if config.kind == 'torchvision':
        from hdnet_ros.perception.detector.torchvision_detector import load_torchvision_detector
        return load_torchvision_detector(config)
    if config.kind == 'onnx':
        from hdnet_ros.perception.detector.onnx_detector import OnnxDetector
        return OnnxDetector(config)
    from hdnet_ros.perception.detector.given import GivenDetector
    return GivenDetector(config)
