"""From image files to a score: a system runs on the frames of a miniature, and its file is evaluated."""
from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from hdnet_ros.evaluation.files.boxes import read_boxes
from hdnet_ros.evaluation.files.image_names import mupots_names
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.protocols.mupots import evaluate_mupots
from hdnet_ros.evaluation.protocols.mupots_truth import read_mupots
from hdnet_ros.evaluation.runner import Frame, SystemRun, run_systems
from hdnet_ros.evaluation.systems.constant import ConstantLocator

FOCAL, SIZE = 200.0, (96, 128)     # height, width


@pytest.fixture
def folder(tmp_path):
    """Three images of TS6, each with one person in the middle, 3, 4 and 5 m away."""
    (tmp_path / 'TS6').mkdir()
    images, annotations = [], []
    for number, depth_mm in enumerate((3000, 4000, 5000)):
        cv2.imwrite(str(tmp_path / 'TS6' / f'img_{number:06d}.jpg'), np.full((*SIZE, 3), 90, np.uint8))
        images.append({'id': number, 'file_name': f'TS6/img_{number:06d}.jpg', 'intrinsic': [FOCAL, FOCAL, 64, 48]})
        joints = np.random.default_rng(number).uniform(-300, 300, (17, 3)) + [0, 0, depth_mm]
        joints[14] = [0, 0, depth_mm]
        pixels = joints[:, :2] / joints[:, 2:] * FOCAL + [64, 48]
        annotations.append({'image_id': number, 'is_valid': 1, 'bbox': [54, 33, 20, 30], 'keypoints_vis': [1] * 17,
                            'keypoints_cam': joints.tolist(), 'keypoints_img': pixels.tolist()})
    (tmp_path / 'MuPoTS-3D.json').write_text(json.dumps({'images': images, 'annotations': annotations}))
    return tmp_path


def run(folder, frames):
    path = folder / 'constant.jsonl'
    with PeopleWriter(path) as writer:
        run_systems([SystemRun(ConstantLocator(4.05), writer)], None, frames, progress=False)
    return evaluate_mupots(read_people(path), read_mupots(folder))


def test_a_run_on_true_boxes_is_evaluated(folder):
    result = run(folder, [Frame.of_sample(*each) for each in read_mupots(folder).samples()])
    # The person at 4 m is found, the others are a metre off.
    assert result.estimates == 3
    assert [root.ar for root in result.roots] == [pytest.approx(1 / 3)] * 4


def test_a_run_on_boxes_of_a_file_is_evaluated(folder):
    (folder / 'bbox_mupots_output.json').write_text(json.dumps([
        {'image_id': 1, 'bbox': [54, 33, 20, 30], 'score': 0.2}, {'image_id': 1, 'bbox': [0, 0, 9, 9], 'score': 0.9}]))
    boxes = read_boxes(folder / 'bbox_mupots_output.json', mupots_names(folder))
    result = run(folder, [Frame(name, sample.read_image, sample.camera, boxes[name])
                          for name, sample in read_mupots(folder).samples()])
    assert result.estimates == 2
    # The box in the corner has the better score, so the right one has a precision of a half.
    assert [(root.ap, root.ar) for root in result.roots] == [(pytest.approx(1 / 6), pytest.approx(1 / 3))] * 4
