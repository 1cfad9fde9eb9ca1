"""Looking straight at something beside the optical axis."""
from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.perception.view_rotation import nearest_ray, view_rotation

FOLDING = Camera(640, 480, np.array([[320.0, 0, 319.5], [0, 320, 239.5], [0, 0, 1]]), np.array([-0.3, 0.03, 0, 0]))

@given(ray=st.tuples(st.floats(-20, 20), st.floats(-20, 20), st.floats(0.01, 5)).map(np.array))
def test_the_smallest_rotation_of_the_optical_axis_into_the_ray(ray):
    rotation, direction = view_rotation(ray), ray / np.linalg.norm(ray)
    np.testing.assert_allclose(rotation @ [0, 0, 1], direction, atol=1e-12)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) > 0
    angle = np.linalg.norm(Rotation.from_matrix(rotation).as_rotvec())
    np.testing.assert_allclose(np.cos(angle), direction[2], atol=1e-9)


def test_no_rotation_without_a_ray():
    np.testing.assert_array_equal(view_rotation(np.array([np.nan, 0, 1])), np.eye(3))


@given(pixel=st.tuples(st.floats(-4000, 4000), st.floats(-4000, 4000)).map(np.array))
def test_beyond_the_end_of_a_lens_model_the_nearest_ray_towards_it_counts(pixel):
    ray, own = nearest_ray(FOLDING, pixel), FOLDING.unproject(pixel)
    if np.isfinite(own).all():
        np.testing.assert_array_equal(ray, own)
        return
    assert ray[2] == 1 and np.hypot(*ray[:2]) > 0.98 * FOLDING.distortion.max_radius
    seen, away = FOLDING.project(ray) - FOLDING.K[:2, 2], pixel - FOLDING.K[:2, 2]
    assert seen @ away > (1 - 1e-6) * np.linalg.norm(seen) * np.linalg.norm(away)


def test_no_ray_of_a_pixel_that_is_not_finite():
    for pixel in ([np.nan, 3.0], [np.inf, 3.0]):
        assert np.isnan(nearest_ray(FOLDING, np.array(pixel))).all()
