"""The life of tracks: from first sight to expiry, through odd stamps and misjudged depths."""
from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.evaluation.tracking.errors import ErrorModel, ErrorSource
from hdnet_ros.evaluation.tracking.walks import skeleton
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import Pose, TrackState
from hdnet_ros.perception.tracker import Tracker, TrackerConfig

HERE = (0.3, 0.1, 4.0)
EXACT = TrackerConfig(min_hits=3, confirm_s=10.0, coast_s=1.2, tentative_coast_s=0.6)


def walk(tracker, world, stamps, place=HERE, **kwargs):
    """Everybody after the last of several sightings of one person."""
    for stamp_s in stamps:
        people = tracker.update([world.observe(place, **kwargs)], stamp_s)
    return people


def test_seen_at_once_and_confirmed_after_hits(world):
    tracker = Tracker(EXACT)
    states = [walk(tracker, world, [0.1 * k])[0].state for k in range(4)]
    assert states == [TrackState.TENTATIVE, TrackState.TENTATIVE, TrackState.CONFIRMED, TrackState.CONFIRMED]


def test_confirmed_by_age_at_low_frame_rates(world):
    tracker = Tracker(replace(EXACT, confirm_s=0.9))
    assert walk(tracker, world, [0.0])[0].state == TrackState.TENTATIVE
    person = walk(tracker, world, [1.0])[0]
    assert person.state == TrackState.CONFIRMED and person.age_s == 1.0


def test_one_hit_may_be_enough(world):
    assert walk(Tracker(replace(EXACT, min_hits=1)), world, [0.0])[0].state == TrackState.CONFIRMED


def test_what_is_published_when_seen(world):
    observation = world.observe(HERE)
    pose = Pose(np.full((17, 2), 5.0), np.zeros((17, 3)) + [0, 0, 0.1], np.full(17, 0.7))
    person = Tracker(EXACT).update([replace(observation, pose=pose)], 12.5)[0]
    np.testing.assert_array_equal(person.root, observation.root.position)
    np.testing.assert_allclose(person.root_covariance, observation.root.covariance, atol=2e-6)
    np.testing.assert_allclose(person.joints, observation.root.position + [0, 0, 0.1] + np.zeros((17, 3)))
    assert person.joints_px[3, 0] == 5.0 and person.confidence[0] == 0.7
    assert person.age_s == person.unseen_s == 0.0
    np.testing.assert_array_equal(person.velocity, 0)
    np.testing.assert_allclose(np.diag(person.velocity_covariance), EXACT.initial_speed_sigma ** 2)


def test_without_a_skeleton_joints_are_unknown(world):
    person = walk(Tracker(EXACT), world, [0.0])[0]
    assert np.isnan(person.joints).all() and np.isnan(person.joints_px).all() and not person.confidence.any()
    assert person.joints.shape == (17, 3) and person.joints_px.shape == (17, 2) and person.confidence.shape == (17,)


def dressed(world, stamp_s, skeleton=True):
    """One person, with or without a skeleton, at the same place at any time."""
    pose = Pose(np.full((17, 2), 5.0), np.tile([0.0, 0.5, 0.0], (17, 1)), np.ones(17))
    return [replace(world.observe(HERE), pose=pose if skeleton else None)], stamp_s


@pytest.mark.parametrize('smooth', [True, False])
def test_an_old_skeleton_is_not_taken_for_the_present_one(world, smooth):
    """In sight without a skeleton: the last one for a moment, then none, until there is one again."""
    tracker = Tracker(replace(EXACT, smooth=smooth))
    for k in range(10):
        tracker.update(*dressed(world, k / 10))
    last_s = 0.9
    soon, = tracker.update(*dressed(world, last_s + 0.5, skeleton=False))
    assert np.isfinite(soon.joints).all() == smooth and np.isnan(soon.joints_px).all() and not soon.confidence.any()
    for stamp_s in (last_s + 0.7, last_s + 5.0):
        late, = tracker.update(*dressed(world, stamp_s, skeleton=False))
        assert late.state == TrackState.CONFIRMED and np.isfinite(late.root).all()
        assert np.isnan(late.joints).all() and np.isnan(late.joints_px).all() and not late.confidence.any()
    again, = tracker.update(*dressed(world, last_s + 5.1))
    assert np.isfinite(again.joints).all() and (again.joints_px == 5.0).all() and again.confidence.all()


