"""Simulated people with the errors of real footage: steady while they stand, prompt while they walk."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.evaluation.tracking.robot import driving_past, turning
from hdnet_ros.evaluation.tracking.steadiness import follow
from hdnet_ros.evaluation.tracking.walks import standing, walking
from hdnet_ros.perception.tracker import TrackerConfig

SEEDS = range(6)


def test_who_stands_is_at_least_twice_as_steady_as_measured():
    runs = [follow(standing((0.5, 0.2, 4.0)), seed, seconds=8.0, walks=False) for seed in SEEDS]
    assert np.mean([run.spread('root') / run.spread('raw') for run in runs], axis=0).max() < 0.5
    assert np.mean([run.joint_spread('joints') / run.joint_spread('raw_joints') for run in runs]) < 0.6
    assert np.mean([np.linalg.norm(run.velocity, axis=1).mean() for run in runs]) < 0.08
    assert all(run.ids == 1 for run in runs)


@pytest.mark.parametrize('begin, velocity', [((-3.5, 0.2, 4.0), (1.2, 0.0, 0.0)), ((0.3, 0.2, 9.0), (0.0, 0.0, -1.2))])
def test_who_walks_lags_by_less_than_50_ms_at_15_images_per_second(begin, velocity):
    runs = [follow(walking(begin, velocity), seed, seconds=6.0) for seed in SEEDS]
    assert abs(np.mean([run.lag_s('root') for run in runs])) < 0.05
    assert np.mean([run.joint_lag_s('joints', joint) for run in runs for joint in (3, 6, 13, 16)]) < 0.05
    error = [np.linalg.norm(run.root - run.true, axis=1).mean() / np.linalg.norm(run.raw - run.true, axis=1).mean()
             for run in runs]
    assert np.mean(error) < 0.9
    assert all(run.ids == 1 for run in runs)


@pytest.mark.parametrize('camera', [driving_past, turning])
def test_who_stands_stands_although_the_robot_moves(camera):
    """1.2 m/s, or up to 70 degrees per second; and without tf the same person seems to move."""
    told = [follow(standing((0.4, 0.2, 4.0)), seed, seconds=6.0, walks=False, camera=camera, told=camera)
            for seed in SEEDS]
    untold = [follow(standing((0.4, 0.2, 4.0)), seed, seconds=6.0, walks=False, camera=camera) for seed in SEEDS]
    assert np.mean([np.linalg.norm(run.velocity, axis=1).mean() for run in told]) < 0.15
    assert np.mean([np.linalg.norm(run.velocity, axis=1).mean() for run in untold]) > 0.5
    assert all(run.ids == 1 for run in told)


def test_tf_that_comes_and_goes_costs_nobody_an_id():
    def told(t):
        return None if int(t / 0.7) % 2 else driving_past(t)
    for seed in SEEDS:
        run = follow(standing((0.4, 0.2, 4.0)), seed, seconds=6.0, walks=False, camera=driving_past, told=told)
        assert run.ids == 1
        assert np.linalg.norm(run.root - run.true, axis=1).max() < 0.6


def test_without_smoothing_people_are_as_measured():
    run = follow(standing((0.5, 0.2, 4.0)), 0, seconds=4.0, walks=False, config=TrackerConfig(smooth=False))
    np.testing.assert_array_equal(run.root, run.raw)
    np.testing.assert_allclose(run.joints, run.raw_joints, atol=1e-12)


def test_lag_is_what_it_says():
    run = follow(walking((-3.5, 0.2, 4.0), (1.2, 0.0, 0.0)), 0, seconds=6.0)
    run.root[:] = run.true
    assert run.lag_s('root') == pytest.approx(0.0, abs=2e-3)
    run.root[2:] = run.true[:-2]
    assert run.lag_s('root') == pytest.approx(2 / 15, abs=5e-3)
