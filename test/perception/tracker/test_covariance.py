"""The published uncertainty of a place is as large as errors really are, at any time of a track's life."""
from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hdnet_ros.evaluation.tracking.errors import ErrorModel, ErrorSource
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.perception.tracker.track import walker

PEOPLE, FPS, SEEN, HIDDEN = 80, 10, 20, 8
# Depths that err just as their covariance says: a part that stays, and a part that does not.
_SIGMA, _SHARE = 0.072, TrackerConfig.jitter_fraction
AS_CLAIMED = ErrorModel(size=_SIGMA * np.sqrt(1 - _SHARE ** 2), depth_drift=_SIGMA * _SHARE, depth_jitter=0.0,
                        leap_probability=0.0, claimed=_SIGMA)


def stander(rng):
    """Somebody who stands."""
    place = np.array([7.0, 0.0, 0.0]) + rng.normal(size=3) * 0.5
    while True:
        yield place


def wanderer(rng):
    """Somebody who walks as the tracker takes people to walk."""
    place, velocity = np.array([7.0, 0.0, 0.0]), rng.normal(size=3) * TrackerConfig.initial_speed_sigma
    motion, steps = walker(TrackerConfig()).moving, 8
    dt_s = 1 / FPS / steps
    while True:
        yield place
        for _ in range(steps):
            place = place + velocity * dt_s
            velocity = velocity * np.exp(-dt_s / motion.memory_s)
            velocity = velocity + np.sqrt(motion.acceleration_density * dt_s) * rng.normal(size=3)


def squared_errors(world, model, walk, seed):
    """Errors of one person after each image, squared and normalised by the published covariance.

    Returns (N, 2): of all three directions together, and of the line of sight alone; NaN when not shown any more.
    """
    rng = np.random.default_rng(seed)
    tracker, source, places = Tracker(), ErrorSource(model, rng), walk(rng)
    errors = np.full((SEEN + HIDDEN, 2), np.nan)
    for k in range(SEEN + HIDDEN):
        pose = world.level_camera(0.3 * np.sin(k / FPS), (0.3 * k / FPS, 0.0, 0.0))
        place = pose.to_camera(next(places))
        if place[2] < 2:
            break      # who is that near is seldom in view
        people = tracker.update([source.observe(place, 1 / FPS)] if k < SEEN else [], k / FPS, pose)
        if len(people) != 1:
            break
        error, covariance = people[0].root - place, people[0].root_covariance
        errors[k] = (error @ np.linalg.solve(covariance, error),
                     (error @ place) ** 2 / (place @ covariance @ place))
    return errors


@pytest.fixture(scope='module')
def everybody(world):
    """A function that gives ``squared_errors`` of many people, (PEOPLE, N, 2)."""
    @cache
    def run(model, walk):
        return np.array([squared_errors(world, model, walk, seed) for seed in range(PEOPLE)])
    return run


@pytest.mark.parametrize('walk', [stander, wanderer])
def test_depths_that_err_as_claimed_are_published_with_their_true_uncertainty(everybody, walk):
    """The mean over so many people deviates by a sixth."""
    claimed = everybody(AS_CLAIMED, walk)
    for k in (0, 3, 10, SEEN - 1):
        assert np.nanmean(claimed[:, k, 1]) == pytest.approx(1, abs=0.5)
    assert np.nanmean(claimed[:, :SEEN, 0]) < 3


def test_whoever_is_hidden_may_be_where_people_walk_to(everybody):
    errors = everybody(AS_CLAIMED, wanderer)
    for k in (SEEN + 2, SEEN + HIDDEN - 1):
        assert np.nanmean(errors[:, k, 0]) == pytest.approx(3, abs=1)


def test_the_errors_of_real_footage_are_within_what_is_published(everybody):
    errors = everybody(ErrorModel(), stander)[:, :SEEN]
    assert 0.3 < np.nanmean(errors[..., 1]) < 1.1 and np.nanmean(errors[..., 0]) < 3
