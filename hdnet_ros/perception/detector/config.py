"""What detection can be told."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.perception.limits import at_least, share

OWN_KINDS = ('ssd_mobilenet', 'torchvision', 'onnx')
KINDS = (*OWN_KINDS, 'given')    # given: somebody else's boxes


@dataclass(frozen=True)
class DetectorConfig:
    """How people are detected; ValueError names a value that makes no sense.

    kind: ``'ssd_mobilenet'``, ``'torchvision'``, ``'onnx'`` or ``'given'`` (boxes come from outside).
    model: name of a torchvision detection model.
    path: the ONNX file; for SSD-MobileNetV2 a folder with its two files, instead of the cache.
    score_threshold: boxes below it are dropped, 0..1.
    overlap_threshold: of two boxes whose intersection over union exceeds it, the better stays.
    min_size_px: boxes whose width or height is smaller are dropped.
    max_people: at most so many boxes, the best.
    device: for torchvision, as for ``perception.device.choose_device``; the others run on the CPU.
    download: torchvision may download its weights if they are not in torch's cache.
    input_size_px: side of the square input of an ONNX model that does not say it itself; 0 asks the model.
    person_class: index of the person among the classes of an ONNX model (0 in YOLO's COCO order).
    """

    kind: str = 'ssd_mobilenet'
    model: str = 'maskrcnn_resnet50_fpn'
    path: str = ''
    score_threshold: float = 0.4
    overlap_threshold: float = 0.5
    min_size_px: float = 8.0
    max_people: int = 20
    device: str = 'auto'
    download: bool = False
    input_size_px: int = 0
    person_class: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f'unknown detector {self.kind!r}; known: {", ".join(KINDS)}')
        if self.path and self.kind not in ('ssd_mobilenet', 'onnx'):
            raise ValueError(f'the detector {self.kind!r} reads no file, so path must be empty, not {self.path!r}')
        share(self, 'score_threshold', 'overlap_threshold')
        at_least(self, 0, 'min_size_px', 'input_size_px', 'person_class')
        at_least(self, 1, 'max_people')
