from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.drawing import Memory, draw_figure
from hdnet_ros.drawing.film import Film
from hdnet_ros.perception.people import FrameResult


@pytest.mark.parametrize('width, height, figure_height', [(320, 240, 540), (641, 721, 720), (1088, 1920, 1080)])
def test_sizes_are_even_and_the_image_keeps_its_shape(make_person, width, height, figure_height):
    image = np.zeros((height, width, 3), np.uint8)
    figure = draw_figure(image, FrameResult((make_person(),), (0, np.inf)), Camera.pinhole(width, height, 500))
    assert figure.shape[0] == figure_height and figure.shape[1] % 2 == 0
    views = round(figure_height * 0.72 / 2) * 2
    assert (figure.shape[1] - views) / figure_height == pytest.approx(width / height, abs=0.01)


def test_a_person_keeps_the_colour_through_a_film(make_person, camera):
    image = np.zeros((480, 640, 3), np.uint8)
    memory = Memory()
    colors = []
    for i in range(10):
        people = [make_person(id='p0000', age_s=i), make_person((1, 0, 5), id=f'n{i:04d}', age_s=0.0)]
        draw_figure(image, FrameResult(tuple(people), (0, np.inf)), camera, memory=memory)
        colors.append(memory.palette.colors(people)['p0000'])
    assert len(set(colors)) == 1


def test_a_plain_figure_shows_nothing_of_the_image(make_person, camera):
    people = FrameResult((make_person(),), (0, np.inf))
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    plain = [draw_figure(image, people, camera, plain=True) for image in (noise, np.zeros_like(noise))]
    assert np.array_equal(*plain)
    assert not np.array_equal(draw_figure(noise, people, camera), plain[0])


def test_a_film_can_be_read_back(tmp_path):
    film = Film(tmp_path / 'new' / 'film.mp4', 12.5)
    for level in (0, 80, 160, 240):
        film.add(np.full((120, 160, 3), level, np.uint8))
    film.add(np.full((240, 320, 3), 40, np.uint8))       # another size joins in
    film.close()
    film.close()
    capture = cv2.VideoCapture(str(film.path))
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(12.5)
    levels = []
    while (read := capture.read())[0]:
        assert read[1].shape == (120, 160, 3)
        levels.append(read[1].mean())
    np.testing.assert_allclose(levels, [0, 80, 160, 240, 40], atol=6)


def test_a_film_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / 'film.mp4').mkdir()
    with pytest.raises(OSError, match='film'):
        Film(tmp_path / 'film.mp4', 10).add(np.zeros((64, 64, 3), np.uint8))
