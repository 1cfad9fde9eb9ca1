"""Tiles of the largest errors."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.evaluation.figures.data import Picture
from hdnet_ros.evaluation.figures.errors import person_errors
from hdnet_ros.evaluation.figures.figure4 import CAPTION_PX, COLUMNS, OTHER, OWN, TILE_PX, draw_figure4


@pytest.mark.parametrize('plain', [False, True])
def test_a_tile_shows_the_box_in_its_middle_and_that_of_the_neighbour(truth_of, people_of, camera, plain):
    truth = truth_of((0, (0, 0, 4), 1), (0, (0.3, 0, 5), 1), (1, (0, 0, 4), 1))
    errors, _ = person_errors(people_of((0, (0, 0, 5)), (0, (0.3, 0, 5)), (1, (0, 0, 4.5))), truth)
    image = np.full((480, 640, 3), 60, np.uint8)
    sheet = draw_figure4(errors[:2], truth, {name: Picture(image, camera) for name in 'ab'}, plain=plain)
    assert (errors[0].image_id, errors[1].image_id) == ('a', 'b')
    width, height = TILE_PX
    assert sheet.shape[1] > 2 * width and sheet.shape[0] > height + CAPTION_PX
    first, second = sheet[:, :sheet.shape[1] // 2], sheet[:, sheet.shape[1] // 2:]
    own = (first == OWN).all(axis=2)
    y, x = np.nonzero(own)
    assert (x.min() + x.max()) / 2 == pytest.approx(first.shape[1] / 2, abs=12)
    assert (first == OTHER).all(axis=2).any() and not (second == OTHER).all(axis=2).any()
    assert (sheet == (90 if plain else 60)).all(axis=2).any()


def test_tiles_fill_rows(truth_of, people_of, camera):
    truth = truth_of(*[(0, (x, 0, 4), 1) for x in (-2, -1, 0, 1, 2)])
    errors, _ = person_errors(people_of(*[(0, (x, 0, 4)) for x in (-2, -1, 0, 1, 2)]), truth)
    pictures = {'a': Picture(np.zeros((480, 640, 3), np.uint8), camera)}
    two, five = (draw_figure4(some, truth, pictures) for some in (errors[:2], errors))
    assert two.shape[0] < 2 * TILE_PX[1] and 2 * TILE_PX[0] < two.shape[1] < 3 * TILE_PX[0]
    assert 2 * TILE_PX[1] < five.shape[0] and COLUMNS * TILE_PX[0] < five.shape[1] < (COLUMNS + 1) * TILE_PX[0]
