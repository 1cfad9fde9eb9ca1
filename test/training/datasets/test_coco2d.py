from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21
from hdnet_ros.training.datasets.coco2d import Coco2DConfig, open_coco2d, our_name
from hdnet_ros.training.errors import DataSetError

NAMES = ['nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear', 'left_shoulder', 'right_shoulder', 'left_elbow',
         'right_elbow', 'left_wrist', 'right_wrist', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle',
         'right_ankle']


def content():
    joints = np.column_stack([np.arange(17) * 10.0, np.arange(17) * 5.0 + 100, np.full(17, 2)])
    joints[9, 2] = 1        # left wrist hidden
    joints[10] = 0          # right wrist unlabelled

    def row(number, **changes):
        return {'id': number, 'image_id': 5, 'iscrowd': 0, 'bbox': [3, 4, 50, 60], 'keypoints': joints.ravel().tolist(),
                **changes}
    few = joints * (np.arange(17) < 5)[:, None]
    return {'categories': [{'id': 1, 'name': 'person', 'keypoints': NAMES}],
            'images': [{'id': 5, 'file_name': 'a.jpg', 'width': 640, 'height': 480}],
            'annotations': [row(0), row(1, iscrowd=1), row(2, keypoints=few.ravel().tolist()), row(3, image_id=77)]}


def open_content(tmp_path, values, target=HUMAN36M_17, **changes):
    (tmp_path / 'people.json').write_text(json.dumps(values))
    return open_coco2d(Coco2DConfig(kind='coco2d', folder=str(tmp_path), annotations='people.json', **changes), target)


def test_joints_go_by_name(tmp_path):
    data = open_content(tmp_path, content(), focal_px=700.0)
    assert len(data) == 1
    sample = data.sample(0)
    person, = sample.people
    assert sample.image == tmp_path / 'train2017' / 'a.jpg'
    np.testing.assert_allclose(sample.K, [[700, 0, 319.5], [0, 700, 239.5], [0, 0, 1]])
    np.testing.assert_allclose(person.box, [3, 4, 53, 64])
    index = HUMAN36M_17.index
    np.testing.assert_allclose(person.joints_px[index('left_foot')], [150, 175])
    np.testing.assert_allclose(person.joints_px[index('right_shoulder')], [60, 130])
    np.testing.assert_allclose(person.joints_px[index('hip')], [115, 157.5])
    assert person.visible[index('hip')]
    assert not person.visible[index('left_wrist')] and np.isfinite(person.joints_px[index('left_wrist')]).all()
    for unknown in ('right_wrist', 'spine', 'thorax', 'neck', 'head'):
        assert np.isnan(person.joints_px[index(unknown)]).all() and not person.visible[index(unknown)]
    assert np.isnan(person.root_depth_m) and np.isnan(person.joints_camera).all()


def test_other_target(tmp_path):
    person, = open_content(tmp_path, content(), MUCO_21).sample(0).people
    np.testing.assert_allclose(person.joints_px[MUCO_21.index('left_foot')], [150, 175])


def test_a_set_with_its_own_pelvis(tmp_path):
    values = content()
    values['categories'][0]['keypoints'] = ['pelvis', *NAMES[1:]]
    person, = open_content(tmp_path, values).sample(0).people
    np.testing.assert_allclose(person.joints_px[0], [0, 100])


@pytest.mark.parametrize(('name', 'ours'), [
    ('left_ankle', 'left_foot'), ('R_Ankle', 'right_foot'), ('RAnkle', 'right_foot'), ('r_shoulder', 'right_shoulder'),
    ('LShoulder', 'left_shoulder'), ('Pelvis', 'hip'), ('head_top', 'head'), ('Torso', 'spine'), ('nose', 'nose'),
    ('left_hip', 'left_hip'), ('Lumbar', 'lumbar')])
def test_names(name, ours):
    assert our_name(name) == ours


@pytest.mark.parametrize(('damage', 'message'), [
    (lambda v: v.pop('categories'), "no entry of 'categories' names its 'keypoints'"),
    (lambda v: v['annotations'][0].update(keypoints=[1, 2, 3]), 'annotation 0: keypoints must be 51 numbers'),
    (lambda v: v['images'][0].pop('width'), "entry 0 of 'images' has no 'width'"),
])
def test_malformed_files_are_refused(tmp_path, damage, message):
    values = content()
    damage(values)
    with pytest.raises(DataSetError, match=message):
        open_content(tmp_path, values)


@pytest.mark.parametrize(('key', 'value'), [('split', 'validation'), ('focal_px', 0.0), ('min_joints', 0)])
def test_configuration(key, value):
    with pytest.raises(ValueError, match=key):
        Coco2DConfig(kind='coco2d', folder='.', **{key: value})
