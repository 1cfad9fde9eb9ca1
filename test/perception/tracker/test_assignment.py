"""Likelihoods against scipy's densities, and assignment against trying everything."""
from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import multivariate_normal

from hdnet_ros.perception.tracker.assignment import assign, log_likelihood_ratio, log_size_ratio


def test_likelihood_matches_scipy():
    rng = np.random.default_rng(0)
    predicted, measured = rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
    roots = rng.normal(size=(7, 3, 3))
    covariances = roots @ roots.transpose(0, 2, 1) + np.eye(3)
    ratio = log_likelihood_ratio(predicted, covariances[:3], measured, covariances[3:], jitter_fraction=0.4,
                                 newcomer_density=0.02, gate_probability=1 - 1e-12)
    for t in range(3):
        for n in range(4):
            wild = multivariate_normal(predicted[t], covariances[t] + covariances[3 + n]).pdf(measured[n])
            tame = multivariate_normal(predicted[t], covariances[t] + 0.16 * covariances[3 + n]).pdf(measured[n])
            assert ratio[t, n] == pytest.approx(np.log((0.1 * wild + 0.9 * tame) / 0.02))


def test_boxes_of_one_height_belong_together():
    ratio = log_size_ratio(np.array([100.0, 200.0, 100.0]), np.array([0.05, 0.05, 60.0]), np.array([103.0, 190.0]))
    assert ratio[0, 0] > 1 and ratio[1, 1] > 1
    assert ratio[0, 1] < -1 and ratio[1, 0] < -1
    assert np.ptp(ratio[2]) < 0.1                     # after a minute a height says nothing


@given(st.floats(1, 1e4), st.floats(0, 100), st.floats(1, 1e4))
def test_a_height_alone_rules_nobody_out(last_px, gap_s, measured_px):
    assert log_size_ratio(np.array([last_px]), np.array([gap_s]), np.array([measured_px]))[0, 0] > -5.0


def test_gate_lets_through_its_probability():
    rng = np.random.default_rng(1)
    covariance = np.diag([0.01, 0.02, 0.5])
    measured = rng.multivariate_normal(np.zeros(3), covariance * 2, size=20000)
    ratio = log_likelihood_ratio(np.zeros((1, 3)), covariance[None], measured, np.tile(covariance, (20000, 1, 1)),
                                 jitter_fraction=0.5, newcomer_density=0.01, gate_probability=0.95)
    assert np.isfinite(ratio).mean() == pytest.approx(0.95, abs=0.008)


@given(arrays(float, st.tuples(st.integers(0, 4), st.integers(0, 4)),
              elements=st.one_of(st.just(-np.inf), st.floats(-3, 5))))
def test_assignment_is_the_best_of_all(gain):
    pairs = assign(gain)
    rows, columns = [r for r, _ in pairs], [c for _, c in pairs]
    assert len(set(rows)) == len(rows) and len(set(columns)) == len(columns)
    assert all(gain[r, c] > 0 for r, c in pairs)
    padded = np.zeros((4, 4))
    padded[:gain.shape[0], :gain.shape[1]] = np.maximum(gain, 0)
    best = max(padded[range(4), order].sum() for order in permutations(range(4)))
    assert sum(gain[r, c] for r, c in pairs) == pytest.approx(best)


def test_a_good_match_is_not_given_up_for_two_poor_ones():
    assert assign(np.array([[9.0, 1.0], [1.0, -1.0]])) == [(0, 0)]
