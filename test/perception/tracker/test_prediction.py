"""Where people are by now."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.tracker import Tracker
from hdnet_ros.perception.tracker.prediction import moved_on

SPREAD = np.diag([0.01, 0.02, 0.3])


def somebody(world, velocity):
    person = Tracker().update([world.observe((0.3, 0.1, 4.0))], 0.0)[0]
    joints = person.root + np.linspace(-0.8, 0.8, 51).reshape(17, 3)
    return replace(person, joints=joints, velocity=np.array(velocity), velocity_covariance=SPREAD)


def test_relative_to_the_camera(world):
    person = somebody(world, [1.0, 0.0, -0.5])
    later = moved_on(person, 0.2)
    np.testing.assert_allclose(later.root - person.root, [0.2, 0.0, -0.1])
    np.testing.assert_allclose(later.joints, person.joints + [0.2, 0.0, -0.1])
    np.testing.assert_allclose(later.root_covariance - person.root_covariance,
                               SPREAD * 0.04 + 0.008 / 3 * np.eye(3), atol=1e-12)
    nimble = moved_on(person, 0.2, acceleration_density=4.0)
    np.testing.assert_allclose(nimble.root_covariance - later.root_covariance, 3 * 0.008 / 3 * np.eye(3), atol=1e-12)


def test_no_time_moves_nobody(world):
    person = somebody(world, [1.0, 0.0, -0.5])
    now = moved_on(person, 0.0)
    for name in ('root', 'root_covariance', 'joints'):
        np.testing.assert_array_equal(getattr(now, name), getattr(person, name))


def test_in_a_fixed_frame_the_image_s_stamp_brings_the_place_of_now(world):
    """The robot turns and drives: transformed with the pose of the image, the person is where the walk has led."""
    pose = CameraPose(Rotation.from_euler('xyz', [0.1, 0.8, -0.2]).as_matrix(), np.array([3.0, 1.0, 0.5]))
    person = somebody(world, [0.0, 1.0, 0.0])
    later = moved_on(person, 0.3, pose)
    np.testing.assert_allclose(pose.to_fixed(later.root) - pose.to_fixed(person.root), [0.0, 0.3, 0.0], atol=1e-12)
    np.testing.assert_allclose(pose.to_fixed(later.joints) - pose.to_fixed(person.joints),
                               np.tile([0.0, 0.3, 0.0], (17, 1)), atol=1e-12)
    np.testing.assert_allclose(pose.covariance_to_fixed(later.root_covariance - person.root_covariance),
                               SPREAD * 0.09 + 0.027 / 3 * np.eye(3), atol=1e-12)
