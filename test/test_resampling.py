"""Parts of images resampled: against SciPy's interpolation, plain means, and each other."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from hdnet_ros.resampling import sample_affine, sample_places


def picture(height=60, width=80, channels=3):
    random = np.random.default_rng(0)
    smooth = [map_coordinates(random.uniform(0, 255, (8, 10)), np.mgrid[0:7:height * 1j, 0:9:width * 1j], order=1)
              for _ in range(channels)]
    return np.stack(smooth, axis=-1).astype(np.float32)


def places_of(affine, size):
    grid = np.stack([*np.meshgrid(np.arange(size), np.arange(size)), np.ones((size, size))])
    return np.tensordot(affine, grid, axes=1).astype(np.float32)


AFFINE = st.tuples(st.floats(-3, 3), st.floats(0.2, 0.9), st.floats(0, 40), st.floats(0, 30)).map(
    lambda v: np.array([[v[1] * np.cos(v[0]), -v[1] * np.sin(v[0]), v[2]],
                        [v[1] * np.sin(v[0]), v[1] * np.cos(v[0]), v[3]]]))


@settings(max_examples=30, deadline=None)
@given(AFFINE)
def test_bilinear_and_zero_outside(affine):
    image = picture()
    places = places_of(affine, 32)
    expected = np.stack([map_coordinates(image[..., c], places[::-1], order=1, mode='grid-constant', cval=0)
                         for c in range(3)], axis=-1)
    # OpenCV rounds places to a 32nd of a pixel; at the border of the image that is up to a 32nd of its brightness.
    for sampled in (sample_affine(image, affine, 32), sample_places(image, places)):
        assert sampled.shape == (32, 32, 3) and sampled.dtype == image.dtype
        assert np.abs(sampled - expected).max() < 255 / 16


@pytest.mark.parametrize('channels', [(), (1,), (3,)])
def test_a_coarse_step_averages_what_it_passes_over(channels):
    image = np.random.default_rng(1).integers(0, 255, (64, 96, *channels), np.uint8)
    affine = np.array([[4.0, 0, 1.5], [0, 4, 1.5]])     # middles of squares of 4 x 4
    means = image.reshape(16, 4, 24, 4, *channels).mean(axis=(1, 3))[:, :16]
    for sampled in (sample_affine(image, affine, 16, antialias=True),
                    sample_places(image, places_of(affine, 16), antialias=True)):
        np.testing.assert_allclose(sampled.reshape(means.shape), means, atol=0.6)
    assert np.abs(sample_affine(image, affine, 16).reshape(means.shape) - means).max() > 20


def test_the_step_is_that_inside_the_image():
    """Places that are all put aside, where a window sees nothing, say nothing about how coarse it is."""
    image = np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)
    places = places_of(np.array([[4.0, 0, 1.5], [0, 4, 1.5]]), 16)
    aside = np.concatenate([places, np.full((2, 40, 16), -64, np.float32)], axis=1)
    sampled = sample_places(image, aside, antialias=True)
    np.testing.assert_array_equal(sampled[:16], sample_places(image, places, antialias=True))
    assert not sampled[16:].any()


def test_nothing_of_the_image():
    image = np.full((20, 30, 3), 200, np.uint8)
    away = np.array([[5.0, 0, 100], [0, 5, 100]])
    assert not sample_affine(image, away, 8, antialias=True).any()
    assert not sample_places(image, places_of(away, 8).clip(-30, 60), antialias=True).any()
