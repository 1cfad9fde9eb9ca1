"""Looking straight at something beside the optical axis."""
from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.view_rotation import view_rotation


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
