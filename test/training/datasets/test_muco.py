from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21, convert
from hdnet_ros.training.datasets.muco import MuCoConfig, open_muco
from hdnet_ros.training.errors import DataSetError

RANDOM = np.random.default_rng(0)
JOINTS_MM = RANDOM.uniform([-500, -800, 3000], [500, 800, 4000], (5, 21, 3))
F, C = [1500.0, 1490.0], [960.0, 540.0]


def content():
    """Two images with two and three people, as Moon's JSON of MuCo-3DHP has them."""
    pixels = JOINTS_MM[..., :2] / JOINTS_MM[..., 2:] * F + C
    return {
        'images': [{'id': 7 + i, 'file_name': f'augmented_set/{i}.jpg', 'width': 1920, 'height': 1080, 'f': F, 'c': C}
                   for i in range(2)],
        'annotations': [{'id': i, 'image_id': 7 + (i >= 2), 'bbox': [10.0 * i, 20, 100, 200],
                         'keypoints_cam': JOINTS_MM[i].tolist(), 'keypoints_img': pixels[i].tolist(),
                         'keypoints_vis': [True] * 20 + [False]} for i in range(5)],
    }


def open_content(tmp_path, values, target=MUCO_21, **changes):
    (tmp_path / 'MuCo-3DHP.json').write_text(json.dumps(values))
    return open_muco(MuCoConfig(kind='muco', folder=str(tmp_path), **{'split': 'all', **changes}), target)


def test_units_cameras_and_people(tmp_path):
    data = open_content(tmp_path, content())
    assert len(data) == 2
    sample = data.sample(1)
    assert sample.image == tmp_path / 'augmented_set' / '1.jpg'
    np.testing.assert_allclose(sample.K, [[1500, 0, 960], [0, 1490, 540], [0, 0, 1]])
    assert [len(data.sample(i).people) for i in (0, 1)] == [2, 3]
    person = sample.people[0]
    np.testing.assert_allclose(person.joints_camera, JOINTS_MM[2] / 1000, atol=1e-6)
    assert person.root_depth_m == pytest.approx(JOINTS_MM[2, 14, 2] / 1000)
    np.testing.assert_allclose(person.box, [20, 20, 120, 220])
    assert person.visible.tolist() == [True] * 20 + [False]
    projected = person.joints_camera[:, :2] / person.joints_camera[:, 2:] * F + C
    np.testing.assert_allclose(person.joints_px, projected, atol=1e-2)


def test_joints_can_be_read_as_human36m(tmp_path):
    person = open_content(tmp_path, content(), HUMAN36M_17).sample(0).people[0]
    np.testing.assert_allclose(person.joints_camera, convert(JOINTS_MM[0] / 1000, MUCO_21, HUMAN36M_17), atol=1e-6)
    assert person.root_depth_m == pytest.approx(JOINTS_MM[0, 14, 2] / 1000)
    assert np.isfinite(person.joints_px).all() and person.visible.all()


def test_what_the_file_says_about_the_whole_set(tmp_path):
    assert open_content(tmp_path, content()).info == {}
    assert open_content(tmp_path, {**content(), 'info': {'split': 'test'}}).info == {'split': 'test'}
    with pytest.raises(DataSetError, match="'info' must be a mapping, not a str"):
        open_content(tmp_path, {**content(), 'info': 'test'})


def test_sets_of_17_joints_say_so(tmp_path):
    values = content()
    for row in values['annotations']:
        for key in ('keypoints_cam', 'keypoints_img', 'keypoints_vis'):
            row[key] = row[key][:17]
    with pytest.raises(DataSetError, match='17 joints per person but no .joint_set.'):
        open_content(tmp_path, values)
    values['joint_set'] = 'human36m_17'
    person = open_content(tmp_path, values, HUMAN36M_17).sample(0).people[0]
    assert person.root_depth_m == pytest.approx(JOINTS_MM[0, 0, 2] / 1000)
    values['joint_set'] = 'coco'
    with pytest.raises(DataSetError, match="joint_set must be one of human36m_17.*not 'coco'"):
        open_content(tmp_path, values)


def test_splits_share_nothing_and_leave_nothing(tmp_path, muco_writer):
    folder = muco_writer(tmp_path / 'set', images=10)
    names = {}
    for split in ('train', 'validation', 'all'):
        data = open_muco(MuCoConfig(kind='muco', folder=str(folder), split=split, validation_every=5), HUMAN36M_17)
        names[split] = {data.sample(i).image.name for i in range(len(data))}
    assert names['validation'] == {'0000.jpg', '0005.jpg'}
    assert names['train'] | names['validation'] == names['all'] and not names['train'] & names['validation']


def test_people_hidden_too_much_or_behind_the_camera_are_left_out(tmp_path):
    values = content()
    values['annotations'][0]['visibility'] = 0.3
    values['annotations'][1]['keypoints_vis'] = [True] * 5 + [False] * 16
    values['annotations'][2]['keypoints_cam'][14][2] = -100.0
    data = open_content(tmp_path, values, min_visibility=0.4)
    assert len(data) == 1 and len(data.sample(0).people) == 2
    assert len(open_content(tmp_path, values).sample(0).people) == 2


@pytest.mark.parametrize(('damage', 'message'), [
    (lambda v: v.pop('images'), "must have a list 'images'"),
    (lambda v: v['images'][1].pop('f'), "entry 1 of 'images' has no 'f'"),
    (lambda v: v['images'][0].update(c=[1]), r'image 7: c must be 2 numbers, not \[1\]'),
    (lambda v: v['annotations'][3].pop('keypoints_cam'), "entry 3 of 'annotations' has no 'keypoints_cam'"),
    (lambda v: v['annotations'][3].update(keypoints_cam=[[1, 2]]), 'annotation 3: keypoints_cam must be 21 x 3'),
    (lambda v: v['annotations'][3].update(bbox='big'), "annotation 3: bbox must be 4 numbers, not 'big'"),
    (lambda v: v.update(annotations=[]), 'has no usable person'),
])
def test_malformed_files_are_refused(tmp_path, damage, message):
    values = content()
    damage(values)
    with pytest.raises(DataSetError, match=message):
        open_content(tmp_path, values)


def test_missing_and_unreadable_files(tmp_path):
    config = MuCoConfig(kind='muco', folder=str(tmp_path / 'nowhere'))
    with pytest.raises(DataSetError, match=r'MuCo-3DHP.json is missing: the annotations .* nearest folder that exists'):
        open_muco(config, MUCO_21)
    for text, message in (('{', 'is not a readable JSON file'), ('[]', 'must hold a mapping')):
        (tmp_path / 'MuCo-3DHP.json').write_text(text)
        with pytest.raises(DataSetError, match=message):
            open_muco(MuCoConfig(kind='muco', folder=str(tmp_path)), MUCO_21)


def test_ages_where_the_set_tells_them(tmp_path):
    values = content()
    for number, row in enumerate(values['annotations'][2:]):
        row['age_years'] = 10.5 + number
    data = open_content(tmp_path, values)
    assert [p.age_years for p in data.sample(1).people] == [10.5, 11.5, 12.5]
    assert all(np.isnan(p.age_years) for p in data.sample(0).people)
    values['annotations'][0]['age_years'] = 'old'
    with pytest.raises(DataSetError, match='annotation 0: age_years'):
        open_content(tmp_path, values)
