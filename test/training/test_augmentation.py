from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.augmentation import vary_camera, vary_picture
from hdnet_ros.training.augmentation_config import AugmentationConfig
from hdnet_ros.training.view import View

ALWAYS = AugmentationConfig(flip=1, roll=1, zoom=1, colour=1, grey=0.5, blur=1, noise=1, occluders=1)


@pytest.fixture
def picture():
    return np.random.default_rng(0).integers(40, 200, (64, 64, 3), dtype=np.uint8)


def test_by_default_nothing_changes(sample, picture):
    random = np.random.default_rng(0)
    view = View.of(sample)
    assert vary_camera(view, AugmentationConfig(), HUMAN36M_17, random) is view
    assert vary_picture(picture, AugmentationConfig(), random) is picture


def test_camera_variations_stay_within_their_limits(sample):
    config = AugmentationConfig(roll=1, roll_deg=10, zoom=1, zoom_range=(0.8, 1.25))
    turns, zooms = [], []
    for seed in range(300):
        view = vary_camera(View.of(sample), config, HUMAN36M_17, np.random.default_rng(seed))
        truth = view.people[0]
        np.testing.assert_allclose(view.camera.project(truth.joints_camera), truth.joints_px, atol=1e-6)
        old = sample.people[0].joints_camera[10, :2] - sample.people[0].joints_camera[0, :2]
        new = truth.joints_camera[10, :2] - truth.joints_camera[0, :2]
        turns.append(np.degrees(np.arctan2(old[0] * new[1] - old[1] * new[0], old @ new)))
        zooms.append(view.zoom)
    assert np.abs(turns).max() <= 20 + 1e-6 and np.std(turns) == pytest.approx(9, abs=1.5)
    assert 0.8 <= min(zooms) < 0.82 and 1.22 < max(zooms) <= 1.25
    assert np.median(zooms) == pytest.approx(1, abs=0.05), 'as often nearer as farther'


def test_the_same_random_state_gives_the_same_picture(picture):
    a, b, c = (vary_picture(picture, ALWAYS, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()
    assert a.dtype == np.uint8 and a.shape == picture.shape


def test_the_original_is_left_alone(picture):
    before = picture.copy()
    for seed in range(20):
        vary_picture(picture, ALWAYS, np.random.default_rng(seed))
    np.testing.assert_array_equal(picture, before)


def test_occluders_cover_some_but_not_all(picture):
    config = AugmentationConfig(occluders=1, occluder_count=2, occluder_size=0.4)
    shares = [(vary_picture(picture, config, np.random.default_rng(seed)) != picture).any(axis=2).mean()
              for seed in range(100)]
    assert 0 < np.mean(shares) < 2 * 0.4 ** 2 and max(shares) <= 2 * 0.4 ** 2


def test_colours_change_by_a_smooth_law(picture):
    config = AugmentationConfig(colour=1, gain=0.2, brightness=0.1, contrast=0.0, grey=0.0)
    for seed in range(20):
        changed = vary_picture(picture, config, np.random.default_rng(seed)).astype(float)
        for channel in range(3):
            inside = (changed[..., channel] > 0) & (changed[..., channel] < 255)
            slope, offset = np.polyfit(picture[..., channel][inside], changed[..., channel][inside], 1)
            assert 0.78 < slope < 1.22 and abs(offset) < 27


def test_grey_has_no_colour(picture):
    config = AugmentationConfig(colour=1, gain=0.0, brightness=0.0, contrast=0.0, grey=1.0)
    changed = vary_picture(picture, config, np.random.default_rng(0))
    assert (changed == changed[..., :1]).all()


def test_blur_and_noise_do_as_they_say(picture):
    blurred = vary_picture(picture, AugmentationConfig(blur=1, blur_px=3.0), np.random.default_rng(1))
    assert blurred.std() < 0.8 * picture.std()
    noisy = vary_picture(picture, AugmentationConfig(noise=1, noise_level=8.0), np.random.default_rng(0)).astype(float)
    assert 0 < (noisy - picture).std() <= 8.5


@pytest.mark.parametrize(('key', 'value'), [
    ('flip', 1.1), ('roll', -0.1), ('roll_deg', 100.0), ('zoom_range', (2.0, 1.0)), ('gain', 1.0), ('blur_px', 0.0),
    ('noise_level', 0.0), ('occluder_count', 0), ('occluder_size', 0.0)])
def test_nonsense_is_refused_by_name(key, value):
    with pytest.raises(ValueError, match=f'{key} must'):
        AugmentationConfig(**{key: value})
