from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21
from hdnet_ros.training.synthetic.contact_sheet import contact_sheet, draw_truth
from hdnet_ros.training.synthetic.muco_writer import muco_joints, write_annotations, write_image
from hdnet_ros.training.synthetic.sample import SyntheticImage, SyntheticPerson

K = np.array([[500.0, 0, 160], [0, 500, 120], [0, 0, 1]])


@pytest.fixture
def sample() -> SyntheticImage:
    rng = np.random.default_rng(0)
    joints = rng.uniform([-0.5, -0.8, 3], [0.5, 0.8, 4], (17, 3))
    projected = joints @ K.T
    visible = np.zeros(17, bool)
    visible[[0, 9]] = True
    person = SyntheticPerson(joints, projected[:, :2] / projected[:, 2:], visible,
                             np.array([10.0, 20, 110, 220]), 0.75, 1.7, 30.0, 'body0001',
                             np.array([0.0, 20, 110, 260]), rng.uniform(3, 4, (4, 3)))
    return SyntheticImage(np.full((240, 320, 3), 128, np.uint8), K, (person,), 42)


def test_what_is_written_can_be_read(sample, tmp_path):
    second = SyntheticImage(sample.image, K, (), 7)
    info = {'split': 'test', 'seed': 9}
    assert write_annotations(tmp_path, [write_image(tmp_path, s) for s in (sample, second)], info) == 1
    data = json.loads((tmp_path / 'MuCo-3DHP.json').read_text())
    assert data['info'] == info
    assert [image['id'] for image in data['images']] == [7, 42]
    image, (annotation,) = data['images'][1], data['annotations']
    assert cv2.imread(str(tmp_path / image['file_name'])).shape == (240, 320, 3)
    assert (image['width'], image['height'], image['f'], image['c']) == (320, 240, [500, 500], [160, 120])
    assert annotation['image_id'] == 42 and annotation['bbox'] == [10, 20, 100, 200]
    cam, person = np.array(annotation['keypoints_cam']), sample.people[0]
    for ours, theirs in (('hip', 'hip'), ('neck', 'head'), ('head', 'head_top'), ('left_wrist', 'left_wrist')):
        assert np.allclose(cam[MUCO_21.index(theirs)], person.joints_camera[HUMAN36M_17.index(ours)] * 1000, atol=0.01)
    assert np.allclose(cam[MUCO_21.index('left_toe')], person.extremities_camera[3] * 1000, atol=0.01)
    projected = cam @ K.T
    assert np.allclose(annotation['keypoints_img'], projected[:, :2] / projected[:, 2:], atol=0.01)
    assert np.flatnonzero(annotation['keypoints_vis']).tolist() == [MUCO_21.index('hip'), MUCO_21.index('head')]
    assert sorted(path.name for path in tmp_path.iterdir()) == ['MuCo-3DHP.json', 'augmented_set']


def test_muco_joints_are_complete(sample):
    assert np.isfinite(muco_joints(sample.people[0])).all()


def test_the_sheet_shows_all_samples_and_the_truth(sample):
    drawn = draw_truth(sample)
    assert drawn.shape == sample.image.shape and (drawn != sample.image).any()
    assert (sample.image == 128).all()
    sheet = contact_sheet([sample] * 5, columns=4, cell=(160, 120))
    assert sheet.shape == (240, 640, 3)
    assert sheet[120:, :160].std() > 5 and sheet[120:, 160:].std() == 0
