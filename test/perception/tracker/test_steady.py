"""Who stays is averaged, who moves is followed, and coordinates do not matter."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.tracker.motion import Motion
from hdnet_ros.perception.tracker.steady import Habits, SteadyFilter

WALKER = Habits(Motion(1.0, 3.0), resting_speed_sigma=0.05, average_s=0.7)
NOISE = np.diag([0.02, 0.02, 0.1]) ** 2


def run(path, seed=0, steps=90, dt_s=1 / 15, habits=WALKER, memory_s=0.12):
    """Filters after each of many measurements with white noise."""
    rng = np.random.default_rng(seed)
    measured = [path(k * dt_s) + np.sqrt(np.diag(NOISE)) * rng.normal(size=3) for k in range(steps)]
    point = SteadyFilter(measured[0], NOISE, 1.0)
    positions, velocities = [], []
    for place in measured[1:]:
        point.predict(dt_s, habits)
        point.see(place, NOISE, dt_s, memory_s, habits)
        positions.append(point.position)
        velocities.append(point.velocity)
    return np.array(measured[1:]), np.array(positions), np.array(velocities)


def test_who_stays_is_averaged():
    ratios = []
    for seed in range(5):
        measured, positions, velocities = run(lambda t: np.array([1.0, 0.0, 4.0]), seed)
        ratios.append(positions[30:].std(axis=0) / measured[30:].std(axis=0))
        assert np.linalg.norm(velocities[30:], axis=1).mean() < 0.1
    assert np.mean(ratios, axis=0).max() < 0.5


@pytest.mark.parametrize('velocity', [(1.2, 0, 0), (0, 0, -1.2), (0.6, 0, 0.6)])
def test_who_walks_is_followed_without_lag(velocity):
    velocity = np.array(velocity)
    lags = []
    for seed in range(10):
        _, positions, velocities = run(lambda t: np.array([1.0, 0.0, 9.0]) + velocity * t, seed)
        truth = np.array([1.0, 0.0, 9.0]) + velocity * np.arange(1, 90)[:, None] / 15
        lags.append((truth - positions)[30:] @ velocity / (velocity @ velocity))
    assert abs(np.mean(lags)) < 0.05
    np.testing.assert_allclose(velocities[30:].mean(axis=0), velocity, atol=0.25)   # seldom too fast


def test_the_velocity_of_who_stays_is_as_uncertain_as_that_of_people_at_rest():
    point = SteadyFilter(np.zeros(3), NOISE, 1.0)
    for _ in range(90):
        point.predict(1 / 15, WALKER)
        point.see(np.zeros(3), NOISE, 1 / 15, 0.12, WALKER)
    assert point.resting > 0.99
    covariance = point.velocity_covariance
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), WALKER.resting_speed_sigma, rtol=0.4)
    np.testing.assert_allclose(covariance, np.diag(np.diag(covariance)), atol=1e-12)


def test_the_velocity_of_who_may_stay_lies_between_and_so_does_its_uncertainty():
    point = SteadyFilter(np.zeros(3), NOISE, 1.0, np.array([0.3, -0.2, 0.5]))
    point.see(np.zeros(3), NOISE, 1 / 15, 0.12, WALKER)
    point.resting = np.array(0.6)
    walks = (point.velocity / point.state.velocity)[0]
    assert walks == pytest.approx(0.64)
    np.testing.assert_allclose(point.velocity, walks * point.state.velocity)
    rests = (1 - walks) * WALKER.resting_speed_sigma ** 2 * np.eye(3)
    np.testing.assert_allclose(point.velocity_covariance, walks * point.state.velocity_covariance + rests)


def test_who_rests_unseen_may_start_to_walk():
    """Starts at a rate of 1 / 6 s with 0.8 m/s across: integrated numerically, for 1500 people."""
    rng = np.random.default_rng(1)
    point = SteadyFilter(np.zeros(3), NOISE, 1.0)
    for _ in range(90):
        point.predict(1 / 15, WALKER)
        point.see(np.zeros(3), NOISE, 1 / 15, 0.12, WALKER)
    for _ in range(15):
        point.predict(1 / 15, WALKER)
    begins_s = rng.exponential(6.0, 20_000)
    speed, walks_s = rng.normal(scale=0.8, size=(20_000, 3)), np.maximum(1.0 - begins_s, 0.0)
    place_rms, speed_rms = (np.sqrt(np.mean((speed * share[:, None]) ** 2)) for share in (walks_s, walks_s > 0))
    place, velocity = np.sqrt(np.diag(point.position_covariance)), np.sqrt(np.diag(point.velocity_covariance))
    assert (place_rms < place).all() and (place < 2.2 * place_rms).all()
    assert (speed_rms < velocity).all() and (velocity < 2 * speed_rms).all()
    assert (place < 0.7 * np.sqrt(np.diag(point.state.position_covariance))).all(), 'a walker may be anywhere'


def test_who_walks_unseen_is_as_unsure_as_the_filter_says():
    point = SteadyFilter(np.zeros(3), NOISE, 1.0)
    for k in range(90):
        point.predict(1 / 15, WALKER)
        point.see(np.array([1.2 * k / 15, 0, 0]), NOISE, 1 / 15, 0.12, WALKER)
    point.predict(0.5, WALKER)
    assert point.resting < 0.01
    np.testing.assert_allclose(point.position_covariance, point.state.position_covariance, rtol=0.02, atol=1e-4)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_other_coordinates_give_the_same(seed):
    rng = np.random.default_rng(seed)
    rotation, shift = Rotation.random(random_state=seed).as_matrix(), rng.normal(size=3) * 5
    here = SteadyFilter(np.zeros(3), NOISE, 1.0)
    there = SteadyFilter(np.zeros(3), NOISE, 1.0)
    there.move(rotation, shift)
    for place in rng.normal(size=(6, 3)) * 0.1:
        elsewhere = rotation @ place + shift, rotation @ NOISE @ rotation.T
        for point, seen, noise in ((here, place, NOISE), (there, *elsewhere)):
            point.predict(0.07, WALKER)
            point.see(seen, noise, 0.07, 0.1, WALKER)
    here.move(rotation, shift)
    np.testing.assert_allclose(there.position, here.position, atol=1e-9)
    np.testing.assert_allclose(there.velocity, here.velocity, atol=1e-9)
    np.testing.assert_allclose(there.velocity_covariance, here.velocity_covariance, atol=1e-9)


def test_many_points_at_once_are_as_one_by_one():
    rng = np.random.default_rng(3)
    places = rng.normal(size=(5, 4, 3))
    together = SteadyFilter(places[0], NOISE, 1.0)
    for seen in places[1:]:
        together.predict(0.1, WALKER)
        together.see(seen, np.tile(NOISE, (4, 1, 1)), 0.1, 0.1, WALKER)
    for k in range(4):
        alone = SteadyFilter(places[0, k], NOISE, 1.0)
        for seen in places[1:, k]:
            alone.predict(0.1, WALKER)
            alone.see(seen, NOISE, 0.1, 0.1, WALKER)
        np.testing.assert_allclose(alone.position, together.position[k], atol=1e-12)
