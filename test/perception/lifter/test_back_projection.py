from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdnet_ros.camera import Camera
from hdnet_ros.perception.lifter.back_projection import at_depth, back_project
from hdnet_ros.perception.people import Pose

CAMERA = Camera(1280, 720, np.array([[900.0, 0, 630], [0, 910, 350], [0, 0, 1]]),
                np.array([0.1, -0.05, 1e-3, -1e-3, 0.01]))


@given(arrays(float, (17, 3), elements=st.floats(-0.8, 0.8)), st.floats(2, 8))
def test_back_projection_undoes_projection(relative, depth_m):
    relative[0] = 0
    joints = relative + [0.3 * depth_m, -0.1 * depth_m, depth_m]
    pixels = CAMERA.project(joints)
    assert np.allclose(back_project(pixels, relative[:, 2], depth_m, CAMERA), joints, atol=1e-6)
    guessed = Pose(pixels, np.zeros((17, 3)), np.ones(17), relative_depth_m=relative[:, 2])
    assert np.allclose(at_depth(guessed, depth_m, CAMERA).joints_relative, relative, atol=1e-6)


def test_joints_behind_the_camera_are_unknown():
    joints = back_project(np.full((3, 2), 300.0), np.array([0, 0.5, -2.5]), 2.0, CAMERA)
    assert joints[:, 2][:2] == pytest.approx([2.0, 2.5]) and np.isnan(joints[2]).all()


def test_joints_behind_the_camera_are_not_sure_at_that_depth():
    relative_depth_m, confidence = np.zeros(17), np.full(17, 0.8)
    relative_depth_m[5] = -2.5
    guessed = Pose(np.full((17, 2), 300.0), np.zeros((17, 3)), confidence, relative_depth_m=relative_depth_m)
    np.testing.assert_array_equal(at_depth(guessed, 2.0, CAMERA).confidence, np.where(np.arange(17) == 5, 0, 0.8))
    np.testing.assert_array_equal(at_depth(guessed, 3.0, CAMERA).confidence, confidence)


def test_without_a_root_no_joint_is_sure():
    pixels = np.full((17, 2), 300.0)
    pixels[0] = np.nan
    guessed = Pose(pixels, np.zeros((17, 3)), np.ones(17), relative_depth_m=np.zeros(17))
    placed = at_depth(guessed, 2.0, CAMERA)
    assert np.isnan(placed.joints_relative).all() and not placed.confidence.any()


def test_metric_poses_stay_as_they_are():
    pose = Pose(np.zeros((17, 2)), np.ones((17, 3)), np.ones(17))
    assert at_depth(pose, 3.0, CAMERA) is pose
