"""Real people: one frame of the calibrated footage."""
from __future__ import annotations

import cv2
import pytest

from hdnet_ros.evaluation.pose2sim import Pose2SimTruth
from hdnet_ros.models import ModelError, model_path
from hdnet_ros.video import open_source


@pytest.fixture(scope='session')
def footage():
    """Folder of the footage; skips where the models have not been fetched."""
    try:
        for name in ('ssd_mobilenet_v2', 'blazepose_full'):
            model_path(name)
        return model_path('pose2sim_footage')
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def calibration(tmp_path_factory):
    """Calibration file of the camera of ``photo``."""
    path = tmp_path_factory.mktemp('calibration') / 'cam03.yaml'
    Pose2SimTruth().cameras['cam03'].to_yaml(path)
    return path


@pytest.fixture(scope='session')
def photo(footage, tmp_path_factory):
    """Frame 20 of camera cam03 as an image file: the man in front, the woman behind."""
    path = tmp_path_factory.mktemp('photo') / 'two people.png'
    cv2.imwrite(str(path), next(open_source(str(footage / 'cam03.mp4')).frames(start=20)).image)
    return path
