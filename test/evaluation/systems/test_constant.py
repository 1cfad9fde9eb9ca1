from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.constant import ConstantLocator
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.on_ray import log_sigma_of
from hdnet_ros.training.samples import PersonTruth, Sample

CAMERA = Camera.pinhole(640, 480, 500, 400)


def test_everybody_is_equally_far_away():
    boxes = [(300, 200, 340, 280), (0, 0, 100, 400)]
    roots = ConstantLocator(4.0).locate(None, CAMERA, [Detection(np.array(b, float)) for b in boxes], [None, None])
    for root, box in zip(roots, boxes):
        middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
        assert root.position[2] == 4.0 and math.isnan(log_sigma_of(root)) and root.method == 'constant'
        assert root.position[:2] == pytest.approx((middle - [319.5, 239.5]) / [500, 400] * 4)
        assert root.pixel == pytest.approx(middle)


def test_lifter_may_tell_the_pixel():
    pose = Pose(np.full((17, 2), 120.0), np.zeros((17, 3)), np.ones(17))
    locator = ConstantLocator(4.0, config=RootConfig(root_pixel='lifter'))
    (root,) = locator.locate(None, CAMERA, [Detection(np.array([0.0, 0, 9, 9]))], [pose])
    assert root.pixel == pytest.approx([120, 120]) and root.position[2] == 4.0


def test_depth_is_fitted():
    people = tuple(PersonTruth(np.array([0.0, 0, 9, 9]), np.zeros((17, 2)), np.ones(17, bool), np.zeros((17, 3)), depth)
                   for depth in (3.0, 3.0, 12.0, np.nan))
    locator = ConstantLocator.fit([Sample(np.zeros((9, 9, 3), np.uint8), CAMERA.K, people, 'here')])
    assert locator.depth_m == pytest.approx(3.0)
    assert locator.log_sigma == pytest.approx(np.log(4) / 1.959964)
    assert locator.depth_range(CAMERA) == pytest.approx((3.0, 3.0))
    (root,) = locator.locate(None, CAMERA, [Detection(np.array([0.0, 0, 9, 9]))], [None])
    assert log_sigma_of(root) == pytest.approx(locator.log_sigma)


def test_boxes_without_a_place_are_not_placed():
    fisheye = Camera(640, 480, CAMERA.K, np.array([0.1, 0, 0, 0]), 'equidistant')
    far_out = Detection(np.array([9000.0, 9000, 9100, 9100]))
    assert ConstantLocator(3.0).locate(None, fisheye, [far_out], [None]) == [None]


def test_senseless_depths_are_refused():
    for depth_m in (0.0, -3.0, math.nan, math.inf):
        with pytest.raises(ValueError, match='depth_m'):
            ConstantLocator(depth_m)
    with pytest.raises(ValueError, match='nobody'):
        ConstantLocator.fit([])