def test_who_coasts_keeps_the_skeleton_of_the_last_sight(world):
    """For as long as they are reported; but an old one is not taken up again when the person is lost from sight."""
    tracker = Tracker(EXACT)
    for k in range(10):
        tracker.update(*dressed(world, k / 10))
    hidden, = tracker.update([], 0.9 + 1.1)
    np.testing.assert_allclose(hidden.joints, hidden.root + np.tile([0.0, 0.5, 0.0], (17, 1)))
    tracker.update(*dressed(world, 2.1, skeleton=False))
    hidden, = tracker.update([], 2.2)
    assert hidden.state == TrackState.COASTING and np.isnan(hidden.joints).all()


@pytest.mark.parametrize('smooth', [True, False])
def test_a_joint_without_a_position_has_no_pixel_and_no_confidence(world, smooth):
    joints = np.tile([0.0, 0.5, 0.0], (17, 1))
    joints[3] = np.nan
    pose = Pose(np.full((17, 2), 5.0), joints, np.ones(17))
    person, = Tracker(replace(EXACT, smooth=smooth)).update([replace(world.observe(HERE), pose=pose)], 0.0)
    unknown = np.arange(17) == 3
    np.testing.assert_array_equal(np.isnan(person.joints).all(axis=1), unknown)
    np.testing.assert_array_equal(np.isnan(person.joints_px).all(axis=1), unknown)
    np.testing.assert_array_equal(person.confidence, np.where(unknown, 0.0, 1.0))


def test_velocity_is_learned(world):
    tracker, velocity = Tracker(EXACT), np.array([0.8, 0.0, -0.5])
    for k in range(40):
        person = tracker.update([world.observe(np.array([-1, 0.1, 5]) + velocity * k / 20)], k / 20)[0]
    np.testing.assert_allclose(person.velocity, velocity, atol=0.1)


def test_hidden_people_move_on_and_expire(world):
    tracker = Tracker(EXACT)
    pose = Pose(np.zeros((17, 2)), np.tile([0.0, 0.5, 0.0], (17, 1)), np.ones(17))
    for k in range(30):
        place = np.array([-1 + 0.04 * k, 0.1, 4.0])
        last = tracker.update([replace(world.observe(place), pose=pose)], k / 20)[0]
    hidden = tracker.update([], 29 / 20 + 1.0)[0]
    assert hidden.id == last.id and hidden.state == TrackState.COASTING and hidden.observation is None
    assert hidden.unseen_s == pytest.approx(1.0) and hidden.age_s == pytest.approx(29 / 20 + 1.0)
    np.testing.assert_allclose(hidden.root, place + [0.8, 0, 0], atol=0.12)    # people slow down in the long run
    np.testing.assert_allclose(hidden.joints, hidden.root + np.tile([0.0, 0.5, 0.0], (17, 1)))
    assert np.isnan(hidden.joints_px).all() and not hidden.confidence.any()
    assert np.linalg.eigvalsh(hidden.root_covariance - last.root_covariance).max() > 0.1
    assert tracker.update([], 29 / 20 + 1.3) == ()
    again, = tracker.update([world.observe(place + [1.5, 0, 0])], 29 / 20 + 2.0)
    assert again.id == last.id      # not shown any more, but not forgotten


def test_a_tentative_ghost_is_neither_shown_nor_kept(world):
    tracker = Tracker(EXACT)
    walk(tracker, world, [0.0])
    assert tracker.update([], 0.1) == ()
    assert tracker.update([], 0.7) == ()
    assert walk(tracker, world, [0.8])[0].age_s == 0.0


@pytest.mark.parametrize('interval_s', [1.3, 2.0, 4.0])
def test_people_are_confirmed_at_any_rate(world, interval_s):
    tracker = Tracker()
    tracker.update([world.observe((2.0, 0.0, 6.0))], 0.0)
    for k in range(1, 5):
        people = {p.age_s: p for p in tracker.update([world.observe((2.0, 0.0, 6.0)), world.observe(HERE)],
                                                     k * interval_s)}
    assert sorted(people) == pytest.approx([3 * interval_s, 4 * interval_s])
    assert {p.state for p in people.values()} == {TrackState.CONFIRMED}


def test_a_ghost_does_not_outlive_a_pause(world):
    """Somebody seen once before a pause in which nobody looked is not confirmed by whoever is there after it."""
    tracker = Tracker()
    for k in range(10):
        tracker.update([], 0.1 * k)
    ghost = walk(tracker, world, [1.0])[0].id
    after, = walk(tracker, world, [7.0])
    assert after.age_s == 0.0 and after.id != ghost and after.state == TrackState.TENTATIVE
    known = walk(tracker, world, [7.1, 7.2, 7.3])[0].id
    assert walk(tracker, world, [12.0])[0].id == known     # those who are known are remembered


