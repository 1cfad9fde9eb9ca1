"""The least squares behind the geometric root: closed forms, independent solvers, outliers, honest covariances."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from hdnet_ros.perception.root.translation import fit_translation, fit_translation_ransac, residuals

RANSAC = {'inlier_m': 0.1, 'inlier_rad': 0.003, 'depths_m': (0.2, 50.0), 'subsets': 256, 'seed': 0}
ROOT, FAR = np.array([0.7, -0.2, 4.0]), np.array([2.0, 0, 30])


def rays_of(points, root):
    joints = points + root
    return joints[:, :2] / joints[:, 2:]


def test_similar_triangles():
    """A bar of 1 m across the axis that spans 0.25 in normalised coordinates is 4 m away."""
    points = np.array([[-0.5, 0, 0], [0.5, 0, 0]])
    fit = fit_translation(np.array([[-0.125, 0], [0.125, 0]]), points, np.ones(2))
    np.testing.assert_allclose(fit.position, [0, 0, 4], atol=1e-12)


def test_matches_a_general_least_squares_solver(scene):
    rng = np.random.default_rng(0)
    points = scene.body(1)
    rays, weights = rays_of(points, ROOT) + rng.normal(scale=0.01, size=(17, 2)), rng.uniform(0.1, 2, size=17)

    def beside(root):
        joints = points + root
        return (np.sqrt(weights)[:, None] * (joints[:, :2] - rays * joints[:, 2:])).ravel()
    expected = least_squares(beside, [0, 0, 3.0])
    fit = fit_translation(rays, points, weights)
    np.testing.assert_allclose(fit.position, expected.x, atol=1e-6)
    scale = fit.covariance / np.linalg.inv(expected.jac.T @ expected.jac)
    np.testing.assert_allclose(scale, scale[0, 0], rtol=1e-5)
    np.testing.assert_allclose(residuals(fit.position, rays, points) ** 2 @ weights, 2 * expected.cost, rtol=1e-9)


@given(factor=st.floats(1e-6, 1e6))
def test_only_ratios_of_weights_matter(factor, scene):
    rng = np.random.default_rng(2)
    points, weights = scene.body(3), rng.uniform(0.2, 1, size=17)
    rays = rays_of(points, ROOT) + rng.normal(scale=0.01, size=(17, 2))
    one, other = fit_translation(rays, points, weights), fit_translation(rays, points, weights * factor)
    np.testing.assert_allclose(one.position, other.position, rtol=1e-6)
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-6)


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), outliers=st.integers(0, 6))
def test_ransac_leaves_out_what_does_not_fit(seed, outliers, scene):
    """Up to six of seventeen joints may be anywhere else, each at another place."""
    rng = np.random.default_rng(seed)
    points = scene.body(seed)
    root = np.array([rng.uniform(-1, 1), rng.uniform(-0.5, 0.5), rng.uniform(2, 10)])
    rays = rays_of(points, root)
    wrong = rng.choice(17, size=outliers, replace=False)
    angles = rng.uniform(0, 2 * np.pi, size=outliers)
    away_m = rng.uniform(0.5, 1.5, size=outliers)
    rays[wrong] += (away_m / root[2])[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    fit = fit_translation_ransac(rays, points, np.ones(17), **RANSAC)
    np.testing.assert_allclose(fit.position, root, atol=1e-6)
    assert not fit.inliers[wrong].any() and fit.inliers.sum() == 17 - outliers


def test_far_away_joints_agree_within_pixels(scene):
    """30 m away, 1.5 px of a focal length of 600 px are 7.5 cm: noise of the image, though more than 2 cm."""
    def inliers(seed, inlier_px):
        noise = np.random.default_rng(seed).normal(scale=1.5 / 600, size=(17, 2))
        fit = fit_translation_ransac(rays_of(scene.standing, FAR) + noise, scene.standing, np.ones(17),
                                     **RANSAC | {'inlier_m': 0.02, 'inlier_rad': inlier_px / 600})
        return fit.inliers.sum() if fit else 0
    assert min(inliers(seed, 3) for seed in range(10)) > 11
    assert max(inliers(seed, 0) for seed in range(10)) == 0      # no more agree than define the root


def test_far_away_few_joints_that_agree_exactly_do_not_outvote_many_that_agree_within_pixels(scene):
    """Twelve joints that are a pixel (5 cm) beside the truth, and five right on another person."""
    angles = np.random.default_rng(0).uniform(0, 2 * np.pi, size=17)
    rays = rays_of(scene.standing, FAR) + np.stack([np.cos(angles), np.sin(angles)], axis=1) / 600
    wrong = [0, 3, 6, 10, 13]
    rays[wrong] = rays_of(scene.standing, FAR + [1.5, 0.5, 0])[wrong]
    settings_ = RANSAC | {'inlier_m': 0.02, 'inlier_rad': 3 / 600}
    fit = fit_translation_ransac(rays, scene.standing, np.ones(17), **settings_)
    assert list(np.flatnonzero(~fit.inliers)) == wrong
    np.testing.assert_allclose(fit.position, FAR, atol=1.0)


def test_ransac_tries_every_subset_when_there_are_few(scene):
    points = scene.body(0)[:7]
    rays = rays_of(points, ROOT)
    rays[2] += 0.3
    fit = fit_translation_ransac(rays, points, np.ones(7), **RANSAC)
    np.testing.assert_allclose(fit.position, ROOT, atol=1e-6)


def test_ransac_with_four_joints_is_plain_least_squares(scene):
    points = scene.body(0)[:4]
    rays = rays_of(points, ROOT) + np.random.default_rng(0).normal(scale=0.01, size=(4, 2))
    np.testing.assert_array_equal(fit_translation_ransac(rays, points, np.ones(4), **RANSAC).position,
                                  fit_translation(rays, points, np.ones(4)).position)


def test_ransac_is_deterministic(scene):
    rng = np.random.default_rng(4)
    points = scene.body(4)
    rays = rays_of(points, ROOT) + rng.normal(scale=0.03, size=(17, 2))
    first, second = (fit_translation_ransac(rays, points, np.ones(17), **RANSAC) for _ in range(2))
    np.testing.assert_array_equal(first.position, second.position)


@pytest.mark.parametrize('weights', [np.zeros(17), np.eye(17)[3]])
def test_too_few_joints(weights, scene):
    assert fit_translation(rays_of(scene.standing, ROOT), scene.standing, weights) is None
    assert fit_translation_ransac(rays_of(scene.standing, ROOT), scene.standing, weights, **RANSAC) is None


def test_all_joints_on_one_ray(scene):
    rays = np.tile([0.1, 0.2], (17, 1))
    assert fit_translation(rays, scene.standing, np.ones(17)) is None
    assert fit_translation_ransac(rays, scene.standing, np.ones(17), **RANSAC) is None


def test_nobody_stands_behind_the_camera(scene):
    """A skeleton upside down on the image would have to be behind."""
    rays = -rays_of(scene.standing, np.array([0, 0, 4.0]))
    assert fit_translation(rays, scene.standing, np.ones(17)).position[2] < 0
    found = fit_translation_ransac(rays, scene.standing, np.ones(17), **RANSAC)
    assert found is None or found.position[2] > 0


@pytest.mark.parametrize('fit', [fit_translation, lambda *a: fit_translation_ransac(*a, **RANSAC)])
def test_covariance_is_honest(fit, scene):
    """With independent errors of 4 cm in every 3D joint, normalised squared errors average three."""
    rng, errors = np.random.default_rng(0), []
    for k in range(400):
        points = scene.body(k)
        root = np.array([rng.uniform(-1, 1), 0, rng.uniform(2, 8)])
        result = fit(rays_of(points, root), points + rng.normal(scale=0.04, size=points.shape), np.ones(17))
        error = result.position - root
        errors.append(error @ np.linalg.solve(result.covariance, error))
    assert 2.3 < np.mean(errors) < 4.0


def exact(count, seed=0):
    """Joints that fit their rays exactly: (J, 2) rays and (J, 3) metres."""
    points = np.random.default_rng(seed).uniform(-0.5, 0.5, (count, 3))
    placed = points + [0.2, 0.1, 4.0]
    return placed[:, :2] / placed[:, 2:], points


def test_joints_that_are_not_used_do_not_matter():
    rays, points = exact(10)
    weights = np.where(np.arange(10) < 6, 1.0, 0.0)
    found, without = fit_translation(rays, points, weights), fit_translation(rays[:6], points[:6], weights[:6])
    np.testing.assert_allclose(found.covariance, without.covariance)


def test_the_prior_of_the_residuals_counts_as_four_equations():
    """Of exact fits the variance is the prior's share: 4 of 4 + 5 and of 4 + 13; twice the joints halve the rest."""
    rays, points = exact(4)
    once, twice = (fit_translation(np.tile(rays, (n, 1)), np.tile(points, (n, 1)), np.ones(4 * n)) for n in (1, 2))
    np.testing.assert_allclose(once.covariance / twice.covariance, 2 * 17 / 9, rtol=1e-6)
