from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.placing import place, root_ray
from hdnet_ros.perception.people import Pose, Root
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.on_ray import log_sigma_of

CAMERA = Camera.pinhole(640, 480, 500, 510)
FISHEYE = Camera(640, 480, CAMERA.K, np.array([0.05, -0.01, 0.002, 0.0]), 'equidistant')
POSE = Pose(joints_px=np.full((17, 2), 100.0), joints_relative=np.zeros((17, 3)), confidence=np.ones(17))
RAY = np.array([0.1, -0.2, 1.0])


@pytest.mark.parametrize('camera', [CAMERA, FISHEYE])
def test_root_is_on_the_ray_and_seen_in_its_pixel(camera):
    root = place(camera, RAY, 3.0, 'some', RootConfig(max_depth_m=9.0), log_sigma=0.1)
    assert root.position == pytest.approx([0.3, -0.6, 3.0])
    assert root.method == 'some'
    assert camera.unproject(root.pixel) == pytest.approx(RAY)


def test_spread_of_the_depth_comes_back():
    root = place(CAMERA, RAY, 3.0, 'some', RootConfig(), log_sigma=0.1)
    assert log_sigma_of(root) == pytest.approx(0.1)
    # All of it along the ray.
    values, directions = np.linalg.eigh(root.covariance)
    assert values == pytest.approx([0, 0, 0.01 * root.position @ root.position], abs=1e-12)
    assert abs(directions[:, 2] @ RAY) == pytest.approx(np.linalg.norm(RAY))


def test_unknown_spread_stays_unknown():
    root = place(CAMERA, RAY, 3.0, 'some', RootConfig())
    assert np.isnan(root.covariance).all() and math.isnan(log_sigma_of(root))


def test_spread_of_other_systems_is_read_too():
    root = Root(position=np.array([1, 1, 4.0]), covariance=np.diag([1, 1, 0.16]), pixel=np.zeros(2))
    assert log_sigma_of(root) == pytest.approx(0.1)


@pytest.mark.parametrize(('ray', 'depth_m'), [(RAY, 0.1), (RAY, 51.0), (RAY, -2.0), (RAY, math.nan), (RAY, math.inf),
                                              (RAY * math.nan, 3.0)])
def test_absurd_places_are_none(ray, depth_m):
    assert place(CAMERA, ray, depth_m, 'some', RootConfig()) is None


def test_whose_pixel_counts():
    lifter = RootConfig(root_pixel='lifter')
    assert root_ray(CAMERA, RAY, POSE, RootConfig()) is RAY
    assert root_ray(CAMERA, RAY, None, lifter) is RAY
    other = replace(POSE, joints_px=np.vstack([[200.0, 300.0], POSE.joints_px[1:]]))
    assert root_ray(FISHEYE, RAY, other, lifter) == pytest.approx(FISHEYE.unproject([200.0, 300.0]))
