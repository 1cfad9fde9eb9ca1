from __future__ import annotations

import base64
import os

import numpy as np
import pytest

from hdnet_ros.training.synthetic.background import panorama_view, photograph_view
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.lighting import draw_light
from hdnet_ros.training.synthetic.panorama import Panorama, read_panorama
from hdnet_ros.training.synthetic.view import View, draw_view

AXES = np.concatenate([np.eye(3), -np.eye(3)])
LEVEL = View(80, 60, np.array([[60.0, 0, 39.5], [0, 60, 29.5], [0, 0, 1]]), 1.2, np.eye(3))


def spot(column: int, row: int, reach: int = 6) -> Panorama:
    radiance = np.full((256, 512, 3), 0.2, np.float32)
    radiance[row - reach:row + reach + 1, np.arange(column - reach, column + reach + 1) % 512] = 40
    return Panorama.from_radiance(radiance)


def test_even_light_is_even():
    even = Panorama.from_radiance(np.full((256, 512, 3), 3.0))
    assert np.allclose(even.irradiance(AXES, 0.7), 1, atol=1e-3)


def test_light_from_the_right_falls_on_the_right():
    # Columns go around: a quarter of 512 is to the right, a quarter of 256 is half way up.
    panorama = spot(128, 64, reach=25)
    assert panorama.sun == pytest.approx([0.707, -0.707, 0], abs=0.08)
    right, below, ahead, left, above, behind = panorama.irradiance(AXES, 0.0).mean(axis=1)
    assert right > 1.5 * ahead and above > 1.5 * below and right > 1.5 * left
    assert ahead == pytest.approx(behind, rel=0.2)
    turned = panorama.irradiance(AXES, np.pi / 2).mean(axis=1)    # the spot is ahead now
    assert turned[2] > 1.5 * turned[0]


def test_the_camera_sees_the_spot_where_it_is():
    seen = spot(0, 128).view(LEVEL.rays(1), 0.0).mean(axis=2)
    v, u = np.unravel_index(seen.argmax(), seen.shape)
    assert abs(u - 39.5) < 8 and abs(v - 29.5) < 8
    assert spot(40, 128).view(LEVEL.rays(1), 0.0).mean(axis=2).argmax(axis=1)[30] > 55    # to the right


def test_light_for_a_camera_that_looks_down(config):
    rng = np.random.default_rng(0)
    view = draw_view(config.view, 3.0, rng)
    light = draw_light(config.light, spot(128, 30), view, rng)
    up = view.to_camera(np.array([0, -1.0, 0]))
    assert np.linalg.norm(light.direction) == pytest.approx(1)
    assert light.direction @ up > 0.2
    low, high = config.light.ambient
    assert low - 1e-6 <= light.ambient.mean() <= high + 1e-6


def test_backgrounds_have_the_size_of_the_image():
    rng = np.random.default_rng(0)
    assert panorama_view(spot(0, 100), LEVEL, 0.3, rng).shape == (60, 80, 3)
    photograph = rng.integers(0, 255, (300, 200, 3)).astype(np.uint8)
    for _ in range(10):
        assert photograph_view(photograph, (80, 60), rng).shape == (60, 80, 3)


def test_an_exr_in_javascript_is_read(tmp_path):
    os.environ['OPENCV_IO_ENABLE_OPENEXR'] = '1'
    import cv2
    image = np.random.default_rng(0).uniform(0, 3, (4, 8, 3)).astype(np.float32)
    done, data = cv2.imencode('.exr', image)
    if not done:
        pytest.skip('this OpenCV has no OpenEXR')
    path = tmp_path / 'room.exr.js'
    path.write_text(f'export default "data:image/exr;base64,{base64.b64encode(data).decode()}"')
    assert np.allclose(read_panorama(path), image[..., ::-1], atol=2e-3)
    path.write_text('export default ""')
    with pytest.raises(SyntheticError, match='hdnet models verify'):
        read_panorama(path)


def test_what_is_to_the_right_is_ahead_after_a_quarter_turn():
    """As for the light that the panorama throws."""
    radiance = np.full((256, 512, 3), 0.2, np.float32)
    radiance[122:135, 122:135] = 40
    level = View(80, 60, np.array([[60.0, 0, 39.5], [0, 60, 29.5], [0, 0, 1]]), 1.2, np.eye(3))
    seen = Panorama.from_radiance(radiance).view(level.rays(1), np.pi / 2).mean(axis=2)
    column = np.unravel_index(seen.argmax(), seen.shape)[1]
    assert seen.max() > 5 and abs(column - 39.5) < 8
