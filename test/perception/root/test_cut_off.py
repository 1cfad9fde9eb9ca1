from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.perception.root.cut_off import missing_px, missing_share, root_covariance

CAMERA = Camera.pinhole(1000, 800, 500, 500, 499.5, 399.5)
FISHEYE = Camera(1000, 1000, np.array([[318.0, 0, 499.5], [0, 318, 499.5], [0, 0, 1]]), np.zeros(4), 'equidistant')


@pytest.mark.parametrize('box, missing', [
    ((300, 100, 480, 500), (0, 0)),             # nothing cuts it
    ((0, 100, 200, 500), (0, 0)),               # at the border, but as wide as people are
    ((0, 100, 80, 500), (120, 0)),
    ((939, 100, 999, 500), (140, 0)),
    ((1.5, 100, 61.5, 500), (140, 0)),          # a detector's box may end before the border
    ((300, 599, 480, 799), (0, 160)),           # no legs
    ((0, 0, 90, 100), (0, 80))])
def test_the_side_that_is_whole_tells_how_long_the_other_one_is(box, missing):
    box = np.array(box, float)
    np.testing.assert_allclose(missing_px(CAMERA, box), missing, atol=1e-9)
    size = box[2:] - box[:2]
    assert missing_share(CAMERA, box) == pytest.approx(max(missing / (size + missing)))


def test_on_a_camera_on_its_side_people_are_wider_than_high():
    box = np.array([0, 300, 400, 480.0])
    assert missing_px(CAMERA, box)[0] == 0 and missing_px(CAMERA, box, 90.0)[0] == 0
    box = np.array([300, 0, 700, 80.0])
    np.testing.assert_allclose(missing_px(CAMERA, box, -90.0), [0, 120])


def test_half_of_what_is_missing_is_a_standard_deviation():
    """Of a long focal length that is pixels times depth through focal length."""
    camera = Camera.pinhole(200, 800, 5000, 5000, 99.5, 399.5)
    box = np.array([60, 600, 140, 799.0])
    upright = np.array([60, 799 - 80 / 0.5 + 50, 140, 799.0])
    for each in (box, upright):
        missing = missing_px(camera, each)
        covariance = root_covariance(camera, each, np.array([0, 0, 40.0]))
        assert np.sqrt(covariance[1, 1]) == pytest.approx(missing[1] / 2 / 5000 * 40, rel=0.02)
        assert covariance[0, 0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize('camera', [CAMERA, FISHEYE])
def test_it_lies_across_the_line_of_sight_and_is_known_up_to_the_edge_of_any_lens(camera):
    edge = camera.width - 1.0
    box = np.array([edge - 30, 300, edge, 700])
    ray = camera.unproject((box[:2] + box[2:]) / 2)
    position = 3.0 * ray / np.linalg.norm(ray)
    covariance = root_covariance(camera, box, position)
    assert np.isfinite(covariance).all() and np.trace(covariance) > 0.1 ** 2
    along = position / 3.0
    assert along @ covariance @ along < 0.1 * np.trace(covariance)


def test_whoever_is_whole_gets_nothing_added():
    assert not root_covariance(CAMERA, np.array([300, 100, 480, 500.0]), np.array([0, 0, 4.0])).any()
