"""A detector from a user's own ONNX file, through OpenCV."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.perception.detector.boxes import check_image, clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.dnn_file import open_network, run_network
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.detector.onnx_graph import OnnxGraph, read_onnx_graph
from hdnet_ros.perception.people import Detection

_PADDING = 114   # the grey that YOLO models are trained with


class OnnxDetector:
    """Runs an ONNX model with one square input (1, 3, size, size), RGB in 0..1.

    The image is kept in proportion, put in the middle and padded with grey.
    The first output of the file is in pixels of the input and may be, with or without the leading 1:
    - (1, N, 6): x_min, y_min, x_max, y_max, score, class (models that remove doubles themselves);
    - (1, 4 + C, N) or (1, N, 4 + C): centre x, centre y, width, height and C class scores (YOLO v8, v11 and like them;
      further columns, such as masks or keypoints, do no harm);
    - (1, N, 85) or (1, 85, N): as before, with the score of being an object in fifth place (YOLO v5, v7).
    """

    name = 'onnx'

    def __init__(self, config: DetectorConfig) -> None:
        """Load the network from ``config.path`` and try it once; DetectorError if that fails."""
        if not config.path:
            raise DetectorError("the detector 'onnx' needs the path of an ONNX file")
        self.config = config
        path = Path(config.path)
        self._network = open_network('an ONNX model', cv2.dnn.readNetFromONNX, path)
        graph = _read_graph(path)
        self._size = _input_size(path, graph.input_shape, config.input_size_px)
        self._output = graph.output   # OpenCV sorts the names of the outputs
        self._decode(self._forward(np.zeros((self._size, self._size, 3), np.uint8)))

    def detect(self, image: np.ndarray) -> list[Detection]:
        """See ``Detector.detect``."""
        image = check_image(image)
        height, width = image.shape[:2]
        scale = self._size / max(height, width)
        inner = max(1, round(width * scale)), max(1, round(height * scale))
        left, top = (self._size - inner[0]) // 2, (self._size - inner[1]) // 2
        padded = np.full((self._size, self._size, 3), _PADDING, np.uint8)
        padded[top:top + inner[1], left:left + inner[0]] = cv2.resize(image, inner, interpolation=cv2.INTER_LINEAR)
        boxes, scores = self._decode(self._forward(padded))
        ratio = np.array([inner[0] / width, inner[1] / height] * 2)
        boxes = (boxes - [left, top, left, top]) / ratio - 0.5   # from image edges to pixel centres
        return clean_detections(boxes, scores, width, height, self.config)

    def _forward(self, image: np.ndarray) -> np.ndarray:
        def forward() -> np.ndarray:
            self._network.setInput(cv2.dnn.blobFromImage(image, scalefactor=1 / 255, swapRB=True))
            return self._network.forward(self._output)
        return run_network(self.config.path, forward)

    def _decode(self, output: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (N, 4) xyxy in input pixels and person scores (N,) from the network's output."""
        shape = output.shape
        if output.ndim == 3 and shape[0] == 1:
            output = output[0]
        if output.ndim != 2 or not output.size or min(output.shape) < 5 and output.shape[-1] != 6:
            raise DetectorError(f'{self.config.path}: an output of shape {shape} is not supported; '
                                'supported are (1, N, 6), (1, 4 + classes, N), (1, N, 4 + classes) and (1, N, 85)')
        person = self.config.person_class
        if output.shape[1] == 6:
            rows = output[output[:, 5] == person]
            return rows[:, :4], rows[:, 4]
        if output.shape[0] < output.shape[1]:
            output = output.T
        has_objectness = output.shape[1] == 85
        column = 4 + has_objectness + person
        if column >= output.shape[1]:
            raise DetectorError(f'{self.config.path} has {output.shape[1] - 4 - has_objectness} classes, '
                                f'so there is no person_class {person}')
        scores = output[:, column] * (output[:, 4] if has_objectness else 1)
        centre, half = output[:, :2], output[:, 2:4] / 2
        return np.hstack([centre - half, centre + half]), scores


def _read_graph(path: Path) -> OnnxGraph:
    try:
        return read_onnx_graph(path)
    except ValueError as error:
        raise DetectorError(f'{path} cannot be read as an ONNX model: {error}') from error


def _input_size(path: Path, shape: tuple[int, ...], wanted_px: int) -> int:
    """The side of the model's input; wanted_px counts where the file leaves it open."""
    if len(shape) != 4 or shape[1] not in (0, 3) or shape[2] != shape[3]:
        raise DetectorError(f'{path} takes an input of shape {shape}; expected (1, 3, size, size)')
    if shape[2] and wanted_px not in (0, shape[2]):
        raise DetectorError(f'{path} takes images of {shape[2]} px; input_size_px must be that or 0, not {wanted_px}')
    if not shape[2] and not wanted_px:
        raise DetectorError(f'{path} leaves its input size open; set input_size_px, such as 640')
    return shape[2] or wanted_px
