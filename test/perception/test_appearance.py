"""Clothes tell people apart; whoever stands in front does not lend them theirs."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.appearance import DIMENSIONS, appearances, is_before
from hdnet_ros.perception.people import Detection

RED, GREEN, BLUE, GREY = (30, 30, 200), (40, 160, 40), (180, 60, 20), (120, 120, 120)
BOX = np.array([100.0, 50, 180, 290])


def picture(*dressed):
    """A noisy room with people, each a box, a colour for the upper and one for the lower half; later ones in front."""
    image = np.full((360, 480, 3), 200, np.uint8)
    for box, upper, lower in dressed:
        x0, y0, x1, y1 = box.astype(int)
        image[y0:(y0 + y1) // 2, x0:x1] = upper
        image[(y0 + y1) // 2:y1, x0:x1] = lower
    noise = np.random.default_rng(len(dressed)).integers(-6, 7, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def look(image, box=BOX, others=()):
    return appearances(image, [Detection(each) for each in (box, *others)])[0]


def test_clothes_tell_people_apart():
    red, green = look(picture((BOX, RED, BLUE))), look(picture((BOX, GREEN, GREY)))
    assert red.shape == (DIMENSIONS,) and red @ red == pytest.approx(1)
    moved = BOX + [150, 20, 190, 100]
    assert look(picture((moved, RED, BLUE)), moved) @ red > 0.95
    assert red @ green < 0.2
    assert 0.4 < red @ look(picture((BOX, RED, GREY))) < 0.7      # only the trousers differ


def test_a_bit_more_light_changes_little():
    image = picture((BOX, RED, BLUE))
    brighter = np.clip(image * 1.15, 0, 255).astype(np.uint8)
    assert look(brighter) @ look(image) > 0.8


@pytest.mark.parametrize(('column', 'looked_at'), [(29, False), (30, True), (69, True), (70, False)])
def test_pixels_reach_half_a_pixel_around_their_centres(column, looked_at):
    """The middle of a box from -0.5 to 99.5, 30 to 70 % of it, are the pixels 30 to 69."""
    box = np.array([-0.5, -0.5, 99.5, 199.5])
    plain = np.full((200, 100, 3), BLUE, np.uint8)
    striped = plain.copy()
    striped[:, column] = 255
    assert np.allclose(look(striped, box), look(plain, box)) != looked_at


def test_whoever_is_in_front_is_left_out():
    before = np.array([145.0, 60, 225, 330])
    alone = look(picture((BOX, RED, BLUE)))
    covered = picture((BOX, RED, BLUE), (before, GREEN, GREEN))
    assert look(covered, others=[before]) @ alone > 0.95
    assert look(covered) @ alone < 0.8
    assert appearances(covered, [Detection(before), Detection(BOX)])[0] @ look(
        picture((before, GREEN, GREEN)), before) > 0.95


def test_hidden_and_tiny_people_have_no_looks():
    image = picture((BOX, RED, BLUE))
    assert look(image, others=[BOX + [-10, 0, 10, 20]]) is None
    assert look(image, np.array([10.0, 10, 18, 30])) is None
    assert look(image, np.array([10.0, 10, 10, 90])) is None
    assert appearances(image, []) == []


def test_nearer_people_reach_further_down():
    boxes = np.array([[0, 0, 10, 50], [0, 0, 10, 60], [0, 20, 10, 40.0]])
    np.testing.assert_array_equal(is_before(boxes[0], boxes), [False, True, False])


def test_depth_tells_who_is_nearer_where_the_image_border_cuts_boxes_off():
    boxes = np.array([[0, 0, 10, 50], [0, 20, 10, 50], [0, 20, 10, 50.5], [0, 0, 10, 50], [0, 0, 10, 40.0]])
    depths = np.array([3.0, 2.0, 4.0, np.nan, 1.0])
    np.testing.assert_array_equal(is_before(boxes[0], boxes, 3.0, depths), [False, True, False, False, False])
    np.testing.assert_array_equal(is_before(boxes[3], boxes, np.nan, depths), [False, False, True, False, False])


def test_whoever_is_hidden_does_not_wear_the_clothes_of_those_before_at_the_lower_border():
    behind, before = BOX + [0, 0, 0, 69], BOX + [5, 40, 20, 69]      # both end with the image
    image = picture((behind, BLUE, BLUE), (before, RED, RED))
    detections = [Detection(behind), Detection(before)]
    assert appearances(image, detections)[0] is not None
    hidden, near = appearances(image, detections, [3.5, 2.0])
    assert hidden is None and near is not None


@given(st.lists(st.floats(-50, 600, width=32), min_size=8, max_size=8))
def test_boxes_of_any_kind_give_unit_vectors_or_nothing(values):
    boxes = np.array(values).reshape(2, 4)
    boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])], axis=1)
    for found in appearances(picture((BOX, RED, BLUE)), [Detection(box) for box in boxes]):
        assert found is None or found @ found == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(('share', 'told'), [(0.6, True), (0.8, False)])
def test_looks_need_a_chest_that_is_not_largely_covered(share, told):
    image = np.random.default_rng(0).integers(0, 255, (360, 480, 3), dtype=np.uint8)
    box, first = np.array([100.0, 50, 180, 290]), 100 + 80 * (0.7 - 0.4 * share)
    looks = appearances(image, [Detection(box), Detection(np.array([first, 40, 300, 330.0]))])
    assert (looks[0] is not None) == told
