"""The filter against matrix exponentials, batch least squares and its own statistics."""
from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from hdnet_ros.perception.tracker import kalman
from hdnet_ros.perception.tracker.motion import Motion


def random_state(rng):
    root = rng.normal(size=(6, 6))
    return kalman.State(rng.normal(size=6), root @ root.T + np.eye(6) * 0.1)


@given(seed=st.integers(0, 1000), dt_s=st.floats(0, 3), density=st.floats(0.01, 10),
       memory_s=st.one_of(st.just(np.inf), st.floats(0.2, 1e4)))
def test_prediction_matches_van_loan(seed, dt_s, density, memory_s):
    state = random_state(np.random.default_rng(seed))
    dynamics, drive = np.zeros((6, 6)), np.zeros((6, 6))
    dynamics[:3, 3:] = np.eye(3)
    dynamics[3:, 3:] = -np.eye(3) / memory_s
    drive[3:, 3:] = np.eye(3) * density
    both = expm(np.block([[-dynamics, drive], [np.zeros((6, 6)), dynamics.T]]) * dt_s)
    transition = both[6:, 6:].T
    later = kalman.predict(state, Motion(density, memory_s), dt_s)
    np.testing.assert_allclose(later.mean, transition @ state.mean, rtol=1e-5, atol=1e-6)
    carried = transition @ state.covariance @ transition.T
    np.testing.assert_allclose(later.covariance, carried + transition @ both[:6, 6:], rtol=1e-3, atol=1e-4)


@given(seed=st.integers(0, 1000), first_s=st.floats(0, 1), second_s=st.floats(0, 1))
def test_two_steps_are_one(seed, first_s, second_s):
    state = random_state(np.random.default_rng(seed))
    once = kalman.predict(state, Motion(2.0, 0.7), first_s + second_s)
    twice = kalman.predict(kalman.predict(state, Motion(2.0, 0.7), first_s), Motion(2.0, 0.7), second_s)
    np.testing.assert_allclose(once.mean, twice.mean, atol=1e-9)
    np.testing.assert_allclose(once.covariance, twice.covariance, atol=1e-9)


def test_steady_motion_matches_least_squares():
    """Without process noise the filter is weighted least squares on a straight line plus the prior."""
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.02, 0.3, size=12))
    truth = np.array([0.4, -0.2, 4.0, 0.9, 0.1, -0.5])
    noises = [np.diag(rng.uniform(0.001, 0.05, size=3)) + 0.002 for _ in times]
    seen = [truth[:3] + t * truth[3:] + rng.multivariate_normal(np.zeros(3), n)
            for t, n in zip(times, noises, strict=True)]
    state = kalman.start(seen[0], noises[0], speed_sigma=1.0)
    for k in range(1, len(times)):
        state = kalman.update(kalman.predict(state, Motion(1e-12), times[k] - times[k - 1]), seen[k], noises[k])
    information, right = np.zeros((6, 6)), np.zeros(6)
    information[3:, 3:] = np.eye(3)                    # the prior on the speed: zero, 1 m/s
    for t, z, n in zip(times, seen, noises, strict=True):
        rows = np.hstack([np.eye(3), np.eye(3) * (t - times[-1])])
        information += rows.T @ np.linalg.solve(n, rows)
        right += rows.T @ np.linalg.solve(n, z)
    np.testing.assert_allclose(state.mean, np.linalg.solve(information, right), rtol=1e-6)
    np.testing.assert_allclose(state.covariance, np.linalg.inv(information), rtol=1e-5, atol=1e-9)


def test_covariance_is_honest():
    """Normalised errors of 300 simulated people follow the chi-square distribution of six degrees of freedom."""
    rng = np.random.default_rng(1)
    noise, density, step_s = np.diag([0.01, 0.01, 0.2]) ** 2, 1.5, 0.1
    block = density * np.array([[step_s ** 3 / 3, step_s ** 2 / 2], [step_s ** 2 / 2, step_s]])
    drive = np.linalg.cholesky(np.kron(block, np.eye(3)))
    errors = []
    for _ in range(300):
        truth = np.concatenate([rng.normal(size=3), rng.normal(size=3)])
        state = kalman.start(truth[:3] + np.sqrt(noise) @ rng.normal(size=3), noise, speed_sigma=1.0)
        for _ in range(20):
            truth = np.concatenate([truth[:3] + truth[3:] * step_s, truth[3:]]) + drive @ rng.normal(size=6)
            state = kalman.predict(state, Motion(density), step_s)
            state = kalman.update(state, truth[:3] + np.sqrt(noise) @ rng.normal(size=3), noise)
        error = state.mean - truth
        errors.append(error @ np.linalg.solve(state.covariance, error))
    assert abs(np.mean(errors) - 6) < 0.8            # five standard deviations of the mean of 300


def test_stays_positive_over_hours():
    state = kalman.start(np.array([0, 0, 3.0]), np.eye(3) * 0.01, 1.0)
    for k in range(20000):
        state = kalman.predict(state, Motion(2.0), 0.03)
        state = kalman.update(state, np.array([0, 0, 3.0]), np.diag([1e-6, 1e-6, 0.3]) * (1 + k % 7))
    np.testing.assert_allclose(state.covariance, state.covariance.T, atol=1e-12)
    assert np.linalg.eigvalsh(state.covariance).min() > 0
    np.testing.assert_allclose(state.position, [0, 0, 3], atol=1e-9)
    np.testing.assert_allclose(state.velocity, 0, atol=1e-9)
