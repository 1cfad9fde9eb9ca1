"""Whose joint is it: closed forms, Bayes' rule with SciPy's densities, properties for any boxes."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from hdnet_ros.camera import Camera
from hdnet_ros.joint_masks import joint_masks
from hdnet_ros.window import Window, ideal_box
from hdnet_ros.window_layout import box_window

CAMERA = Camera.pinhole(640, 480, 500, 500, 320, 240)
# One cell is one pixel, and cell (x, y) is pixel (288 + x, 208 + y).
WINDOW = Window(CAMERA, (320, 240), 64)
HEAD, FEET = (0.5, 0.1, 0.2, 0.1), (0.5, 0.9, 0.2, 0.1)
PLACES = np.array([HEAD, FEET])


def pixels(*cells):
    return np.array(cells, dtype=float) + np.tile([288, 208], 2)


WHOLE = pixels(0, 0, 63, 63)


def test_who_is_alone_has_the_whole_box():
    box = pixels(10, 5, 40, 60)
    for others in ([], [pixels(41, 5, 60, 60)], [pixels(10, 61, 40, 63)]):
        masks = joint_masks(WINDOW, box, others, PLACES)
        assert masks.shape == (2, 64, 64) and masks.dtype == np.float32
        np.testing.assert_array_equal(masks, np.stack([WINDOW.extent_mask(WINDOW.extent(box))] * 2))


def test_without_places_it_is_the_mask_of_the_paper():
    box = pixels(10, 5, 40, 60)
    np.testing.assert_array_equal(joint_masks(WINDOW, box, [WHOLE], ()), WINDOW.extent_mask(WINDOW.extent(box)))


@pytest.mark.parametrize('places', [(), PLACES])
def test_without_box_masks_whoever_is_alone_has_the_whole_window(places):
    """The published code; somebody beside the window, or nowhere, is no company."""
    box, beside, nowhere = pixels(10, 5, 40, 60), pixels(70, 5, 90, 60), np.full(4, np.nan)
    for others in ([], [beside], [nowhere]):
        masks = joint_masks(WINDOW, box, others, places, box_mask=False)
        assert masks.shape[-2:] == (64, 64) and masks.min() == 1
    for others in ([pixels(60, 5, 90, 60)], [beside, WHOLE]):
        np.testing.assert_array_equal(joint_masks(WINDOW, box, others, places, box_mask=False),
                                      joint_masks(WINDOW, box, others, places))


def test_two_with_the_same_box_have_half_each():
    masks = joint_masks(WINDOW, WHOLE, [WHOLE], PLACES)
    np.testing.assert_allclose(masks, 0.5, atol=1e-6)


def test_a_joint_goes_to_the_box_where_it_fits():
    """A small box inside a large one: a head at its top and feet at its bottom are not those of the large one."""
    small = pixels(20, 20, 40, 50)
    mine, theirs = joint_masks(WINDOW, WHOLE, [small], PLACES), joint_masks(WINDOW, small, [WHOLE], PLACES)
    assert mine[0, 23, 30] < 0.1 and theirs[0, 23, 30] > 0.9
    assert mine[1, 47, 30] < 0.1 and theirs[1, 47, 30] > 0.9
    assert mine[0, 6, 32] == 1 and mine[1, 57, 32] == 1, 'outside the small box nobody else has a claim'


def test_bayes_rule_with_densities_of_scipy():
    mine, theirs = pixels(4, 2, 52, 60), pixels(20, 10, 60, 40)
    masks = joint_masks(WINDOW, mine, [theirs], PLACES)

    def density(place, box, cell):
        side = box[2:] - box[:2]
        where = (np.add(cell, [288, 208]) - box[:2]) / side
        return (multivariate_normal(place[:2], np.diag(np.square(place[2:]))).pdf(where) + 0.02) / side.prod()
    for joint, place in enumerate(PLACES):
        for cell in ((21, 11), (30, 25), (45, 39), (50, 33)):
            ours, other = density(place, mine, cell), density(place, theirs, cell)
            assert masks[joint, cell[1], cell[0]] == pytest.approx(ours / (ours + other), rel=1e-5)


boxes = st.tuples(st.floats(0, 60), st.floats(0, 60), st.floats(1, 64), st.floats(1, 64)).map(
    lambda b: pixels(b[0], b[1], min(b[0] + b[2], 63), min(b[1] + b[3], 63)))


@settings(max_examples=100)
@given(st.lists(boxes, min_size=1, max_size=4))
@example([pixels(0, 0, 1, 1), pixels(0, 1, 1, 2)])      # they touch the same cells
def test_what_is_shared_adds_up(people):
    """In a cell of several boxes, the probabilities of all of them make 1."""
    masks = [joint_masks(WINDOW, box, people[:i] + people[i + 1:], PLACES) for i, box in enumerate(people)]
    inside = np.stack([WINDOW.extent_mask(WINDOW.extent(box)) for box in people])
    np.testing.assert_allclose(np.sum(masks, axis=0), np.broadcast_to(inside.any(axis=0), (2, 64, 64)), atol=2e-5)
    for mask, box in zip(masks, inside):
        assert (mask[:, box > 0] > 0).all() and (mask[:, box == 0] == 0).all()


def test_boxes_that_are_none_claim_nothing():
    fisheye = Camera(640, 480, [[200.0, 0, 320], [0, 200.0, 240], [0, 0, 1]], [0.0, 0, 0, 0], 'equidistant')
    window = box_window(fisheye, ideal_box(fisheye, np.array([300, 200, 340, 280.0])), 300)
    box = np.array([280, 180, 360, 300.0])
    alone = joint_masks(window, box, [], PLACES)
    for none in (np.full(4, np.nan), np.array([340, 280, 300, 200.0])):
        np.testing.assert_array_equal(joint_masks(window, box, [none], PLACES), alone)
    with pytest.raises(ValueError, match='box'):
        joint_masks(window, np.full(4, np.nan), [], PLACES)


@pytest.mark.parametrize('roll', [0.0, -0.45])
def test_windows_of_other_sizes_and_turns_agree(roll):
    """The share of a place in the image does not depend on the window that shows it."""
    mine, theirs = np.array([200, 100, 400, 460.0]), np.array([300, 150, 420, 400.0])
    shares = []
    for size in (400, 800):
        window = Window(CAMERA, (300, 280), size, roll=roll)
        masks = joint_masks(window, mine, [theirs], PLACES, 128)
        x, y = np.round(window.to_input(np.array([340, 200.0])) * 128 / window.input_size).astype(int)
        shares.append(masks[:, y, x])
    np.testing.assert_allclose(*shares, atol=0.05)
