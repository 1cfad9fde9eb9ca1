"""Data sets told apart by what lies in their folder, and their pictures by name."""
from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from hdnet_ros.evaluation.figures.data import open_data
from hdnet_ros.training.errors import DataSetError


def joints(count=17):
    points = np.random.default_rng(0).uniform(-300, 300, (count, 3)) + [0, 0, 4000]
    points[0] = points[14] = [0, 0, 4000]
    return points.tolist(), (points[:, :2] / points[:, 2:] * 100 + [64, 48]).tolist()


def images(folder, names):
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), np.full((96, 128, 3), 40 * number, np.uint8))


@pytest.fixture
def muco(tmp_path):
    images(tmp_path, ['0.png', '1.png'])
    cam, px = joints()
    (tmp_path / 'MuCo-3DHP.json').write_text(json.dumps({
        'joint_set': 'human36m_17',
        'images': [{'id': n, 'file_name': f'{n}.png', 'f': [100, 100], 'c': [64, 48]} for n in range(2)],
        'annotations': [{'image_id': n, 'bbox': [50, 40, 30, 30], 'keypoints_cam': cam, 'keypoints_img': px,
                         'keypoints_vis': [1] * 17} for n in (0, 1, 1)]}))
    return tmp_path, ['0.png', '1.png'], [1, 2]


@pytest.fixture
def mupots(tmp_path):
    images(tmp_path, ['TS1/img_000000.jpg', 'TS2/img_000000.jpg'])
    cam, px = joints()
    (tmp_path / 'MuPoTS-3D.json').write_text(json.dumps({
        'images': [{'id': n, 'file_name': f'TS{n}/img_000000.jpg', 'intrinsic': [100, 100, 64, 48]} for n in (1, 2)],
        'annotations': [{'image_id': n, 'is_valid': 1, 'bbox': [50, 40, 30, 30], 'keypoints_cam': cam,
                         'keypoints_img': px, 'keypoints_vis': [1] * 17} for n in (1, 2)]}))
    return tmp_path, ['TS1/img_000000', 'TS2/img_000000'], [1, 1]


@pytest.fixture
def human36m(tmp_path):
    (tmp_path / 'annotations').mkdir()
    ids = []
    for subject in (9, 11):
        name = f's_{subject:02d}_act_02_subact_01_ca_01'
        ids.append(f'{name}_000001')
        images(tmp_path / 'images' / name, [f'{name}_000001.jpg'])
        content = {
            'data': {'images': [{'id': subject, 'file_name': f'{name}/{name}_000001.jpg', 'width': 128, 'height': 96,
                                 'subject': subject, 'action_name': 'Any', 'action_idx': 2, 'subaction_idx': 1,
                                 'cam_idx': 1, 'frame_idx': 0}],
                     'annotations': [{'image_id': subject, 'bbox': [50, 40, 30, 30]}]},
            'camera': {'1': {'R': np.eye(3).tolist(), 't': [0, 0, 0], 'f': [100, 100], 'c': [64, 48]}},
            'joint_3d': {'2': {'1': {'0': joints()[0]}}}}
        for part, values in content.items():
            (tmp_path / 'annotations' / f'Human36M_subject{subject}_{part}.json').write_text(json.dumps(values))
    return tmp_path, ids, [1, 1]


@pytest.mark.parametrize('kind', ['muco', 'mupots', 'human36m'])
def test_every_layout_is_recognised(kind, request):
    folder, ids, counts = request.getfixturevalue(kind)
    data = open_data(str(folder))
    assert data.truth.image_ids == ids and np.bincount(data.truth.image).tolist() == counts
    assert np.allclose(data.truth.root, [0, 0, 4])
    found = data.pictures([ids[1]])
    assert list(found) == [ids[1]] and found[ids[1]].image.shape == (96, 128, 3)
    assert found[ids[1]].camera.focal_px == pytest.approx(100)
    assert (data.names is None) == (kind == 'muco')
    if data.names:
        assert set(data.names().values()) == set(ids)
    with pytest.raises(DataSetError, match=f'has no image .nothing.; there are {ids[0]}'):
        data.pictures(['nothing'])


def test_only_the_images_asked_for_are_read(muco):
    folder, _, _ = muco
    (folder / '0.png').unlink()
    assert open_data(str(folder)).pictures(['1.png'])
    with pytest.raises(DataSetError, match='0.png does not exist'):
        open_data(str(folder)).pictures(['0.png'])


def test_an_image_of_nobody(muco):
    """MuPoTS-3D names images in which no annotation is valid; none of them has a frame."""
    data = open_data(str(muco[0]))
    truth = replace(data.truth, image_ids=['empty', *data.truth.image_ids], image=data.truth.image + 1)
    data = replace(data, truth=truth)
    assert data.first_image == '0.png'
    with pytest.raises(DataSetError, match="image 'empty' cannot be shown, since nobody"):
        data.pictures(['1.png', 'empty'])


def test_the_release_is_found_where_the_tables_find_it(tmp_path):
    place = tmp_path / 'downloads' / 'MultiPersonTestSet' / 'TS7'
    place.mkdir(parents=True)
    (place / 'annot.mat').write_bytes(b'damaged')
    for folder in (place.parent, place.parent.parent):
        with pytest.raises(DataSetError, match='annot.mat is not a readable MATLAB file'):
            open_data(str(folder))
    with pytest.raises(DataSetError, match='holds no annotations that are known'):
        open_data(str(tmp_path))


def test_a_folder_of_something_else(tmp_path):
    with pytest.raises(DataSetError, match='holds no annotations that are known; --data takes one of'):
        open_data(str(tmp_path))
    with pytest.raises(DataSetError, match='does not exist'):
        open_data(str(tmp_path / 'nowhere'))


def test_the_footage(footage_folder):
    data = open_data('pose2sim')
    assert len(data.truth) > 100 and set(data.truth.who) == {'man', 'woman'}
    image, camera = data.pictures(['cam01/000'])['cam01/000']
    assert image.shape[:2] == (camera.height, camera.width)
