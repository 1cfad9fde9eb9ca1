"""Joints of synthetic bodies: where people have them, whoever they are and however they move."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.joints import NAMES, JointRegressor
from hdnet_ros.training.synthetic.kinematics import bone_transforms, moved
from hdnet_ros.training.synthetic.random_pose import RandomPose


@pytest.fixture(scope='module')
def body(folder):
    return store.load_template(folder / 'body.npz')


@pytest.fixture(scope='module')
def pool(folder):
    return store.load_pool(folder)


@pytest.fixture(scope='module')
def regressor(body):
    return JointRegressor(body)


def test_joints_have_the_proportions_of_people(regressor, pool):
    """Against anthropometric tables (segment lengths over height) and Human3.6M's wide hips."""
    adults = np.flatnonzero(pool.ages_years >= 18)
    joints = np.array([regressor.rest(pool.shapes[i], pool.heads[i]) / pool.heights_m[i] for i in adults])
    place = {name: joints[:, index] for index, name in enumerate(NAMES)}

    def length(a, b):
        return float(np.linalg.norm(place[a] - place[b], axis=1).mean())

    for a, b, expected in (('left_hip', 'right_hip', 0.152), ('left_hip', 'left_knee', 0.243),
                           ('left_knee', 'left_foot', 0.25), ('hip', 'thorax', 0.29),
                           ('left_shoulder', 'left_elbow', 0.16), ('left_elbow', 'left_wrist', 0.145),
                           ('left_shoulder', 'right_shoulder', 0.21)):
        assert length(a, b) == pytest.approx(expected, rel=0.1), (a, b)
    assert np.allclose(place['hip'], (place['left_hip'] + place['right_hip']) / 2)
    assert place['left_hip'][:, 0].mean() > 0 > place['left_toe'][:, 1].mean() - place['left_foot'][:, 1].mean()


def test_bodies_are_symmetric_and_upright_at_rest(regressor, pool):
    joints = dict(zip(NAMES, regressor.rest(pool.shapes[0], pool.heads[0])))
    for name in NAMES:
        other = name.replace('left', 'right') if 'left' in name else name.replace('right', 'left')
        assert joints[name] * [-1, 1, 1] == pytest.approx(joints[other], abs=0.01), name
    heights = [joints[name][2] for name in ('left_toe', 'left_foot', 'left_knee', 'hip', 'spine', 'thorax', 'neck',
                                            'head')]
    assert heights == sorted(heights)


def test_joints_move_with_the_body_and_bones_keep_their_length(regressor, body, pool):
    heads = pool.heads[1].astype(float)
    rest = regressor.rest(pool.shapes[1], heads)
    transforms, _ = bone_transforms(heads, RandomPose(body).draw('walk', np.random.default_rng(0)), body.parents)
    posed = regressor.posed(rest, transforms)
    place = {name: index for index, name in enumerate(NAMES)}
    for a, b in (('left_knee', 'left_foot'), ('right_knee', 'right_foot'), ('left_shoulder', 'left_elbow'),
                 ('right_elbow', 'right_wrist'), ('neck', 'head')):
        lengths = [np.linalg.norm(each[place[a]] - each[place[b]]) for each in (rest, posed)]
        assert lengths[1] == pytest.approx(lengths[0], rel=0.1), (a, b)
    assert np.linalg.norm(posed - rest, axis=1).max() > 0.2
    turn, shift = Rotation.from_rotvec([0.3, -0.8, 0.2]).as_matrix(), np.array([1.0, -2.0, 4.0])
    assert np.allclose(regressor.posed(rest, moved(transforms, turn, shift)), posed @ turn.T + shift)
