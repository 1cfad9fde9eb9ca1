from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hdnet_ros.distortion import EquidistantDistortion, PolynomialDistortion, make_distortion

# Lenses as calibrations give them: mild, wide angle, strong barrel that folds back, pincushion, rational, all terms.
POLYNOMIALS = {
    'mild': [0.1, -0.2, 0.001, -0.0005],
    'webcam': [-0.28, 0.07, 0.0002, 0.00002, 0.0],
    'folds': [-0.4, 0.05, 0.0005, -0.0002, 0.0],
    'pincushion': [0.25, 0.1, 0.0, 0.0, 0.02],
    'rational': [0.52, -2.4, 0.0006, -0.0002, 1.47, 0.41, -2.2, 1.39],
    'thin_prism': [-0.1, 0.02, 0.001, 0.001, 0.0, 0.05, 0.01, 0.002, 0.002, -0.001, 0.001, 0.0005],
    'tilted': [-0.1, 0.02, 0.001, 0.001, 0.0, 0.05, 0.01, 0.002, 0.002, -0.001, 0.001, 0.0005, 0.03, -0.02],
}
FISHEYES = {'ideal': [0, 0, 0, 0], 'lens': [-0.02, 0.003, -0.001, 0.0002], 'folds': [-0.3, 0.0, 0.0, 0.0]}
ALL = [('rational_polynomial', D) for D in POLYNOMIALS.values()] + [('equidistant', D) for D in FISHEYES.values()]


def radial(coefficients, r):
    k1, k2, _, _, k3, k4, k5, k6 = np.pad(coefficients, (0, 14 - len(coefficients)))[:8]
    s = r**2
    return r * (1 + k1 * s + k2 * s**2 + k3 * s**3) / (1 + k4 * s + k5 * s**2 + k6 * s**3)


@pytest.mark.parametrize('name', POLYNOMIALS)
def test_polynomial_is_opencvs(name):
    D = np.array(POLYNOMIALS[name])
    rays = np.random.default_rng(0).uniform(-0.4, 0.4, (50, 2))
    truth, _ = cv2.projectPoints(np.column_stack([rays, np.ones(50)]), np.zeros(3), np.zeros(3), np.eye(3), D)
    np.testing.assert_allclose(PolynomialDistortion(D).distort(rays), truth[:, 0], atol=1e-12)


@pytest.mark.parametrize('name', FISHEYES)
def test_equidistant_is_opencvs(name):
    D = np.array(FISHEYES[name], dtype=float)
    rays = np.random.default_rng(0).uniform(-1, 1, (50, 2))
    truth = cv2.fisheye.distortPoints(rays[None], np.eye(3), D)[0]
    model = EquidistantDistortion(D)
    got = model.distort(rays)
    inside = np.hypot(*rays.T) <= model.max_radius
    assert inside.sum() > 20
    np.testing.assert_allclose(got[inside], truth[inside], atol=1e-12)
    assert np.isnan(got[~inside]).all()


def test_equidistant_by_hand():
    """An ideal fisheye: the image radius is the angle, so 45 degrees lie at pi / 4."""
    model = EquidistantDistortion(np.zeros(4))
    np.testing.assert_allclose(model.distort([[1.0, 0.0], [0.0, 0.0], [0.0, -np.sqrt(3)]]),
                               [[np.pi / 4, 0], [0, 0], [0, -np.pi / 3]], atol=1e-15)
    np.testing.assert_allclose(model.undistort([[0.0, np.pi / 4]]), [[0, 1]], atol=1e-12)


@pytest.mark.parametrize(('model', 'D'), ALL)
@settings(max_examples=50)
@given(direction=st.floats(0, 2 * np.pi), fraction=st.floats(0, 0.9))
def test_undistort_inverts_distort(model, D, direction, fraction):
    """Everywhere inside the valid field, here up to 75 degrees off the axis."""
    distortion = make_distortion(model, np.array(D, dtype=float))
    radius = fraction * min(distortion.max_radius, np.tan(np.radians(75)))
    ray = radius * np.array([np.cos(direction), np.sin(direction)])
    np.testing.assert_allclose(distortion.undistort(distortion.distort(ray)), ray, atol=1e-7)


@pytest.mark.parametrize(('model', 'D'), ALL)
@settings(max_examples=50)
@given(points=arrays(float, (7, 2), elements=st.floats(-5, 5)))
def test_undistort_is_right_or_nan(model, D, points):
    """Whatever it gives falls back onto the same point; nonsense is never returned."""
    distortion = make_distortion(model, np.array(D, dtype=float))
    ideal = distortion.undistort(points)
    known = np.isfinite(ideal).all(axis=1)
    assert np.isnan(ideal[~known]).all()
    # The forward model cancels digits far outside, where its highest terms are huge.
    np.testing.assert_allclose(distortion.distort(ideal[known]), points[known], atol=1e-8)


