"""Light of synthetic scenes: it comes from where the picture of the surroundings is bright, in the camera's axes."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.lighting import draw_light
from hdnet_ros.training.synthetic.panorama import Panorama
from hdnet_ros.training.synthetic.view import View

K = np.array([[60.0, 0, 39.5], [0, 60, 29.5], [0, 0, 1]])
SEEDS = range(12)


def camera(*turn_deg: float) -> View:
    return View(80, 60, K, 1.2, Rotation.from_euler('ZX', turn_deg, degrees=True).as_matrix())


def sunny() -> Panorama:
    """One bright spot, 45 degrees high."""
    radiance = np.full((256, 512, 3), 0.2, np.float32)
    radiance[52:77, 188:213] = 40
    return Panorama.from_radiance(radiance)


@pytest.mark.parametrize('view', [camera(0, 0), camera(-8, 25)])
@pytest.mark.parametrize('seed', SEEDS)
def test_the_key_light_stands_where_the_surroundings_are_bright(config, view, seed):
    panorama = sunny()
    light = draw_light(replace(config.light, from_panorama_share=1.0), panorama, view, np.random.default_rng(seed))
    assert np.linalg.norm(light.direction) == pytest.approx(1)
    towards = (light.direction @ view.rotation)[None, None]     # in the level frame, as the panorama
    assert panorama.view(towards, light.yaw_rad).mean() > 20
    # The side that faces it gets the most of the light from all around, too.
    axes = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    brightness, facing = light.ambient.mean(axis=1), axes @ light.direction
    assert np.corrcoef(brightness, facing)[0, 1] > 0.8


@pytest.mark.parametrize('seed', SEEDS)
def test_drawn_key_lights_are_as_high_as_asked(config, seed):
    wanted = replace(config.light, from_panorama_share=0.0, key_elevation_deg=(30.0, 60.0))
    view = camera(5, 20)
    light = draw_light(wanted, sunny(), view, np.random.default_rng(seed))
    up = view.to_camera(np.array([0.0, -1, 0]))
    assert 30 <= np.degrees(np.arcsin(light.direction @ up)) <= 60


def test_strength_and_colour_are_as_asked(config):
    red = Panorama.from_radiance(np.full((256, 512, 3), [3.0, 1.0, 1.0]))
    for share in (0.0, 1.0):
        wanted = replace(config.light, ambient=(0.7, 0.7), ambient_saturation=(share, share))
        ambient = draw_light(wanted, red, camera(0, 0), np.random.default_rng(1)).ambient
        assert ambient.mean() == pytest.approx(0.7)
        assert ambient[:, 0] / ambient[:, 1] == pytest.approx(np.full(6, 1 + 2 * share), rel=0.02)


def test_no_side_is_black(config):
    ambient = draw_light(config.light, sunny(), camera(0, 0), np.random.default_rng(0)).ambient
    assert ambient.min() > 0.15 * ambient.mean()
