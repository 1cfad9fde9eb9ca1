from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hdnet_ros.training.synthetic.camera_effects import CameraEffects, _streak


@pytest.fixture
def quiet(config):
    """No effect at all."""
    return dataclasses.replace(config.effects, motion_blur_share=0, defocus_share=0, resample_share=0, exposure=(1, 1),
                               white_balance=0, gamma=(1, 1), grey_share=0, noise=(0, 0), jpeg_share=0)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(60, 190, (120, 160, 3)).astype(np.uint8)


def test_nothing_happens_unless_asked(quiet, image):
    assert np.array_equal(CameraEffects(quiet).apply(image, np.random.default_rng(1)), image)


def test_the_same_numbers_give_the_same_picture(config, image):
    one, two = (CameraEffects(config.effects).apply(image, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one, two) and one.shape == image.shape and one.dtype == np.uint8


@pytest.mark.parametrize('size', [(120, 160), (1200, 1600)])
def test_noise_has_the_level_that_is_asked(quiet, size):
    grey = np.full((*size, 3), 128, np.uint8)
    noisy = CameraEffects(dataclasses.replace(quiet, noise=(5, 5))).apply(grey, np.random.default_rng(2))
    assert noisy.astype(float).std() == pytest.approx(5, rel=0.15)
    assert noisy.mean() == pytest.approx(128, abs=1)


def test_exposure_and_gamma(quiet):
    grey = np.full((4, 4, 3), 100, np.uint8)
    bright = CameraEffects(dataclasses.replace(quiet, exposure=(1.2, 1.2))).apply(grey, np.random.default_rng(0))
    assert (bright == 120).all()
    dark = CameraEffects(dataclasses.replace(quiet, gamma=(2, 2))).apply(grey, np.random.default_rng(0))
    assert (dark == round((100 / 255) ** 2 * 255)).all()


@pytest.mark.parametrize('effect', ['motion_blur', 'defocus', 'resample', 'jpeg'])
def test_every_loss_of_sharpness_loses_some(quiet, image, effect):
    softer = CameraEffects(dataclasses.replace(quiet, **{f'{effect}_share': 1})).apply(image, np.random.default_rng(3))
    assert softer.shape == image.shape and not np.array_equal(softer, image)
    assert softer.astype(float).std() < image.astype(float).std()


def test_grey_pictures_are_grey(quiet, image):
    grey = CameraEffects(dataclasses.replace(quiet, grey_share=1)).apply(image, np.random.default_rng(3))
    assert (grey[..., 0] == grey[..., 2]).all()


@pytest.mark.parametrize('length', [1, 2.3, 6.9])
def test_a_streak_keeps_brightness_and_lies_along_its_angle(length):
    kernel = _streak(length, 0.0)
    assert kernel.sum() == pytest.approx(1) and kernel.shape[0] % 2 == 1
    assert kernel.sum(axis=1).argmax() == kernel.shape[0] // 2