def test_uncertainty_along_the_ray_stays_there_while_the_camera_turns(world):
    """Somebody hidden whose distance is misjudged is so along the ray on which they were seen."""
    looked, turned = world.level_camera(0.4, (1.0, 2.0, 1.2)), world.level_camera(1.1, (1.0, 2.0, 1.2))

    def hidden_from(pose):
        tracker = Tracker(EXACT)
        for k in range(10):
            tracker.update([world.observe(HERE)], 0.1 * k, looked)
        return tracker.update([], 1.1, pose)[0]
    still, seen = hidden_from(looked), hidden_from(turned)
    np.testing.assert_allclose(turned.covariance_to_fixed(seen.root_covariance),
                               looked.covariance_to_fixed(still.root_covariance), atol=1e-9)
    longest = np.linalg.eigh(seen.root_covariance)[1][:, 2]
    assert abs(longest @ seen.root) == pytest.approx(np.linalg.norm(seen.root), rel=0.01)


@pytest.mark.parametrize('yaw_rad', [0.0, 0.7])
def test_a_depth_that_errs_as_much_as_its_covariance_says_is_no_leap(world, yaw_rad):
    tracker, pose = Tracker(EXACT), world.level_camera(yaw_rad)
    for k in range(5):
        tracker.update([world.observe(HERE)], 0.1 * k, pose)
    person, = tracker.update([world.observe(HERE, depth_factor=1.2)], 0.5, pose)
    assert person.root[2] > 4.1


@settings(max_examples=12)
@given(st.integers(0, 10_000))
def test_how_the_fixed_frame_lies_changes_nothing_in_the_camera(world, seed):
    """Two people, seen with the errors of real footage by a robot that drives, turns and loses tf for a moment."""
    rng = np.random.default_rng(seed)
    rotation, shift = Rotation.random(random_state=seed).as_matrix(), rng.normal(size=3) * 5
    here, there = Tracker(), Tracker()
    sources = [ErrorSource(ErrorModel(), rng) for _ in range(2)]
    for k in range(24):
        pose = world.level_camera(0.3 * np.sin(k / 5), (0.05 * k, 0.0, 1.2))
        moved = CameraPose(rotation @ pose.rotation, rotation @ pose.translation + shift)
        places = [pose.to_camera(place) for place in ((5.0, 0.3, 1.0), (6.0, 2.0 - 0.1 * k, 1.0))]
        joints = skeleton(k / 15, True) @ world.level_camera().rotation.T @ pose.rotation
        seen = [source.observe(place, 1 / 15, joints) for source, place in zip(sources, places, strict=True)]
        seen = [] if k in (10, 18) else seen
        known = not 7 <= k < 11
        people, others = (tracker.update(seen, k / 15, at if known else None)
                          for tracker, at in ((here, pose), (there, moved)))
        assert [(p.id, p.state, p.observation) for p in people] == [(o.id, o.state, o.observation) for o in others]
        turn = rotation if known else np.eye(3)
        for person, other in zip(people, others, strict=True):
            for name in ('root', 'root_covariance', 'joints', 'joints_px', 'confidence'):
                np.testing.assert_allclose(getattr(other, name), getattr(person, name), atol=1e-6)
            np.testing.assert_allclose(other.velocity, turn @ person.velocity, atol=1e-6)
            np.testing.assert_allclose(other.velocity_covariance, turn @ person.velocity_covariance @ turn.T, atol=1e-6)


def test_a_walker_who_reaches_the_camera_is_dropped(world):
    tracker = Tracker(replace(EXACT, coast_s=30.0))
    for k in range(30):
        tracker.update([world.observe((0.0, 0.0, 3.0 - 0.07 * k))], k / 30)
    assert len(tracker.update([], 1.1)) == 1
    assert tracker.update([], 3.0) == ()


def test_a_long_gap_drops_everybody(world):
    tracker = Tracker(EXACT)
    first = walk(tracker, world, [0.0, 0.1, 0.2])[0].id
    after = walk(tracker, world, [60.0])
    assert [p.age_s for p in after] == [0.0] and after[0].id != first


