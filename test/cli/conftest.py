"""Real people: one frame of the calibrated footage."""
from __future__ import annotations

import cv2
import pytest

from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth


@pytest.fixture(scope='session')
def calibration(tmp_path_factory):
    """Calibration file of the camera of ``photo``."""
    path = tmp_path_factory.mktemp('calibration') / 'cam03.yaml'
    Pose2SimTruth().cameras['cam03'].to_yaml(path)
    return path


@pytest.fixture(scope='session')
def photo(read_frames, tmp_path_factory):
    """Frame 20 of camera cam03 as an image file: the man in front, the woman behind."""
    path = tmp_path_factory.mktemp('photo') / 'two people.png'
    cv2.imwrite(str(path), read_frames('cam03', [20])[20])
    return path
