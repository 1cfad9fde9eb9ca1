from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.view_rotation import view_rotation
from hdnet_ros.window import Window

FISHEYE = Camera(800, 800, [[250, 0, 399.5], [0, 250, 399.5], [0, 0, 1]], np.zeros(4), 'equidistant')
PIXELS = np.array([[100.0, 120], [300, 200], [320, 240], [500, 333]])


def test_a_view_in_the_axes_of_the_camera_is_the_camera(lens):
    view = CameraView.of(lens, np.eye(3))
    points = np.array([[0.3, -0.2, 2], [0, 0, 1], [-0.4, 0.3, 1.5]])
    np.testing.assert_allclose(view.project(points), lens.project(points), atol=1e-9)
    np.testing.assert_allclose(view.unproject(PIXELS), lens.unproject(PIXELS), atol=1e-9)


def test_what_it_looks_at_is_its_principal_point(lens):
    for pixel in PIXELS:
        view = CameraView.of(lens, view_rotation(lens.unproject(pixel)))
        np.testing.assert_allclose(view.unproject(pixel), [0, 0, 1], atol=1e-6)
        np.testing.assert_allclose(view.undistort(pixel), lens.K[:2, 2], atol=1e-3)


@given(st.floats(-0.9, 0.9), st.floats(-0.9, 0.9), st.floats(-3, 3))
def test_points_in_both_axes_are_one_place(yaw, pitch, roll):
    axes = Rotation.from_euler('yxz', [yaw, pitch, roll]).as_matrix()
    view = CameraView.of(FISHEYE, axes)
    own = np.array([0.2, -0.3, 2.0])
    np.testing.assert_allclose(view.to_lens(own), Rotation.from_matrix(axes).apply(own), atol=1e-12)
    np.testing.assert_allclose(view.project(own), FISHEYE.project(view.to_lens(own)), atol=1e-9)
    np.testing.assert_allclose(view.unproject(view.project(own)), own / 2, atol=1e-6)
    np.testing.assert_allclose(view.distort(view.undistort(view.project(own))), view.project(own), atol=1e-5)


def test_covariances_turn_along():
    axes = Rotation.from_euler('yx', [0.7, -0.3]).as_matrix()
    along = CameraView.of(FISHEYE, axes).covariance_to_lens(np.diag([0, 0, 0.04]))
    np.testing.assert_allclose(along, 0.04 * np.outer(axes[:, 2], axes[:, 2]), atol=1e-12)


def test_ideal_pixels_are_square_whatever_those_of_the_camera_are():
    view = CameraView.of(Camera(400, 480, [[300, 0, 199.5], [0, 600, 239.5], [0, 0, 1]]), np.eye(3))
    steps = view.undistort(view.project(np.array([[0.1, 0, 1], [0, 0.1, 1]]))) - view.K[:2, 2]
    np.testing.assert_allclose(steps, np.sqrt(300 * 600) * 0.1 * np.eye(2), atol=1e-6)


@pytest.mark.parametrize('turn', [0.0, 0.5, 1.0])
def test_a_window_shows_where_its_view_looks(lens, turn):
    """The image tells the direction that each pixel sees, and so must each pixel of the picture."""
    across, down = np.meshgrid(np.arange(lens.width), np.arange(lens.height))
    rays = lens.unproject(np.stack([across, down], axis=-1)).astype(np.float32)
    pixel = np.array([lens.cx + turn * 150, lens.cy - turn * 100])
    view = CameraView.of(lens, view_rotation(lens.unproject(pixel)))
    window = Window(view, view.K[:2, 2], 120, input_size=64, roll=0.2)
    seen = window.sample(np.ascontiguousarray(rays[..., :2]))
    x, y = window.coordinate_map(64)
    true = view.to_lens(np.stack([x, y, np.ones_like(x)], axis=-1))
    np.testing.assert_allclose(seen, true[..., :2] / true[..., 2:], atol=2e-3)


def test_behind_the_lens_there_is_nothing_to_see():
    view = CameraView.of(FISHEYE, view_rotation(np.array([np.sin(1.5), 0, np.cos(1.5)])))
    picture = Window(view, view.K[:2, 2] + [200, 0], 300, input_size=32).sample(np.full((800, 800), 255, np.uint8))
    assert not picture[:, -8:].any()


def test_what_lies_behind_a_view_has_no_place_in_it():
    """A fisheye sees it all the same, 60 degrees to the left, which is 120 from a view 60 degrees to the right."""
    fisheye = Camera(800, 800, np.array([[250.0, 0, 399.5], [0, 250, 399.5], [0, 0, 1]]), np.zeros(4), 'equidistant')
    view = CameraView.of(fisheye, Rotation.from_euler('y', 60, degrees=True).as_matrix())
    pixel = fisheye.project(np.array([-np.sin(np.radians(60)), 0, np.cos(np.radians(60))]))
    assert np.isfinite(pixel).all() and np.isnan(view.unproject(pixel)).all()
