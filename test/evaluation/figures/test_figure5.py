"""The four columns."""
from __future__ import annotations

import numpy as np

from hdnet_ros.evaluation.figures.figure5 import HEIGHT_PX, draw_figure5
from hdnet_ros.evaluation.figures.people import people_of_rows


def test_the_image_comes_first_and_then_three_square_views(truth_of, camera):
    people = people_of_rows(truth_of((0, (0, 0, 4), 1)), np.array([0]), camera)
    image = np.full((480, 640, 3), (10, 200, 10), np.uint8)
    figure = draw_figure5(image, people, camera)
    width = HEIGHT_PX * 640 // 480
    assert figure.shape == (HEIGHT_PX, width + 3 * HEIGHT_PX, 3)
    assert (figure[:5, :100] == (10, 200, 10)).all()
    plain = draw_figure5(image, people, camera, plain=True)
    assert not (plain[:, :width] == (10, 200, 10)).all(axis=2).any()
    assert (plain[:, width:] == figure[:, width:]).all()
    boxed = (figure[:, :width] != (10, 200, 10)).any(axis=2)
    x0, y0, x1, y1 = people[0].observation.detection.box * HEIGHT_PX / 480
    y, x = np.nonzero(boxed)
    assert x.min() >= x0 - 6 and y.max() <= y1 + 6, 'box and label are where the person is'


def test_an_image_of_nobody(camera):
    figure = draw_figure5(np.zeros((480, 640, 3), np.uint8), [], camera)
    assert figure.shape == (HEIGHT_PX, HEIGHT_PX * 640 // 480 + 3 * HEIGHT_PX, 3)