def test_time_that_jumps_back_starts_afresh(world):
    tracker = Tracker(EXACT)
    first = walk(tracker, world, [100.0, 100.1, 100.2])[0].id
    again = walk(tracker, world, [3.0])
    assert len(again) == 1 and again[0].id != first and again[0].state == TrackState.TENTATIVE
    assert walk(tracker, world, [3.1])[0].id == again[0].id


def test_equal_and_slightly_late_stamps_are_the_same_moment(world):
    tracker = Tracker(EXACT)
    people = walk(tracker, world, [1.0, 1.0, 0.95, 1.0])
    assert len(people) == 1 and people[0].state == TrackState.CONFIRMED and people[0].age_s == 0.0
    assert np.isfinite(people[0].velocity_covariance).all()
    hidden = tracker.update([], 1.0)
    assert hidden[0].state == TrackState.COASTING and hidden[0].unseen_s == 0.0


@pytest.mark.parametrize('stamp_s', [math.nan, math.inf, -math.inf])
def test_stamps_must_be_finite(world, stamp_s):
    tracker = Tracker(EXACT)
    walk(tracker, world, [0.0])
    with pytest.raises(ValueError, match='stamp'):
        tracker.update([world.observe(HERE)], stamp_s)
    assert len(walk(tracker, world, [0.1])) == 1


def test_reset_forgets_and_does_not_repeat_ids(world):
    tracker = Tracker(EXACT)
    first = walk(tracker, world, [0.0, 0.1])[0].id
    tracker.reset()
    person = walk(tracker, world, [0.0])[0]
    assert person.age_s == 0.0 and person.id != first


def test_a_leap_in_depth_keeps_the_id_if_the_box_stays(world):
    """Somebody who half leaves the image seems to jump away by metres; the box knows better."""
    tracker = Tracker(EXACT)
    first = walk(tracker, world, [0.0, 0.1, 0.2])[0]
    leapt = walk(tracker, world, [0.3], depth_factor=2.0)
    assert [p.id for p in leapt] == [first.id]
    assert leapt[0].root[2] == pytest.approx(4.0, abs=0.01)  # once is no news
    leapt = walk(tracker, world, [0.4, 0.5], depth_factor=2.0)
    assert [p.id for p in leapt] == [first.id]
    np.testing.assert_allclose(leapt[0].root[2], 8.0)
    np.testing.assert_array_equal(leapt[0].velocity, 0)      # a leap says nothing about the velocity


def test_a_leap_elsewhere_in_the_image_is_somebody_else(world):
    tracker = Tracker(EXACT)
    walk(tracker, world, [0.0, 0.1, 0.2])
    people = tracker.update([world.observe((-2.0, 0.1, 8.0))], 0.3)
    assert [p.state for p in people] == [TrackState.COASTING, TrackState.TENTATIVE]


def test_a_ghost_cannot_take_over(world):
    """A confirmed person's next sighting is theirs, even if it lies nearer to somebody who was seen only once."""
    tracker = Tracker(EXACT)
    first = walk(tracker, world, [0.0, 0.1, 0.2])[0].id
    tracker.update([world.observe(HERE), world.observe((0.5, 0.1, 6.5))], 0.3)
    people = tracker.update([world.observe(HERE, depth_factor=1.6)], 0.4)
    assert [p.id for p in people if p.observation is not None] == [first]


def test_people_are_limited_and_the_hidden_make_room(world):
    tracker = Tracker(replace(EXACT, max_people=3, min_hits=1))
    crowd = [world.observe((x, 0.1, 5.0), score=s) for x, s in ((-3, 0.5), (-1, 0.9), (1, 0.8), (3, 0.7))]
    people = tracker.update(crowd, 0.0)
    assert sorted(p.observation.detection.score for p in people) == [0.7, 0.8, 0.9]
    people = tracker.update([crowd[0], crowd[1]], 0.1)
    assert sum(p.observation is not None for p in people) == 2 and len(people) == 3


def test_a_limit_that_is_lowered_holds_from_the_next_image_on(world):
    """The hidden go first, then those who came last."""
    tracker = Tracker(replace(EXACT, max_people=4, min_hits=1))
    places = [(x, 0.1, 5.0) for x in (-3, -1, 1, 3)]
    for k, come in enumerate((places[:2], places[:3], places, places[1:])):
        people = tracker.update([world.observe(place) for place in come], k / 10)
    first, second, third, last = (p.id for p in people)
    tracker.config = replace(tracker.config, max_people=2)
    assert {p.id for p in tracker.update([world.observe(place) for place in places[1:]], 0.4)} == {second, third}


