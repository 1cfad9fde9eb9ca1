from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.square_pixels import SquarePixels

SQUEEZED = Camera(320, 480, [[300, 0, 159.0], [0, 600, 238.0], [0, 0, 1]], [-0.2, 0.05, 0.001, 0.0005, 0])


def test_square_pixels_stay_as_they_are():
    camera = Camera.pinhole(640, 480, 600, 630)
    square, image = SquarePixels.of(camera), np.zeros((480, 640, 3), np.uint8)
    assert square.camera is camera and square.image(image) is image
    found = [Detection(np.array([0.1, 0.2, 0.3, 0.7]))], [None], [None]
    assert square.as_received(*found) == found and square.detections(found[0]) == found[0]


def test_the_coarser_axis_becomes_as_fine_as_the_other():
    square = SquarePixels.of(SQUEEZED)
    assert (square.camera.width, square.camera.height) == (640, 480)
    assert square.camera.fx == square.camera.fy == 600
    assert square.image(np.zeros((480, 320, 3), np.uint8)).shape == (480, 640, 3)


def test_rays_stay_where_they_are():
    square = SquarePixels.of(SQUEEZED)
    point, box = np.array([0.3, -0.2, 2.0]), np.array([40.0, 50, 90, 300])
    (resized,), (pose,), (root,) = square.as_received(
        square.detections([Detection(box, 0.7)]), [Pose(square.camera.project(np.tile(point, (17, 1))),
                                                        np.zeros((17, 3)), np.ones(17))],
        [Root(point, np.eye(3), square.camera.project(point))])
    np.testing.assert_allclose(resized.box, box, atol=1e-9)
    np.testing.assert_allclose(pose.joints_px, np.tile(SQUEEZED.project(point), (17, 1)), atol=1e-9)
    np.testing.assert_allclose(root.pixel, SQUEEZED.project(point), atol=1e-9)
    (there,) = square.detections([Detection(box, 0.7)])
    assert there.score == 0.7
    np.testing.assert_allclose(square.camera.unproject(there.box[:2]), SQUEEZED.unproject(box[:2]), atol=1e-9)


def test_what_a_pixel_shows_stays_where_it_is():
    """The image tells the column of each of its pixels."""
    columns = np.tile(np.arange(320, dtype=np.float32), (480, 1))
    resized = SquarePixels.of(SQUEEZED).image(columns)
    np.testing.assert_allclose(resized[0, 2:-2], (np.arange(640)[2:-2] + 0.5) / 2 - 0.5, atol=1e-3)


def test_nothing_found_is_nothing():
    assert SquarePixels.of(SQUEEZED).as_received([Detection(np.zeros(4))], [None], [None])[1:] == ([None], [None])


@pytest.mark.parametrize('ratio', [0.01, 100.0])
def test_a_strange_calibration_makes_no_huge_image(ratio):
    square = SquarePixels.of(Camera.pinhole(320, 240, 300, 300 * ratio))
    assert square.camera.width <= 4 * 320 and square.camera.height <= 4 * 240


def test_boxes_stay_inside_the_image():
    whole = Detection(np.array([0.0, 0, 639, 479]))
    ((found,), _, _) = SquarePixels.of(SQUEEZED).as_received([whole], [None], [None])
    np.testing.assert_allclose(found.box, [0, 0, 319, 479])
