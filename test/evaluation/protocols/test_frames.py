"""From image files to a score: a system runs on the frames of a miniature, and its file is evaluated."""
from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from hdnet_ros.evaluation.files.boxes import read_boxes
from hdnet_ros.evaluation.files.image_names import mupots_names
from hdnet_ros.evaluation.people_file import PeopleWriter, read_people
from hdnet_ros.evaluation.protocols.frames import frames
from hdnet_ros.evaluation.protocols.mupots import evaluate_mupots
from hdnet_ros.evaluation.protocols.mupots_truth import read_mupots
from hdnet_ros.evaluation.runner import run_system
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


def test_a_run_is_evaluated(folder):
    truth = read_mupots(folder)
    path = folder / 'constant.jsonl'
    with PeopleWriter(path) as writer:
        summary = run_system(ConstantLocator(4.05), None, frames(truth.samples()), writer,
                             progress=False)
    assert (summary.images, summary.people) == (3, 3)
    result = evaluate_mupots(read_people(path), truth)
    # The person at 4 m is found, the others are a metre off.
    assert result.absent == 0 and [root.ar for root in result.roots] == [pytest.approx(1 / 3)] * 4


def test_boxes_of_a_file(folder):
    (folder / 'bbox_mupots_output.json').write_text(json.dumps([
        {'image_id': 1, 'bbox': [50, 30, 28, 36], 'score': 0.9}, {'image_id': 1, 'bbox': [0, 0, 9, 9], 'score': 0.2}]))
    boxes = read_boxes(folder / 'bbox_mupots_output.json', mupots_names(folder))
    found = {frame.image_id: frame.detections for frame in frames(read_mupots(folder).samples(), boxes)}
    assert [len(detections) for detections in found.values()] == [0, 2, 0]
    assert found['TS6/img_000001'][0].score == 0.9


def test_true_boxes_or_a_detector(folder):
    samples = list(read_mupots(folder).samples())
    true = next(frames(samples))
    np.testing.assert_allclose(true.detections[0].box, [54, 33, 74, 63])
    image = true.image()
    assert image.shape == (*SIZE, 3) and true.camera(image).fx == FOCAL
    assert next(frames(samples, 'detector')).detections is None
    with pytest.raises(ValueError, match="boxes must be 'true', 'detector' or given by image, not 'all'"):
        frames(samples, 'all')
