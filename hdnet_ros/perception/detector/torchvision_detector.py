"""Torchvision's detection models, such as Mask R-CNN, the detector of the paper."""
from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.perception.detector.boxes import check_image, clean_detections
from hdnet_ros.perception.detector.detector import DetectorConfig, DetectorError
from hdnet_ros.perception.people import Detection

if TYPE_CHECKING:
    import torch


class TorchvisionDetector:
    """Runs a detection model with torchvision's interface: a list of images in, a list of boxes, labels and scores out."""

    name = 'torchvision'

    def __init__(self, model: torch.nn.Module, config: DetectorConfig, person_label: int = 1) -> None:
        """model: takes [(3, H, W) RGB in 0..1] and returns [{'boxes': xyxy, 'labels', 'scores'}]; person_label: 1 in COCO."""
        self.config = config
        self._person_label = person_label
        self._model = model.eval().to(config.device)

    def detect(self, image: np.ndarray) -> list[Detection]:
        """See ``Detector.detect``."""
        import torch
        image = check_image(image)
        rgb = np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1))
        with torch.inference_mode():
            tensor = torch.from_numpy(rgb).to(self.config.device).float() / 255
            found = self._model([tensor])[0]
        people = found['labels'] == self._person_label
        boxes, scores = found['boxes'][people].cpu().numpy(), found['scores'][people].cpu().numpy()
        return clean_detections(boxes - 0.5, scores, image.shape[1], image.shape[0], self.config)


def load_torchvision_detector(config: DetectorConfig) -> TorchvisionDetector:
    """The torchvision model that ``config.model`` names, with weights that are at hand.

    Weights: ``config.path`` if given; else torchvision's own, if they are in its cache or ``config.download`` allows to get them.
    Raises DetectorError if torchvision, the model or the weights are missing or do not fit.
    """
    try:
        import torch
        from torchvision.models import get_model, get_model_weights, list_models
        from torchvision.models import detection
    except (ImportError, RuntimeError) as error:   # RuntimeError: a torchvision built for another torch
        raise DetectorError("the detector 'torchvision' needs torchvision, which is missing or does not fit torch; "
                            f'install it: pip install torchvision ({error})') from error
    if config.model not in list_models(module=detection):
        raise DetectorError(f'torchvision has no detection model {config.model!r}; it has {", ".join(list_models(module=detection))}')
    weights = get_model_weights(config.model).DEFAULT
    path = Path(config.path) if config.path else Path(torch.hub.get_dir(), 'checkpoints', Path(weights.url).name)
    if config.download and not config.path:
        model = get_model(config.model, weights=weights)
    else:
        model = get_model(config.model, weights=None, weights_backbone=None)
        _load_weights(model, path)
    return TorchvisionDetector(model, config, person_label=weights.meta['categories'].index('person'))


def _load_weights(model: torch.nn.Module, path: Path) -> None:
    import torch
    if not path.is_file():
        raise DetectorError(f'no weights at {path}; allow the download (download: true) or give the path of a weights file')
    try:
        model.load_state_dict(torch.load(path, map_location='cpu', weights_only=True))
    except (RuntimeError, pickle.UnpicklingError, EOFError, OSError, TypeError, AttributeError, KeyError, ValueError) as error:
        raise DetectorError(f'{path} does not hold weights of this model: {str(error)[:300]}') from error
