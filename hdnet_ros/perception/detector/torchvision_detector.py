"""Torchvision's detection models, such as Mask R-CNN, the detector of the paper."""
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.models import ModelError
from hdnet_ros.perception.detector.boxes import check_image, clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.device import choose_device
from hdnet_ros.perception.people import Detection

if TYPE_CHECKING:
    import torch


class TorchvisionDetector:
    """Runs a detection model with torchvision's interface."""

    name = 'torchvision'

    def __init__(self, model: torch.nn.Module, config: DetectorConfig, person_label: int = 1) -> None:
        """Take a model that turns [(3, H, W) RGB in 0..1] into [{'boxes': xyxy, 'labels', 'scores'}].

        person_label: the label of a person, 1 in COCO.
        """
        self.config = config
        self._person_label = person_label
        self.device = choose_device(config.device)
        self._model = model.eval().to(self.device)

    def detect(self, image: np.ndarray) -> list[Detection]:
        """See ``Detector.detect``."""
        import torch
        image = check_image(image)
        rgb = np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1))
        with torch.inference_mode():
            tensor = torch.from_numpy(rgb).to(self.device).float() / 255
            found = self._model([tensor])[0]
        people = found['labels'] == self._person_label
        boxes, scores = found['boxes'][people].cpu().numpy(), found['scores'][people].cpu().numpy()
        return clean_detections(boxes - 0.5, scores, image.shape[1], image.shape[0], self.config)


def load_torchvision_detector(config: DetectorConfig) -> TorchvisionDetector:
    """The torchvision model that ``config.model`` names, with torchvision's own weights.

    They come out of torch's cache of downloads; they are put there only if ``config.download`` allows it.
    Raises DetectorError if torchvision, the model or the weights are missing or broken, or the device is.
    """
    try:
        import torch
        from torchvision.models import detection, get_model, get_model_weights, list_models

        from hdnet_ros.network.checkpoint_file import CheckpointError, read_checkpoint
    except (ImportError, RuntimeError) as error:   # RuntimeError: a torchvision built for another torch
        raise DetectorError("the detector 'torchvision' needs torch and a torchvision that fits it; "
                            f'install them: pip install torch torchvision ({error})') from error
    known = list_models(module=detection)
    if config.model not in known:
        raise DetectorError(f'torchvision has no detection model {config.model!r}; it has {", ".join(known)}')
    weights = get_model_weights(config.model).DEFAULT
    path = Path(torch.hub.get_dir(), 'checkpoints', Path(weights.url).name)
    if not path.is_file():
        if not config.download:
            raise DetectorError(f'the weights of {config.model} are not at {path}; '
                                'allow their download (--download; in the node, detector.download), or put '
                                f'{weights.url} there')
        _download(weights.url, path)
    try:
        read_checkpoint(path)   # torchvision would run whatever code the file holds
        model = get_model(config.model, weights=weights)
        return TorchvisionDetector(model, config, person_label=weights.meta['categories'].index('person'))
    except CheckpointError as error:
        raise DetectorError(f'bad weights: {error}') from error
    except ModelError as error:   # a device that is not there
        raise DetectorError(str(error)) from error
    except (RuntimeError, AssertionError) as error:   # tensors that do not fit
        raise DetectorError(f'{config.model} cannot be used with {path}: {str(error)[:300]}') from error


def _download(url: str, path: Path) -> None:
    import torch
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), hash_prefix=path.stem.rpartition('-')[2])
    except (OSError, RuntimeError) as error:   # no network or room; another hash
        raise DetectorError(f'cannot download {url} to {path}: {error}') from error
