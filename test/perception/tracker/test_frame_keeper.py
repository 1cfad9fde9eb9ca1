"""From the fixed frame to the camera's and back: against paths that are differentiated numerically."""
from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.perception.tracker.frame_keeper import FrameKeeper
from hdnet_ros.perception.tracker.track import Track

CONFIG = TrackerConfig()
DRIVES_M_S, TURNS_RAD_S = np.array([0.9, -0.4, 0.1]), np.array([0.2, -0.1, 0.8])
STANDS, WALKS = (0.0, 0.0, 0.0), (-0.7, 1.1, 0.2)


def camera_at(world, t: float) -> CameraPose:
    """A robot that drives and turns at steady rates."""
    start = world.level_camera(0.3, (0.5, -0.3, 1.2))
    return CameraPose(Rotation.from_rotvec(TURNS_RAD_S * t).as_matrix() @ start.rotation,
                      start.translation + DRIVES_M_S * t)


def track_of(world, pose: CameraPose, velocity) -> Track:
    """Somebody 4 m in front of the camera, who moves with (3,) m/s of the fixed frame."""
    track = Track('ab1c9', world.observe((0.3, 0.1, 4.0)), 0.0, pose, CONFIG)
    track.change_frame(np.eye(3), np.zeros(3), np.array(velocity), CONFIG)
    return track


@pytest.mark.parametrize('velocity', [STANDS, WALKS])
def test_when_tf_is_lost_people_move_relative_to_a_camera_that_goes_on(world, velocity):
    keeper, pose = FrameKeeper(), camera_at(world, 0.1)
    track = track_of(world, pose, velocity)
    place = track.state.position
    keeper.enter([], camera_at(world, 0.0), 7.0, CONFIG)
    keeper.enter([], pose, 7.1, CONFIG)
    keeper.leave([track], CONFIG)
    assert keeper.pose is None

    def seen(dt_s):
        return camera_at(world, 0.1 + dt_s).to_camera(place + np.array(velocity) * dt_s)
    np.testing.assert_allclose(track.state.position, seen(0.0), atol=1e-9)
    np.testing.assert_allclose(track.state.velocity, (seen(1e-4) - seen(-1e-4)) / 2e-4, atol=1e-5)


@pytest.mark.parametrize('stamps_s', [(7.0,), (7.0, 9.0)])
def test_a_single_pose_or_two_far_apart_say_nothing_of_how_the_camera_moves(world, stamps_s):
    keeper, pose = FrameKeeper(), camera_at(world, 0.1)
    track = track_of(world, pose, WALKS)
    for stamp_s, t in zip(stamps_s, (0.0, 0.1), strict=False):
        keeper.enter([], camera_at(world, t), stamp_s, CONFIG)
    rotation = keeper.pose.rotation
    keeper.leave([track], CONFIG)
    np.testing.assert_allclose(track.state.velocity, rotation.T @ WALKS, atol=1e-12)


def test_tf_that_comes_back_places_people_by_the_new_pose(world):
    """How the camera moved meanwhile is unknown, so nothing is known of velocities either."""
    keeper, before, after = FrameKeeper(), camera_at(world, 0.0), camera_at(world, 0.6)
    track = track_of(world, before, WALKS)
    covariance = before.covariance_to_camera(track.state.position_covariance)
    keeper.enter([], before, 7.0, CONFIG)
    keeper.leave([track], CONFIG)
    keeper.leave([track], CONFIG)      # once is enough
    keeper.enter([track], after, 7.6, CONFIG)
    np.testing.assert_allclose(track.state.position, after.to_fixed([0.3, 0.1, 4.0]), atol=1e-9)
    np.testing.assert_allclose(track.state.position_covariance, after.covariance_to_fixed(covariance), atol=1e-9)
    np.testing.assert_array_equal(track.state.velocity, 0)
    np.testing.assert_allclose(track.state.velocity_covariance, np.eye(3) * CONFIG.initial_speed_sigma ** 2)


@pytest.mark.parametrize(('shift_m', 'turn_deg'), [((0.5, 0.0, 0.0), 0.0), ((0.0, 0.0, 0.0), 40.0),
                                                   ((0.3, -0.3, 0.0), -5.0)])
