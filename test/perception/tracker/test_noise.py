"""What measurements are worth: against the variance of correlated means, and chi-square's quantiles."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from hdnet_ros.perception.tracker.noise import correlation_factor, robust_factor


def test_correlated_errors_average_as_the_factor_says():
    """The mean of n errors with correlation r from one to the next has the variance of independent ones, enlarged."""
    dt_s, memory_s, n = 0.07, 0.12, 4000
    lags = np.arange(-n + 1, n)
    variance_of_mean = ((n - np.abs(lags)) * np.exp(-np.abs(lags) * dt_s / memory_s)).sum() / n ** 2
    assert correlation_factor(dt_s, memory_s) == pytest.approx(n * variance_of_mean, rel=1e-2)
    assert correlation_factor(dt_s, 0.0) == 1.0
    assert correlation_factor(10.0, 0.1) == pytest.approx(1.0)


def test_two_images_of_one_moment_are_worth_little_and_not_nothing():
    assert 500 < correlation_factor(0.0, 0.1) < 2000


def test_what_does_not_fit_counts_for_less():
    covariance = np.diag([0.01, 0.04, 0.25])
    assert robust_factor(np.array([0.1, 0.2, 0.5]), covariance) == 1.0
    assert robust_factor(np.array([0.0, 0.0, 5.0]), covariance) > 3


@given(st.integers(0, 1000), st.floats(0.1, 50))
def test_the_variance_grows_until_the_measurement_is_one_in_fifty(seed, times):
    """Enlarged by the factor, what did not fit is as odd as a good measurement in fifty is, and no odder."""
    random = np.random.default_rng(seed)
    root = random.normal(size=(3, 3)) + 3 * np.eye(3)
    covariance = root @ root.T
    along = random.normal(size=3)
    limit = chi2.isf(0.02, df=3)
    innovation = root @ along / np.linalg.norm(along) * np.sqrt(times * limit)
    assert robust_factor(innovation, covariance) == pytest.approx(max(times, 1.0))
    many = robust_factor(np.stack([innovation, np.zeros(3)]), np.stack([covariance, covariance]))
    np.testing.assert_allclose(many, [max(times, 1.0), 1.0])
