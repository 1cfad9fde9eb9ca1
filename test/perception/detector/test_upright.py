"""Detection in an image turned upright: boxes come back to exactly the same pixels."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.detector.boxes import clean_detections
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.upright import detect_upright, quarter_turns, turned_back, upright
from hdnet_ros.perception.people import Detection

RED = (0, 0, 255)
ROLLS = (-180.0, -135.1, -100.0, -45.1, -44.9, 0.0, 30.0, 46.0, 90.0, 134.0, 136.0, 180.0)


class RedRegion:
    """Finds the one red region of an image, and keeps the image."""

    name = 'red'
    config = DetectorConfig(min_size_px=0)

    def detect(self, image):
        self.image = image
        rows, columns = np.nonzero((image == RED).all(axis=2))
        return [Detection(np.array([columns.min() - 0.5, rows.min() - 0.5, columns.max() + 0.5, rows.max() + 0.5]),
                          0.7)]


@given(size=st.tuples(st.integers(1, 30), st.integers(1, 30)), roll_deg=st.sampled_from(ROLLS), data=st.data())
def test_boxes_are_around_the_same_pixels_whatever_the_roll(size, roll_deg, data):
    (width, height), edges = size, []
    for length in size:
        first = data.draw(st.integers(0, length - 1))
        edges.append((first, data.draw(st.integers(first, length - 1))))
    (left, right), (top, bottom) = edges
    image = np.zeros((height, width, 3), np.uint8)
    image[top:bottom + 1, left:right + 1] = RED
    found, = detect_upright(RedRegion(), image, roll_deg)
    np.testing.assert_array_equal(found.box, [left - 0.5, top - 0.5, right + 0.5, bottom + 0.5])
    assert found.score == 0.7


@given(turns=st.integers(0, 3), size=st.tuples(st.integers(2, 50), st.integers(2, 50)), data=st.data())
def test_boxes_inside_the_turned_image_are_inside_the_image(turns, size, data):
    turned = size if turns % 2 == 0 else size[::-1]
    corners = data.draw(st.lists(st.tuples(st.floats(-9, 60), st.floats(-9, 60)), min_size=2, max_size=2))
    raw = np.sort(np.array(corners), axis=0).reshape(1, 4)
    config = DetectorConfig(score_threshold=0, min_size_px=1)
    for detection in clean_detections(raw, np.ones(1), *turned, config):
        box = turned_back(detection.box, turns, *size)
        assert (box[:2] < box[2:]).all() and (box >= 0).all() and (box[2:] <= np.array(size) - 1).all()


@pytest.mark.parametrize('roll_deg', ROLLS)
def test_the_detector_sees_people_upright(roll_deg):
    """The head, red, is where upright people have it who appear turned clockwise by the roll."""
    image = np.zeros((101, 101, 3), np.uint8)
    angle = np.radians(roll_deg)
    column, row = np.round(50 + 45 * np.array([np.sin(angle), -np.cos(angle)])).astype(int)
    image[row, column] = RED
    detector = RedRegion()
    detect_upright(detector, image, roll_deg)
    (seen_row,), (seen_column,) = np.nonzero(detector.image[:, :, 2])
    off_deg = np.degrees(np.arctan2(seen_column - 50, 50 - seen_row))
    assert abs(off_deg) <= 46
    if abs(roll_deg) <= 45:
        assert detector.image is image


@pytest.mark.parametrize(('roll_deg', 'turns'), [(0, 0), (45, 0), (-45, 0), (46, 1), (90, 1), (-90, 3), (-46, 3),
                                                 (180, 2), (-180, 2), (135, 2), (-135, 2), (134, 1)])
def test_the_nearest_quarter_turn(roll_deg, turns):
    assert quarter_turns(roll_deg) == turns


@pytest.mark.parametrize('roll_deg', [0.0, 90.0, 180.0, -90.0])
def test_people_in_the_upright_image_are_where_they_are_in_it(roll_deg):
    image = np.zeros((20, 30, 3), np.uint8)
    image[4:9, 11:24] = RED
    person = Detection(np.array([10.5, 3.5, 23.5, 8.5]), 0.7)
    turned, (there,) = upright(image, [person], roll_deg)
    np.testing.assert_array_equal(there.box, RedRegion().detect(turned)[0].box)
    assert there.score == 0.7 and turned.flags.c_contiguous
