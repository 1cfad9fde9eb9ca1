from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.perception.person_square import crop_square, person_square, reference_depth_m

# The people in the picture of RootNet's demo (640 x 392 px, focal length 1500 px): x, y, width, height, and k in mm.
DEMO = [((139.41, 102.25, 222.39, 241.57), 9976.31), ((287.17, 61.52, 74.88, 165.61), 14579.92),
        ((540.04, 48.81, 99.96, 223.36), 10793.31), ((372.58, 170.84, 266.63, 217.19), 9035.12),
        ((0.5, 43.74, 90.1, 220.09), 10954.40)]


@pytest.mark.parametrize(('box', 'k_mm'), DEMO)
def test_k_of_the_published_demo(box, k_mm):
    x, y, width, height = box
    square = person_square(np.array([x, y, x + width, y + height]), 640, 392)
    assert 1000 * reference_depth_m(square[2], Camera.pinhole(640, 392, 1500)) == pytest.approx(k_mm, abs=0.005)


@pytest.mark.parametrize(('box', 'expected'), [
    ((100, 100, 200, 300), (25.125, 75.125, 248.75)),      # reaches over 99 x 199 px
    ((600, 400, 900, 900), (570.125, 390.125, 98.75)),     # cut at 639 and 479
    ((-50, 100, 50, 120), (-12.375, 47.625, 123.75))])     # moved to 0..99
def test_squares(box, expected):
    assert person_square(np.array(box, float), 640, 480) == pytest.approx(expected)


@pytest.mark.parametrize('box', [(5, 5, 5, 50), (640, 0, 700, 100), (-20, -20, -1, -1), (50, 50, 40, 60), (5, 5, 6, 6),
                                 (np.nan, 0, 5, 5)])
def test_square_of_nothing(box):
    assert person_square(np.array(box, float), 640, 480) is None


@given(x=st.floats(0, 400), y=st.floats(0, 300), width=st.floats(2, 200), height=st.floats(2, 150))
def test_square_surrounds_a_box_inside_the_image(x, y, width, height):
    left, top, side = person_square(np.array([x, y, x + width, y + height]), 640, 480)
    assert side == pytest.approx(1.25 * max(width - 1, height - 1))
    middle = [x + (width - 1) / 2, y + (height - 1) / 2]
    assert [left + side / 2, top + side / 2] == pytest.approx(middle, abs=1e-6)


def test_reference_depth_of_a_person_of_two_metres():
    """Two metres at 4 m cover f / 2 pixels; both focal lengths count alike."""
    assert reference_depth_m(300.0, Camera.pinhole(640, 480, 600)) == pytest.approx(4.0)
    assert reference_depth_m(300.0, Camera.pinhole(640, 480, 1200, 300)) == pytest.approx(4.0)


def test_crop_shows_the_square():
    """An image that is brighter by one per column: each pixel of the crop tells where it was taken from."""
    columns = np.tile(np.arange(200, dtype=np.uint8), (150, 1))
    rows = np.tile(np.arange(150, dtype=np.uint8)[:, None], (1, 200))
    square = np.array([30.25, 20.5, 64.0])
    crop = crop_square(np.dstack([columns, rows, columns]), square)
    assert crop.shape == (256, 256, 3) and crop.dtype == np.uint8
    place = np.arange(256) * 64 / 256
    np.testing.assert_allclose(crop[128, :, 0], 30.25 + place, atol=0.6)
    np.testing.assert_allclose(crop[:, 128, 1], 20.5 + place, atol=0.6)


def test_crop_is_black_outside_the_image():
    crop = crop_square(np.full((50, 50, 3), 255, np.uint8), np.array([-25.0, -25.0, 100.0]))
    assert (crop[:60] == 0).all() and (crop[:, 196:] == 0).all() and (crop[70:180, 70:180] == 255).all()
