from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.box_size import DEFAULT_HEIGHT_M, BoxSizeLocator
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.on_ray import log_sigma_of
from hdnet_ros.training.samples import PersonTruth, Sample


def box_of(camera, middle, height_m, width_m=0.5):
    """Box around an upright board in space, from its corners in the image."""
    half = np.array([width_m, height_m]) / 2
    corners = [[middle[0] + x * half[0], middle[1] + y * half[1], middle[2]] for x in (-1, 1) for y in (-1, 1)]
    pixels = camera.project(np.array(corners))
    return np.array([*pixels.min(axis=0), *pixels.max(axis=0)])


def sample_of(camera, people):
    truth = tuple(PersonTruth(box_of(camera, np.array(middle), height_m), np.zeros((17, 2)), np.ones(17, bool),
                              np.zeros((17, 3)), middle[2]) for middle, height_m in people)
    return Sample(np.zeros((480, 640, 3), np.uint8), camera.K, truth, 'here')


@given(fx=st.floats(200, 3000), fy=st.floats(200, 3000), x=st.floats(-3, 3), y=st.floats(-2, 2), z=st.floats(1, 40),
       height_m=st.floats(0.5, 2.5))
def test_people_of_the_assumed_height_are_placed_exactly(fx, fy, x, y, z, height_m):
    camera, middle = Camera.pinhole(640, 480, fx, fy), np.array([x, y, z])
    locator = BoxSizeLocator(height_m)
    (root,) = locator.locate(None, camera, [Detection(box_of(camera, middle, height_m))], [None])
    assert root.position == pytest.approx(middle)
    assert root.method == 'box_size' and math.isnan(log_sigma_of(root))


def test_a_taller_person_looks_nearer_by_as_much():
    camera = Camera.pinhole(640, 480, 500)
    (root,) = BoxSizeLocator().locate(None, camera, [Detection(box_of(camera, np.array([0, 0, 4.0]), 1.87))], [None])
    assert root.position[2] == pytest.approx(4 * DEFAULT_HEIGHT_M / 1.87)


def test_lens_distortion_is_taken_out():
    K = Camera.pinhole(640, 480, 500).K
    camera = Camera(640, 480, K, np.array([-0.25, 0.05, 0, 0, 0]))
    middle = np.array([0.0, -0.3, 3.0])
    (root,) = BoxSizeLocator(1.5).locate(None, camera, [Detection(box_of(camera, middle, 1.5))], [None])
    assert root.position == pytest.approx(middle, rel=0.02, abs=0.03)
    assert camera.project(root.position) == pytest.approx(root.pixel)


def test_height_is_fitted_over_several_cameras():
    samples = [sample_of(Camera.pinhole(640, 480, f, 1.1 * f), [((0.2, 0, z), height_m)])
               for f, z, height_m in ((400, 3.0, 1.6), (700, 5.0, 1.6), (1200, 9.0, 1.9))]
    locator = BoxSizeLocator.fit(iter(samples), RootConfig(max_depth_m=20.0))
    assert locator.height_m == pytest.approx(1.6)
    assert locator.log_sigma == pytest.approx(np.log(1.9 / 1.6) / 1.959964)
    camera = Camera.pinhole(640, 480, 600)
    (root,) = locator.locate(None, camera, [Detection(box_of(camera, np.array([0, 0, 7.0]), 1.6))], [None])
    assert root.position[2] == pytest.approx(7.0) and log_sigma_of(root) == pytest.approx(locator.log_sigma)
    assert locator.depth_range(camera) == (0.2, 20.0)


def test_lifter_may_tell_the_pixel():
    camera = Camera.pinhole(640, 480, 500)
    pose = Pose(np.full((17, 2), 120.0), np.zeros((17, 3)), np.ones(17))
    detection = Detection(box_of(camera, np.array([0, 0, 4.0]), 1.7))
    locator = BoxSizeLocator(1.7, config=RootConfig(root_pixel='lifter'))
    with_pose, without = locator.locate(None, camera, [detection] * 2, [pose, None])
    assert with_pose.pixel == pytest.approx([120, 120]) and with_pose.position[2] == pytest.approx(4.0)
    assert without.pixel == pytest.approx([319.5, 239.5])


def test_boxes_without_height_are_not_placed():
    camera = Camera.pinhole(640, 480, 500)
    boxes = [(10, 50, 20, 50), (10, 60, 20, 50), (np.nan,) * 4, (0, 0, 5, 0.5)]
    roots = BoxSizeLocator().locate(None, camera, [Detection(np.array(b, float)) for b in boxes], [None] * 4)
    assert roots == [None] * 4


def test_senseless_heights_are_refused():
    for height_m in (0.0, -1.7, math.nan, math.inf):
        with pytest.raises(ValueError, match='height_m'):
            BoxSizeLocator(height_m)
    with pytest.raises(ValueError, match='nobody'):
        BoxSizeLocator.fit([])
