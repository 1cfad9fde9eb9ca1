"""Views turned to what lies beside the optical axis."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.perception.turned_view import turned_view

CAMERA = Camera(1600, 1200, np.array([[450.0, 0, 780], [0, 450, 610], [0, 0, 1]]))
PIXELS = st.tuples(st.floats(0, 1599), st.floats(0, 1199)).map(np.array)


@given(pixel=PIXELS, roll_deg=st.floats(-180, 180))
def test_it_looks_straight_there_and_what_hangs_plumb_hangs_plumb_in_it(pixel, roll_deg):
    view = turned_view(CAMERA, pixel, 10.0, roll_deg)
    assume(view is not None)
    ray = CAMERA.unproject(pixel)
    down = np.array([-np.sin(np.radians(roll_deg)), np.cos(np.radians(roll_deg)), 0])
    assume(np.linalg.norm(np.cross(ray / np.linalg.norm(ray), down)) > 0.1)
    np.testing.assert_allclose(view.axes.T @ view.axes, np.eye(3), atol=1e-12)
    assert np.linalg.det(view.axes) > 0
    np.testing.assert_allclose(view.unproject(pixel), [0, 0, 1], atol=1e-9)
    above, below = view.undistort(CAMERA.project(np.array([ray - 0.01 * down, ray + 0.01 * down])))
    assert below[1] > above[1] and below[0] == pytest.approx(above[0], abs=1e-6)


def test_straight_below_nothing_is_upright_but_it_looks_there_all_the_same():
    deep = Camera(100, 4000, np.array([[20.0, 0, 49.5], [0, 20, 1999.5], [0, 0, 1]]))
    pixel = np.array([49.5, 3999.0])
    view = turned_view(deep, pixel, 30.0)
    np.testing.assert_allclose(view.axes.T @ view.axes, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(view.unproject(pixel), [0, 0, 1], atol=1e-9)


@pytest.mark.parametrize('pixel', [[780, 610], [1000, 700], [np.nan, 610]])
def test_none_near_the_axis_or_for_nowhere(pixel):
    assert turned_view(CAMERA, np.array(pixel, float), 30.0) is None


def test_from_which_angle_on_and_that_pixels_may_be_oblong():
    middle = CAMERA.K[:2, 2]
    for angle_deg, turned in ((29.5, False), (30.5, True)):
        assert (turned_view(CAMERA, middle + [450 * np.tan(np.radians(angle_deg)), 0], 30.0) is not None) == turned
    oblong = Camera.pinhole(640, 480, 500, 550)
    axis = turned_view(oblong, oblong.K[:2, 2] + [0, 400.0], 10.0).axes[:, 2]
    np.testing.assert_allclose(axis / axis[2], [0, 400 / 550, 1], atol=1e-9)