@pytest.mark.parametrize(('model', 'D'), [('plumb_bob', [-0.4, 0.05, 0, 0, 0]), ('plumb_bob', [-0.28, 0.07, 0, 0]),
                                          ('plumb_bob', [0.25, 0.1, 0, 0]), ('equidistant', FISHEYES['folds']),
                                          ('rational_polynomial', [0.52, -2.4, 0, 0, 1.47, 0.41, -2.2, 1.39])])
def test_radial_models_end_where_they_fold(model, D):
    """The limit is the first extremum of the radial curve, found here by looking."""
    distortion = make_distortion(model, np.array(D, dtype=float))
    angle = np.linspace(0, np.radians(89), 200001)
    fisheye = model == 'equidistant'
    curve = angle * np.polyval([*D[::-1], 1.0], angle**2) if fisheye else radial(D, np.tan(angle))
    falling = np.flatnonzero(np.diff(curve) <= 0)
    if len(falling):
        assert np.arctan(distortion.max_radius) == pytest.approx(angle[falling[0]], abs=2e-5)
        assert np.isnan(distortion.distort([1.001 * distortion.max_radius, 0.0])).all()
        assert np.isfinite(distortion.distort([0.999 * distortion.max_radius, 0.0])).all()
        assert np.isnan(distortion.undistort([0.0, 1.05 * curve[falling[0]]])).all()
    else:
        assert np.arctan(distortion.max_radius) > np.radians(89)


@pytest.mark.parametrize('name', POLYNOMIALS)
def test_no_fold_inside_the_limit(name):
    """The orientation of a small triangle is kept everywhere inside, and not far beyond if there is a limit."""
    model = PolynomialDistortion(np.array(POLYNOMIALS[name]))

    def orientation(radius):
        angle = np.linspace(0, 2 * np.pi, 100)
        rays = radius * np.column_stack([np.cos(angle), np.sin(angle)])
        corners = rays + 1e-6 * np.array([[0, 0], [1, 0], [0, 1]])[:, None]
        points = np.column_stack([corners.reshape(-1, 2), np.ones(300)])
        distorted, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), np.eye(3), model.coefficients)
        a, b, c = distorted.reshape(3, 100, 2)
        return (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]

    for angle in np.linspace(0.01, min(np.arctan(model.max_radius), np.radians(80)) - 0.001, 200):
        assert (orientation(np.tan(angle)) > 0).all()
    if model.max_radius < 10:
        assert (orientation(np.tan(np.arctan(model.max_radius) + np.radians(1))) < 0).any()


def test_folding_cases_exist():
    folding = [make_distortion(model, np.array(D, dtype=float)).max_radius < 5 for model, D in ALL]
    assert any(folding)
    assert not all(folding)


def test_pole_ends_the_rational_model():
    """1 / (1 - r^2) has its pole at r = 1 and is monotonic up to there."""
    model = PolynomialDistortion(np.array([0, 0, 0, 0, 0, -1.0, 0, 0]))
    assert model.max_radius == pytest.approx(1.0)
    np.testing.assert_allclose(model.distort([0.5, 0]), [0.5 / 0.75, 0])
    assert np.isnan(model.distort([1.5, 0])).all()


def test_opencvs_inverse_diverges_where_ours_does_not():
    """Strong barrel distortion near the edge of a wide lens: the reason for Newton's method."""
    D = np.array([-0.4, 0.05, 0.0005, -0.0002, 0.0])
    model = PolynomialDistortion(D)
    ray = np.array([0.85 * model.max_radius, 0.1])
    distorted = model.distort(ray)
    opencv = cv2.undistortPoints(distorted[None, None], np.eye(3), D)[0, 0]
    assert np.abs(opencv - ray).max() > 1e-2
    np.testing.assert_allclose(model.undistort(distorted), ray, atol=1e-9)


@pytest.mark.parametrize(('model', 'D'), [*ALL, ('plumb_bob', [])])
def test_shapes_and_unknowns(model, D):
    distortion = make_distortion(model, np.array(D, dtype=float))
    for function in (distortion.distort, distortion.undistort):
        assert function(np.empty((0, 2))).shape == (0, 2)
        assert function(np.zeros((3, 4, 2))).shape == (3, 4, 2)
        given_points = np.array([[0.1, 0.2], [np.nan, 0.0], [0.1, 0.2]])
        points = function(given_points)
        assert np.isfinite(points[[0, 2]]).all()
        assert np.isnan(points[1]).any()
        np.testing.assert_array_equal(points[0], points[2])
        np.testing.assert_allclose(function(np.zeros(2)), 0, atol=1e-12)
        assert given_points[0, 0] == 0.1


def test_where_a_fisheye_model_turns_back():
    """The slope 1 - 5 * 0.1 * angle ** 4 is 0 there."""
    assert EquidistantDistortion(np.array([0, -0.1, 0, 0])).max_angle == pytest.approx(2 ** 0.25)


def test_a_thin_prism_alone_can_fold_the_picture():
    coefficients = np.zeros(12)
    coefficients[8] = 5.0
    assert PolynomialDistortion(coefficients).max_radius < 0.2
