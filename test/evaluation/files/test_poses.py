from __future__ import annotations

from dataclasses import replace

import h5py
import numpy as np
import pytest
from scipy.io import loadmat, savemat

from hdnet_ros.evaluation.files.poses import read_poses, write_poses
from hdnet_ros.evaluation.people_table import PeopleTable, PredictionError
from hdnet_ros.skeleton import HUMAN36M_17, MUPOTS_17, convert


@pytest.fixture
def paths(tmp_path):
    return tmp_path / 'preds_2d_kpt_mupots.mat', tmp_path / 'preds_3d_kpt_mupots.mat'


def poses(people, seed=0):
    random = np.random.default_rng(seed)
    return random.uniform(0, 2000, (people, 17, 2)), random.uniform([-900, -900, 2000], [900, 900, 6000],
                                                                    (people, 17, 3))


def write(paths, **images):
    for path, part in zip(paths, (0, 1)):
        savemat(path, {name: value[part] for name, value in images.items()})


def test_millimetres_become_metres_in_the_order_of_frames(paths):
    ten, two, one = poses(3, 1), poses(1, 2), poses(2, 3)
    nobody = np.zeros((0, 0)), np.zeros((0, 17, 3))
    write(paths, TS10_img_000000=ten, TS2_img_000005=two, TS2_img_000004=nobody, TS1_img_000002=one)
    people = read_poses(*paths)
    assert people.image_ids == ['TS1/img_000002', 'TS2/img_000004', 'TS2/img_000005', 'TS10/img_000000']
    assert people.image.tolist() == [0, 0, 2, 3, 3, 3] and people.joint_set == 'mupots_17'
    np.testing.assert_allclose(people.joints_px, np.concatenate([one[0], two[0], ten[0]]))
    np.testing.assert_allclose(people.joints, np.concatenate([one[1], two[1], ten[1]]) / 1000)
    np.testing.assert_allclose(people.root, people.joints[:, 14])
    np.testing.assert_allclose(people.root_px, people.joints_px[:, 14])
    assert people.score.tolist() == [1.0] * 6


def test_what_is_written_can_be_read(paths):
    joints_px, joints = poses(4)
    table = PeopleTable(['TS1/img_000000', 'TS1/img_000001', 'TS3/img_000000'], [0, 0, 2, 2], joints[:, 14] / 1000,
                        joints_px=convert(joints_px, MUPOTS_17, HUMAN36M_17),
                        joints=convert(joints / 1000, MUPOTS_17, HUMAN36M_17), joint_set='human36m_17')
    write_poses(table, *paths)
    assert loadmat(paths[0])['TS3_img_000000'].shape == (2, 17, 2)
    people = read_poses(*paths)
    assert people.image_ids == table.image_ids and people.image.tolist() == [0, 0, 2, 2]
    np.testing.assert_allclose(people.joints, joints / 1000)
    np.testing.assert_allclose(people.joints_px, joints_px)
    with pytest.raises(ValueError, match='these people have no joints'):
        write_poses(PeopleTable(['TS1/img_000000'], [0], np.ones((1, 3))), *paths)
    with pytest.raises(ValueError, match="'frame_1' is not one of MuPoTS-3D"):
        write_poses(replace(table, image_ids=['TS1/img_000000', 'TS1/img_000001', 'frame_1']), *paths)


def test_faults_are_named(paths):
    good = poses(2)

    def fails(message, **images):
        write(paths, **images)
        with pytest.raises(PredictionError, match=message):
            read_poses(*paths)

    fails(r'preds_2d_kpt_mupots.mat: TS1_img_000000 must be persons x 17 x 2 numbers, not \(2, 14, 2\)',
          TS1_img_000000=(good[0][:, :14], good[1]))
    fails(r'preds_3d_kpt_mupots.mat: TS1_img_000000 must be persons x 17 x 3 numbers, not \(17, 3\)',
          TS1_img_000000=(good[0], good[1][0]))
    fails('must be persons x 17 x 2 numbers', TS1_img_000000=('text', good[1]))
    fails('TS1_img_000000 has 2 people in .*2d_kpt_mupots.mat, but 1 in .*3d_kpt_mupots.mat',
          TS1_img_000000=(good[0], good[1][:1]))
    fails("variable 'image_1' is not called like an image, TS1_img_000000", image_1=good)
    broken = good[1].copy()
    broken[1, 14] = np.nan
    fails('preds_3d_kpt_mupots.mat: TS1_img_000000: person 1 has no pelvis', TS1_img_000000=(good[0], broken))
    write(paths)
    with pytest.raises(PredictionError, match='has no variable that is called like an image'):
        read_poses(*paths)


def test_images_of_one_file_only(paths):
    good = poses(1)
    savemat(paths[0], {'TS1_img_000000': good[0], 'TS1_img_000001': good[0]})
    savemat(paths[1], {'TS1_img_000000': good[1]})
    with pytest.raises(PredictionError, match='different images: only one of them has TS1_img_000001'):
        read_poses(*paths)


def test_files_that_cannot_be_read(paths):
    with pytest.raises(PredictionError, match='preds_2d_kpt_mupots.mat cannot be read'):
        read_poses(*paths)
    paths[0].write_bytes(b'nothing that MATLAB wrote' * 20)
    with pytest.raises(PredictionError, match='is no readable MATLAB file'):
        read_poses(*paths)
    with h5py.File(paths[0], 'w', userblock_size=512) as file:
        file['TS1_img_000000'] = np.zeros((2, 17, 1))
    with open(paths[0], 'r+b') as file:
        file.write(b'MATLAB 7.3 MAT-file'.ljust(124) + bytes([0, 2]) + b'IM')
    with pytest.raises(PredictionError, match='is a MATLAB 7.3 file; save it with the option -v7'):
        read_poses(*paths)
