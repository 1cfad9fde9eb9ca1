from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.models import ModelError
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.detector.error import DetectorError


@pytest.mark.parametrize('wrong', [
    {'kind': 'hog'}, {'score_threshold': -0.1}, {'score_threshold': math.nan}, {'overlap_threshold': 1.5},
    {'max_people': 0}, {'min_size_px': -1}, {'min_size_px': math.nan}, {'input_size_px': -640}, {'person_class': -1},
    {'kind': 'torchvision', 'path': 'mine.pth'}, {'kind': 'given', 'path': 'x.onnx'}])
def test_config_refuses_nonsense(wrong):
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        DetectorConfig(**wrong)


def test_given_boxes_are_never_asked_for():
    detector = make_detector(DetectorConfig(kind='given', max_people=3))
    assert detector.name == 'given' and detector.config.max_people == 3
    with pytest.raises(DetectorError, match='must come with its detections'):
        detector.detect(np.zeros((4, 4, 3), np.uint8))


def test_model_that_was_not_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    with pytest.raises(ModelError, match='run: hdnet models fetch ssd_mobilenet_v2'):
        make_detector(DetectorConfig())
