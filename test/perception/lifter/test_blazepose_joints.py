from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.perception.lifter.blazepose_joints import JOINT_WEIGHTS, LANDMARKS, to_confidence, to_joints
from hdnet_ros.skeleton import HUMAN36M_17

# Left and right landmarks of BlazePose swapped.
MIRRORED = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9] + [i + 1 if i % 2 else i - 1 for i in range(11, 33)]


def test_moving_all_landmarks_moves_all_joints():
    landmarks = np.random.default_rng(0).normal(size=(LANDMARKS, 3))
    assert np.allclose(JOINT_WEIGHTS.sum(axis=1), 1)
    assert np.allclose(to_joints(2 * landmarks + [1, 2, 3]), 2 * to_joints(landmarks) + [1, 2, 3])


def test_left_and_right_correspond():
    landmarks = np.random.default_rng(1).normal(size=(LANDMARKS, 3))
    assert np.allclose(to_joints(landmarks[MIRRORED]), to_joints(landmarks)[list(HUMAN36M_17.flip_order)])


def test_known_places():
    landmarks = np.zeros((LANDMARKS, 2))
    landmarks[[23, 24]] = [[10, 100], [-10, 100]]           # hips, y down
    landmarks[[11, 12]] = [[20, 50], [-20, 50]]             # shoulders
    landmarks[0] = [0, 25]
    landmarks[[7, 8]] = [[7, 23], [-7, 23]]                 # ears
    landmarks[[2, 5]] = [[3, 22], [-3, 22]]                 # eyes
    landmarks[[9, 10]] = [[2, 29], [-2, 29]]                # mouth
    joints = dict(zip(HUMAN36M_17.joints, to_joints(landmarks), strict=True))
    assert joints['hip'].tolist() == [0, 100] and joints['thorax'].tolist() == [0, 50]
    assert joints['spine'].tolist() == [0, 75]
    assert joints['left_hip'].tolist() == [10, 100] and joints['right_shoulder'].tolist() == [-20, 50]
    assert joints['neck'] == pytest.approx([0, 24])
    assert joints['head'][1] == pytest.approx(23 - 1.65 * 7), 'the crown is above the ears'


def test_a_landmark_without_a_place_takes_away_only_the_joints_made_of_it():
    landmarks = np.random.default_rng(2).normal(size=(LANDMARKS, 2))
    all_known = to_joints(landmarks)
    landmarks[11] = np.nan          # the left shoulder
    joints = to_joints(landmarks)
    lost = [HUMAN36M_17.index(name) for name in ('left_shoulder', 'thorax', 'spine')]
    assert np.flatnonzero(np.isnan(joints).any(axis=1)).tolist() == sorted(lost)
    np.testing.assert_allclose(np.delete(joints, lost, axis=0), np.delete(all_known, lost, axis=0), atol=1e-12)


def test_confidence_of_the_least_sure():
    confidence = np.linspace(0.1, 0.9, LANDMARKS)
    joints = dict(zip(HUMAN36M_17.joints, to_confidence(confidence), strict=True))
    assert joints['left_knee'] == confidence[25]
    assert joints['hip'] == confidence[23]
    assert joints['spine'] == confidence[11]
    assert joints['neck'] == confidence[0]
