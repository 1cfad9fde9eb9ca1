"""SSD-MobileNetV2, trained on COCO, through OpenCV: the detector that needs nothing but OpenCV."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.boxes import check_image, clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.dnn_file import open_network, run_network
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.detector.ssd_classes import layout_for_classes
from hdnet_ros.perception.people import Detection

GRAPH, LAYOUT = 'frozen_inference_graph.pb', 'ssd_mobilenet_v2_coco_2018_03_29.pbtxt'
_INPUT = 300
_BACKGROUND, _PERSON = 0, 1


class SsdMobilenetDetector:
    """SSD-MobileNetV2 at 300 x 300.

    It was trained on photographs: it misses many people in renderings, and people who are small in the image.
    The whole image is stretched to the square, as in its training.
    In upright 1088 x 1920 video it found 149 of 152 people so (IoU > 0.5, scores from 0.4),
    against 143 to 145 with the image kept in proportion and padded.
    """

    name = 'ssd_mobilenet'

    def __init__(self, config: DetectorConfig) -> None:
        """Load the network from ``config.path`` or the cache; DetectorError or ModelError if that fails."""
        self.config = config
        folder = Path(config.path) if config.path else model_path('ssd_mobilenet_v2')
        self._network = _open(folder / GRAPH, folder / LAYOUT)
        output = self._forward(np.zeros((_INPUT, _INPUT, 3), np.uint8))
        if output.ndim != 4 or output.shape[-1] != 7:
            raise DetectorError(f'{folder} holds another network than SSD-MobileNetV2: '
                                f'its output is {output.shape}, not (1, 1, N, 7)')

    def detect(self, image: np.ndarray) -> list[Detection]:
        """See ``Detector.detect``."""
        image = check_image(image)
        height, width = image.shape[:2]
        rows = self._forward(image)[0, 0]      # image, class, score, x_min, y_min, x_max, y_max in 0..1
        rows = rows[rows[:, 1] == _PERSON]
        boxes = rows[:, 3:7] * [width, height, width, height] - 0.5   # from image edges to pixel centres
        return clean_detections(boxes, rows[:, 2], width, height, self.config)

    def _forward(self, image: np.ndarray) -> np.ndarray:
        def forward() -> np.ndarray:
            self._network.setInput(cv2.dnn.blobFromImage(image, size=(_INPUT, _INPUT), swapRB=True))
            return self._network.forward()
        return run_network('SSD-MobileNetV2', forward)


def _open(graph: Path, layout: Path) -> cv2.dnn.Net:
    """The network with people as its only class or, if its layout is not the usual one, with all classes."""
    network = open_network('a TensorFlow graph', cv2.dnn.readNetFromTensorflow, graph, layout)
    try:
        people_only = layout_for_classes(network, layout.read_text(encoding='utf-8'), [_BACKGROUND, _PERSON])
        return cv2.dnn.readNetFromTensorflow(np.fromfile(graph, np.uint8),
                                             np.frombuffer(people_only.encode(), np.uint8))
    except (ValueError, cv2.error):
        return network
