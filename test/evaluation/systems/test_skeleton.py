from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.skeleton import joints_in_camera
from hdnet_ros.perception.people import Pose, Root

CAMERA = Camera(640, 480, Camera.pinhole(640, 480, 500, 510).K, np.array([-0.1, 0.02, 0.001, 0, 0]))
TRUTH = np.array([0.2, 0.1, 4.0]) + np.vstack([np.zeros(3), np.random.default_rng(0).uniform(-0.5, 0.5, (16, 3))])


def root_at(position):
    return Root(np.array(position, float), np.eye(3), CAMERA.project(np.array(position, float)))


def pose(metric):
    relative = TRUTH - TRUTH[0]
    return Pose(CAMERA.project(TRUTH), relative, np.ones(17), relative_depth_m=None if metric else relative[:, 2])


def test_pixels_and_depths_become_metres():
    assert joints_in_camera(pose(metric=False), root_at(TRUTH[0]), CAMERA) == pytest.approx(TRUTH, abs=1e-6)


def test_only_the_depth_of_the_root_counts_then():
    elsewhere = root_at([1.0, -1.0, TRUTH[0, 2]])
    assert joints_in_camera(pose(metric=False), elsewhere, CAMERA) == pytest.approx(TRUTH, abs=1e-6)
    farther = joints_in_camera(pose(metric=False), root_at([0, 0, 5.0]), CAMERA)
    assert farther[:, 2] == pytest.approx(TRUTH[:, 2] + 1)
    assert CAMERA.project(farther) == pytest.approx(CAMERA.project(TRUTH), abs=1e-6)


def test_joints_behind_the_camera_are_unknown():
    joints = joints_in_camera(pose(metric=False), root_at([0, 0, 0.3]), CAMERA)
    behind = TRUTH[:, 2] - TRUTH[0, 2] + 0.3 <= 0
    assert behind.any() and (np.isnan(joints).all(axis=1) == behind).all()


def test_a_skeleton_in_metres_is_put_at_the_root():
    root = root_at([1.0, -1.0, 6.0])
    assert joints_in_camera(pose(metric=True), root, CAMERA) == pytest.approx(TRUTH - TRUTH[0] + root.position)
