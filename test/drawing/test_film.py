from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.drawing.film import Film


def write(path, stamps_s, fps=10.0):
    """The number of the picture that each image of the film shows, after they were added with those stamps."""
    film = Film(path, fps)
    for number, stamp_s in enumerate(stamps_s):
        film.add(np.full((48, 64, 3), 20 * number, np.uint8), stamp_s)
    film.close()
    capture = cv2.VideoCapture(str(path))
    assert capture.get(cv2.CAP_PROP_FPS) == fps
    shown = []
    while (image := capture.read()[1]) is not None:
        shown.append(round(image.mean() / 20))
    return shown


@pytest.mark.parametrize('start_s', [0.0, 1.8e9])
def test_an_image_is_shown_until_the_stamp_of_the_next_one(tmp_path, start_s):
    stamps_s = start_s + np.array([0, 0.2, 0.3, 0.75, 0.8])
    assert write(tmp_path / 'film.mp4', stamps_s) == [0, 0, 1, 2, 2, 2, 2, 2, 3, 4]


def test_images_that_come_faster_than_the_film_s_are_left_out_now_and_then(tmp_path):
    shown = write(tmp_path / 'film.mp4', [number / 20 for number in range(12)])
    assert 6 <= len(shown) <= 8 and shown[0] == 0 and shown[-1] >= 10


def test_without_stamps_one_image_follows_the_other(tmp_path):
    assert write(tmp_path / 'new folder' / 'film.mp4', [None] * 4) == [0, 1, 2, 3]


@pytest.mark.parametrize('leap_s', [3e7, -3e7])
def test_a_clock_that_is_set_does_not_stop_the_film(tmp_path, leap_s):
    stamps_s = 1.8e9 + np.array([0, 0.2, leap_s, leap_s + 0.3])
    assert write(tmp_path / 'film.mp4', stamps_s) == [0, 0, 1, 2, 2, 2, 3]


def test_images_of_other_sizes_are_fitted_to_the_first(tmp_path):
    film = Film(tmp_path / 'film.mp4', 10.0)
    for size in ((48, 64), (96, 128)):
        film.add(np.zeros((*size, 3), np.uint8))
    film.close()
    capture = cv2.VideoCapture(str(tmp_path / 'film.mp4'))
    assert [capture.read()[1].shape for _ in range(2)] == [(48, 64, 3)] * 2
