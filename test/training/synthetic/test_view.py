"""Cameras of synthetic scenes: where the floor, the horizon and people lie in their pictures."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.view import View, draw_view

K = np.array([[200.0, 0, 160], [0, 200, 120], [0, 0, 1]])


def test_points_of_the_floor_are_seen_where_a_level_camera_sees_them():
    view = View(320, 240, K, 1.5, np.eye(3))
    seen = view.project(view.to_camera(np.array([[0, 1.5, 3.0], [1, 1.5, 6]])))
    np.testing.assert_allclose(seen, [[160, 120 + 200 * 1.5 / 3], [160 + 200 / 6, 120 + 200 * 1.5 / 6]])


def test_rays_go_through_the_pixels_they_are_of():
    view = View(320, 240, K, 1.5, Rotation.from_euler('ZX', [7, 20], degrees=True).as_matrix())
    rays = view.rays(5)
    assert rays.shape == (48, 64, 3)
    columns, rows = np.meshgrid(np.arange(2, 320, 5), np.arange(2, 240, 5))     # middles of squares of 5 px
    np.testing.assert_allclose(view.project(view.to_camera(rays)), np.stack([columns, rows], axis=-1), atol=1e-9)


@pytest.mark.parametrize('pitch', [0.0, 25.0])
def test_a_camera_that_looks_down_has_the_horizon_above_its_middle(config, pitch):
    still = replace(config.view, image_sizes=((320, 240),), pitch_deg=(pitch, 0.0), roll_deg=0.0, aim_share=0.0,
                    centre_offset=0.0, horizontal_fov_deg=(60.0, 60.0))
    view = draw_view(still, 3.0, np.random.default_rng(0))
    assert view.focal_px == pytest.approx(160 / np.tan(np.radians(30)))
    far = view.to_camera(np.array([0.0, 0, 1000]))
    assert view.project(far)[1] - 119.5 == pytest.approx(-view.focal_px * np.tan(np.radians(pitch)))


def test_a_camera_aims_at_people_from_above_and_from_below(config):
    """Aimed wholly, the middle of somebody 3 m away, 0.95 m above the floor, is in the middle of the picture."""
    aimed = replace(config.view, pitch_deg=(0.0, 0.0), roll_deg=0.0, aim_share=1.0, centre_offset=0.0)
    heights = []
    for seed in range(20):
        view = draw_view(aimed, 3.0, np.random.default_rng(seed))
        person = view.project(view.to_camera(np.array([0.0, view.height_m - 0.95, 3.0])))
        np.testing.assert_allclose(person, view.K[:2, 2], atol=1e-6)
        heights.append(view.height_m)
    assert min(heights) < 0.95 < max(heights)


def test_the_field_of_view_is_that_of_the_longer_side(config):
    for size in ((640, 360), (360, 640)):
        view = draw_view(replace(config.view, image_sizes=(size,), horizontal_fov_deg=(90.0, 90.0)), 3.0,
                         np.random.default_rng(0))
        assert (view.width, view.height) == size and view.focal_px == pytest.approx(320)