def test_a_map_that_leaps_takes_everybody_along(world, shift_m, turn_deg):
    """Localisation corrects itself while the robot drives on: in the camera's frame nothing happens."""
    leap = CameraPose(Rotation.from_euler('z', turn_deg, degrees=True).as_matrix(), np.array(shift_m))
    trackers = Tracker(), Tracker()
    place = camera_at(world, 0.8).to_fixed([0.3, 0.1, 4.0])
    for k in range(16):
        pose = camera_at(world, k / 10)
        observed = [world.observe(pose.to_camera(place))]
        leapt = CameraPose(leap.rotation @ pose.rotation, leap.to_fixed(pose.translation)) if k >= 8 else pose
        (calm,), (person,) = (tracker.update(observed, k / 10, at)
                              for tracker, at in zip(trackers, (pose, leapt), strict=True))
        assert person.id == calm.id
        np.testing.assert_allclose(person.root, calm.root, atol=0.02)
        turn = leap.rotation if k >= 8 else np.eye(3)
        assert np.linalg.norm(person.velocity - turn @ calm.velocity) < 0.1


def test_a_robot_that_drives_off_or_brakes_hard_does_not_leap(world):
    """From standing to 2 m/s and 3 rad/s within a tenth of a second."""
    keeper, start = FrameKeeper(), camera_at(world, 0.0)
    track = track_of(world, start, STANDS)
    place = track.state.position
    keeper.enter([], start, 6.9, CONFIG)
    for k, way in enumerate((0.0, 0.0, 0.2, 0.4, 0.4)):
        turn = Rotation.from_euler('z', 1.5 * way).as_matrix()
        keeper.enter([track], CameraPose(turn @ start.rotation, start.translation + [way, 0, 0]), 7 + k / 10, CONFIG)
    np.testing.assert_array_equal(track.state.position, place)


def test_an_image_that_comes_late_is_no_leap_of_a_camera_that_turns(world):
    """30 images per second at 2.5 rad/s; after one of them comes another that is 0.09 s older."""
    tracker, start = Tracker(), world.level_camera(0.0, (0.0, 0.0, 1.2))
    place = start.to_fixed([0.3, 0.1, 4.0])
    for stamp_s in np.insert(np.arange(20) / 30, 16, 15 / 30 - 0.09):
        turn = Rotation.from_euler('z', 2.5 * (stamp_s - 0.3)).as_matrix()
        pose = CameraPose(turn @ start.rotation, start.translation)
        person, = tracker.update([world.observe(pose.to_camera(place))], stamp_s, pose)
        np.testing.assert_allclose(pose.to_fixed(person.root), place, atol=0.02)


def test_how_the_camera_moves_is_known_also_if_tf_comes_back_with_a_late_image(world):
    """The image is 0.09 s older than the last one, which had no pose; after the next one tf is lost again."""
    tracker, place = Tracker(), camera_at(world, 0.6).to_fixed([0.3, 0.1, 4.0])
    for stamp_s, known in (*((k / 30, k < 15) for k in range(18)), (17 / 30 - 0.09, True), (18 / 30, True)):
        pose = camera_at(world, stamp_s)
        tracker.update([world.observe(pose.to_camera(place))], stamp_s, pose if known else None)
    hidden, = tracker.update([], 0.7, None)
    np.testing.assert_allclose(hidden.root, camera_at(world, 0.7).to_camera(place), atol=0.3)     # not 0.8 m


def test_who_stands_is_looked_for_where_the_moving_camera_will_see_them(world):
    """Hidden from the moment on at which tf is lost."""
    tracker, place = Tracker(), camera_at(world, 1.0).to_fixed([0.3, 0.1, 4.0])
    for k in range(31):
        pose = camera_at(world, k / 30)
        tracker.update([world.observe(pose.to_camera(place))], k / 30, pose)
    hidden, = tracker.update([], 1.2, None)
    truth = camera_at(world, 1.2).to_camera(place)
    assert np.linalg.norm(truth - camera_at(world, 1.0).to_camera(place)) > 0.4
    np.testing.assert_allclose(hidden.root, truth, atol=0.05)


def test_tf_that_comes_back_for_one_image_says_nothing_of_how_the_camera_moves(world):
    keeper, after = FrameKeeper(), camera_at(world, 0.6)
    track = track_of(world, after, WALKS)
    for t in (0.0, 0.1):
        keeper.enter([], camera_at(world, t), 7 + t, CONFIG)
    keeper.leave([], CONFIG)
    keeper.enter([], after, 7.6, CONFIG)
    keeper.leave([track], CONFIG)
    np.testing.assert_allclose(track.state.velocity, after.rotation.T @ WALKS, atol=1e-12)