def test_the_hidden_make_room_within_one_moment(world):
    tracker = Tracker(replace(EXACT, max_people=2, min_hits=1))
    a, b, c = (world.observe((x, 0.1, 5.0)) for x in (-3, 0, 3))
    tracker.update([a, b], 0.0)
    assert [p.observation for p in tracker.update([a, c], 0.0)] == [a, c]


def test_deterministic(world):
    def run():
        return world.follow([lambda t: np.array([t - 2, 0, 4.0]), lambda t: np.array([2 - t, 0, 5.0])],
                            np.random.default_rng(5), seconds=4).ids
    assert run() == run()


@pytest.mark.parametrize('appearance', [True, False])
def test_people_who_swap_places_while_hidden_are_known_by_their_looks(world, appearance):
    """Two people vanish side by side; each comes back where the other one was."""
    tracker = Tracker(TrackerConfig(appearance=appearance))
    red, green = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    places = [(-0.3, 0.1, 4.0), (0.3, 0.1, 4.0)]

    def see(stamp_s, looks):
        """The ids of the two, from left to right."""
        seen = [replace(world.observe(place), appearance=look) for place, look in zip(places, looks, strict=True)]
        return [person.id for person in sorted(tracker.update(seen, stamp_s), key=lambda person: person.root[0])]
    for step in range(10):
        left, right = see(0.1 * step, (red, green))
    tracker.update([], 1.5)
    assert see(2.0, (green, red)) == ([right, left] if appearance else [left, right])


def test_a_late_stamp_does_not_turn_time_back(world):
    """Seen at 0.85 s after 0.9 s, which counts as the same moment."""
    hidden = []
    for last_s in (0.85, 0.9):
        tracker = Tracker(EXACT)
        for k in range(10):
            tracker.update([world.observe((0, 0, 4 + 0.1 * k))], k / 10)
        tracker.update([world.observe((0, 0, 4.9))], last_s)
        hidden += tracker.update([], 1.0)
    np.testing.assert_allclose(hidden[0].root, hidden[1].root)
    assert hidden[0].unseen_s == pytest.approx(hidden[1].unseen_s)


@pytest.mark.parametrize('remember_s', [0.0, 0.05])
def test_whoever_is_not_remembered_for_long_is_followed_all_the_same(world, remember_s):
    tracker = Tracker(replace(EXACT, remember_s=remember_s))
    people = [tracker.update([world.observe(HERE)], k / 10)[0] for k in range(8)]
    assert len({person.id for person in people}) == 1 and people[-1].state == TrackState.CONFIRMED


def test_who_coasts_for_longer_than_they_are_remembered_is_known_meanwhile(world):
    tracker = Tracker(replace(EXACT, coast_s=2.0, remember_s=0.5))
    for k in range(5):
        known, = tracker.update([world.observe(HERE)], k / 10)
    assert [person.id for person in tracker.update([], 1.5)] == [known.id]


def test_whoever_is_hidden_for_longest_makes_room(world):
    tracker = Tracker(replace(EXACT, max_people=2, coast_s=5.0))
    here, there = world.observe((-3, 0.1, 5.0)), world.observe((0, 0.1, 5.0))
    for k in range(5):
        first, second = tracker.update([here, there], k / 10)
    tracker.update([there], 0.5)
    tracker.update([], 0.6)
    people = {person.id for person in tracker.update([world.observe((3, 0.1, 5.0))], 0.7)}
    assert second.id in people and first.id not in people


def test_leaps_must_follow_each_other_to_be_believed(world):
    """Twice for one image, 0.3 s apart, the depth is wrong by half."""
    tracker = Tracker(replace(EXACT, leap_s=0.15))
    for k in range(14):
        person, = tracker.update([world.observe(HERE, depth_factor=1.6 if k in (10, 13) else 1.0)], k / 10)
    assert np.linalg.norm(person.root - HERE) < 0.3


def test_the_rate_is_forgotten_too(world):
    """After a reset nobody knows how long it takes from image to image, so two seconds may be as usual."""
    tracker = Tracker(replace(EXACT, coast_s=0.5, remember_s=10.0))
    for k in range(5):
        tracker.update([world.observe(HERE)], k / 10)
    tracker.reset()
    first, second = (tracker.update([world.observe(HERE)], stamp_s)[0] for stamp_s in (100.0, 102.0))
    assert first.id == second.id
