"""What is published of a track: in the camera's axes, whatever axes it is followed in."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.evaluation.tracking.errors import ErrorModel, ErrorSource
from hdnet_ros.evaluation.tracking.walks import skeleton
from hdnet_ros.perception.people import Pose
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.skeleton import HUMAN36M_17

FLIP = list(HUMAN36M_17.flip_order)
OF_AVERAGE_SIZE = ErrorModel(size=0.0, leap_probability=0.0)


def joint_errors(world, told, seconds=4.0):
    """(N, 17) metres by which published joints are off, of somebody who stands before a camera that turns.

    told: whether the tracker is told the camera's pose at a time.
    """
    upright = skeleton(0.0, False, heading_rad=0.6) @ world.level_camera().rotation.T
    tracker, source, errors = Tracker(), ErrorSource(OF_AVERAGE_SIZE, np.random.default_rng(0)), []
    for stamp_s in np.arange(0, seconds, 1 / 15):
        pose = world.level_camera(0.3 * np.sin(stamp_s), (0.5, -0.3, 1.2))
        place, joints = pose.to_camera([3.5, 0.2, 0.9]), upright @ pose.rotation
        person, = tracker.update([source.observe(place, 1 / 15, joints)], stamp_s, pose if told(stamp_s) else None)
        errors.append(np.linalg.norm(person.joints - (place + joints), axis=1))
    return np.array(errors)


def test_joints_are_in_the_axes_of_the_camera(world):
    errors = joint_errors(world, lambda t: True)
    assert errors[5:].mean() < 0.1 and errors.max() < 0.25


def test_a_skeleton_stays_upright_when_tf_comes_and_goes(world):
    errors = joint_errors(world, lambda t: int(t / 0.7) % 2 == 0)
    assert errors[5:].mean() < 0.1 and errors.max() < 0.25


def test_a_hidden_person_s_skeleton_keeps_its_axes_while_the_camera_turns(world):
    upright = skeleton(0.0, False, heading_rad=0.6) @ world.level_camera().rotation.T
    before, after = world.level_camera(), world.level_camera(0.5, (0.3, 0.2, 0.0))
    tracker = Tracker()
    for k in range(5):
        pose = Pose(np.zeros((17, 2)), upright @ before.rotation, np.ones(17))
        tracker.update([replace(world.observe((0.3, 0.1, 4.0)), pose=pose)], 0.1 * k, before)
    hidden, = tracker.update([], 0.6, after)
    np.testing.assert_allclose(after.to_fixed(hidden.root), before.to_fixed([0.3, 0.1, 4.0]), atol=1e-6)
    np.testing.assert_allclose(hidden.joints - hidden.root, upright @ after.rotation, atol=1e-6)


@pytest.mark.parametrize('yaw_rad', [0.0, 0.7])
def test_a_first_sighting_s_uncertainty_is_as_measured(world, yaw_rad):
    """The tracker's frame has other axes than the camera, and so has the covariance in it."""
    observation = world.observe((0.3, 0.1, 4.0))
    person, = Tracker().update([observation], 0.0, world.level_camera(yaw_rad))
    np.testing.assert_allclose(person.root, observation.root.position, atol=1e-12)
    np.testing.assert_allclose(person.root_covariance, observation.root.covariance, atol=2e-6)


def test_uncertainty_that_stays_with_a_person_turns_with_the_axes_when_tf_is_lost(world):
    """Somebody else's size is still along the ray on which they are seen."""
    tracker, pose = Tracker(), world.level_camera(0.4)
    for k in range(20):
        tracker.update([world.observe((0.3, 0.1, 4.0))], 0.05 * k, pose)
    known, = tracker.update([], 0.96, pose)
    lost, = tracker.update([], 0.97, None)
    deviation_along = np.sqrt(lost.root @ lost.root_covariance @ lost.root) / np.linalg.norm(lost.root)
    before = np.sqrt(known.root @ known.root_covariance @ known.root) / np.linalg.norm(known.root)
    assert deviation_along == pytest.approx(before, rel=0.02)
    longest = np.linalg.eigh(lost.root_covariance)[1][:, 2]
    assert abs(longest @ lost.root) == pytest.approx(np.linalg.norm(lost.root), rel=0.01)


@pytest.mark.parametrize('smooth', [True, False])
def test_left_and_right_exchanged_in_an_image_are_put_right_there_too(world, smooth):
    joints, px = skeleton(0.0, False), np.arange(34.0).reshape(17, 2)
    confidence = np.linspace(0.5, 1.0, 17)
    as_it_is = Pose(px, joints, confidence)
    exchanged = Pose(px[FLIP], joints[FLIP], confidence[FLIP])
    tracker = Tracker(TrackerConfig(smooth=smooth))
    for k in range(10):
        pose = exchanged if k == 9 else as_it_is
        person, = tracker.update([replace(world.observe((0.3, 0.1, 4.0)), pose=pose)], k / 15)
    shown = as_it_is if smooth else exchanged
    np.testing.assert_array_equal(person.joints_px, shown.joints_px)
    np.testing.assert_array_equal(person.confidence, shown.confidence)
    np.testing.assert_allclose(person.joints - person.root, shown.joints_relative, atol=0.01)
