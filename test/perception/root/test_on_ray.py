"""Against samples drawn from the distribution that is meant, and back."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.people import Root
from hdnet_ros.perception.root.on_ray import log_sigma_of, on_ray, ray_of

RAY, RAY_COVARIANCE = np.array([0.4, -0.2]), np.array([[4e-6, 1e-6], [1e-6, 9e-6]])


def test_mean_and_covariance_are_those_of_drawn_positions():
    rng = np.random.default_rng(0)
    rays = rng.multivariate_normal(RAY, RAY_COVARIANCE, size=400_000)
    depths_m = 5.0 * np.exp(rng.normal(0, 0.02, size=len(rays)))
    drawn = np.column_stack([rays, np.ones(len(rays))]) * depths_m[:, None]
    position, covariance = on_ray(RAY, RAY_COVARIANCE, 5.0, 0.02)
    np.testing.assert_allclose(position, drawn.mean(axis=0), rtol=1e-3)
    np.testing.assert_allclose(covariance, np.cov(drawn.T), rtol=0.02, atol=2e-5)


@given(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), st.floats(0.2, 50), st.floats(0.001, 0.5))
def test_direction_and_depth_come_back(ray, depth_m, log_sigma):
    root = Root(*on_ray(np.array(ray), RAY_COVARIANCE, depth_m, log_sigma), np.zeros(2))
    direction, covariance = ray_of(root)
    np.testing.assert_allclose(direction, ray, atol=1e-12)
    np.testing.assert_allclose(covariance, RAY_COVARIANCE, rtol=1e-6, atol=1e-12)
    assert log_sigma_of(root) == pytest.approx(log_sigma)


def test_no_claim_stays_none():
    assert math.isnan(log_sigma_of(Root(np.array([0, 0, 2.0]), np.full((3, 3), math.nan), np.zeros(2))))
