from __future__ import annotations

import importlib.util
import os

import numpy as np
import pytest
import torch

from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.detector.torchvision_detector import TorchvisionDetector

HAS_TORCHVISION = importlib.util.find_spec('torchvision') is not None


class RedRegion(torch.nn.Module):
    """Finds the box around red pixels, with torchvision's interface; label 1, and once more with label 3."""

    def forward(self, images):
        (image,) = images
        assert image.shape[0] == 3 and image.dtype == torch.float32 and image.max() <= 1
        rows, columns = torch.nonzero((image[0] > 0.9) & (image[2] < 0.1), as_tuple=True)
        if not len(rows):
            return [{'boxes': torch.zeros(0, 4), 'labels': torch.zeros(0, dtype=torch.int64), 'scores': torch.zeros(0)}]
        box = torch.stack([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).float()
        return [{'boxes': box.repeat(2, 1), 'labels': torch.tensor([3, 1]), 'scores': torch.tensor([0.9, 0.8])}]


def test_boxes_and_colours():
    detector = TorchvisionDetector(RedRegion(), DetectorConfig(kind='torchvision'))
    image = np.zeros((120, 200, 3), np.uint8)
    image[30:90, 50:80] = (0, 0, 255)
    (found,) = detector.detect(image)
    assert found.box.tolist() == [49.5, 29.5, 79.5, 89.5]
    assert found.score == pytest.approx(0.8)
    assert detector.detect(image[:, :, ::-1]) == []
    assert detector.detect(image[:1, :1]) == []


@pytest.mark.skipif(HAS_TORCHVISION, reason='torchvision is installed')
def test_without_torchvision_says_how_to_install_it():
    with pytest.raises(DetectorError, match='pip install torch torchvision'):
        make_detector(DetectorConfig(kind='torchvision'))


@pytest.mark.skipif(not HAS_TORCHVISION, reason='torchvision is not installed')
class TestTorchvision:
    MODEL = 'ssdlite320_mobilenet_v3_large'

    @pytest.fixture
    def weights(self, tmp_path, monkeypatch):
        """Where torchvision's weights would lie, in an empty cache of downloads; the network cannot be reached."""
        from torchvision.models import get_model_weights
        monkeypatch.setenv('TORCH_HOME', str(tmp_path))
        monkeypatch.setenv('https_proxy', 'http://127.0.0.1:9')
        path = tmp_path / 'hub' / 'checkpoints' / get_model_weights(self.MODEL).DEFAULT.url.rpartition('/')[2]
        path.parent.mkdir(parents=True)
        return path

    def load(self, **more):
        return make_detector(DetectorConfig(kind='torchvision', model=self.MODEL, **more))

    def test_weights_in_the_cache(self, weights):
        from torchvision.models import get_model
        torch.manual_seed(0)
        torch.save(get_model(self.MODEL, weights=None, weights_backbone=None).state_dict(), weights)
        assert isinstance(self.load().detect(np.zeros((120, 200, 3), np.uint8)), list)
        with pytest.raises(DetectorError, match="device 'cuda:99' cannot be used"):
            self.load(device='cuda:99')

    def test_nothing_is_downloaded_unasked(self, weights):
        with pytest.raises(DetectorError, match='allow their download'):
            self.load()
        with pytest.raises(DetectorError, match='cannot download'):
            self.load(download=True)

    @pytest.mark.parametrize('content', [b'', b'junk', b'PK\x03\x04 but no archive'])
    def test_damaged_weights(self, weights, content):
        weights.write_bytes(content)
        with pytest.raises(DetectorError, match='bad weights'):
            self.load()

    def test_weights_of_something_else(self, weights):
        torch.save({'other': torch.zeros(1)}, weights)
        with pytest.raises(DetectorError, match='cannot be used'):
            self.load()

    def test_hostile_weights_do_not_run(self, weights, tmp_path):
        class Hostile:
            def __reduce__(self):
                return os.mkdir, (str(tmp_path / 'harm'),)
        torch.save({'weight': Hostile()}, weights)
        with pytest.raises(DetectorError, match='bad weights'):
            self.load()
        assert not (tmp_path / 'harm').exists()

    def test_unknown_model_lists_the_known_ones(self):
        with pytest.raises(DetectorError, match='maskrcnn_resnet50_fpn'):
            make_detector(DetectorConfig(kind='torchvision', model='resnet18'))
