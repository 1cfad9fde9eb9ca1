from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17
from hdnet_ros.training.datasets.mupots import MuPoTSConfig, fit_intrinsics, open_mupots
from hdnet_ros.training.errors import DataSetError

CAMERAS = {'TS1': (1500.0, 1480.0, 1024.0, 1010.0), 'TS6': (1100.0, 1105.0, 960.0, 540.0)}


def content(intrinsic):
    random = np.random.default_rng(0)
    images, annotations = [], []
    for number, (sequence, frame) in enumerate((s, f) for s in CAMERAS for f in range(2)):
        fx, fy, cx, cy = CAMERAS[sequence]
        image = {'id': number, 'file_name': f'{sequence}/img_{frame:06d}.jpg', 'width': 2048, 'height': 2048}
        if intrinsic:
            image['intrinsic'] = CAMERAS[sequence]
        images.append(image)
        for valid in (True, True, False):
            joints = random.uniform([-500, -800, 3000], [500, 800, 4000], (17, 3))
            pixels = joints[:, :2] / joints[:, 2:] * (fx, fy) + (cx, cy)
            annotations.append({'id': len(annotations), 'image_id': number, 'is_valid': int(valid),
                                'bbox': [1, 2, 30, 40], 'keypoints_cam': joints.tolist(),
                                'keypoints_img': pixels.tolist(), 'keypoints_vis': [1] * 17})
    return {'images': images, 'annotations': annotations}


def open_content(tmp_path, values, target=MUPOTS_17):
    (tmp_path / 'MuPoTS-3D.json').write_text(json.dumps(values))
    return open_mupots(MuPoTSConfig(kind='mupots', folder=str(tmp_path)), target)


@pytest.mark.parametrize('intrinsic', [True, False])
def test_valid_people_and_cameras(tmp_path, intrinsic):
    data = open_content(tmp_path, content(intrinsic))
    assert len(data) == 4
    for number, sequence in enumerate(['TS1', 'TS1', 'TS6', 'TS6']):
        sample = data.sample(number)
        assert sample.image == tmp_path / sequence / f'img_{number % 2:06d}.jpg' and len(sample.people) == 2
        fx, fy, cx, cy = CAMERAS[sequence]
        np.testing.assert_allclose(sample.K, [[fx, 0, cx], [0, fy, cy], [0, 0, 1]], rtol=1e-4)
        for person in sample.people:
            assert 3 <= person.root_depth_m <= 4 and person.root_depth_m == person.joints_camera[14, 2]


def test_root_is_the_pelvis_in_other_sets_too(tmp_path):
    person = open_content(tmp_path, content(True), HUMAN36M_17).sample(0).people[0]
    assert person.root_depth_m == person.joints_camera[0, 2] and np.isfinite(person.joints_camera).all()


def test_intrinsics_are_fitted_through_noise():
    random = np.random.default_rng(1)
    points = random.uniform([-2, -2, 2], [2, 2, 6], (4000, 3))
    pixels = points[:, :2] / points[:, 2:] * (1200, 1250) + (900, 500) + random.normal(0, 2, (4000, 2))
    K = fit_intrinsics(points, pixels)
    np.testing.assert_allclose([K[0, 0], K[1, 1], K[0, 2], K[1, 2]], [1200, 1250, 900, 500], rtol=1e-3)


def test_undetermined_camera_is_refused():
    with pytest.raises(DataSetError, match='do not determine its camera'):
        fit_intrinsics(np.tile([0.1, 0.2, 3.0], (5, 1)), np.tile([3.0, 4.0], (5, 1)))


def test_a_sequence_without_people_needs_no_camera(tmp_path):
    values = content(False)
    values['images'].append({'id': 99, 'file_name': 'TS9/img_000000.jpg'})
    assert len(open_content(tmp_path, values)) == 4


def test_it_is_a_test_set():
    assert MuPoTSConfig(kind='mupots', folder='.').split == 'test'
    for split in ('train', 'all'):
        with pytest.raises(ValueError, match='split must be one of test for mupots'):
            MuPoTSConfig(kind='mupots', folder='.', split=split)
