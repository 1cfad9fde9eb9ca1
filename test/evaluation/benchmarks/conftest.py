"""A benchmark of four people in two images, small enough to reckon by hand."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.benchmarks.benchmark import Benchmark, GivenBoxes
from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.perception.people import Detection
from hdnet_ros.skeleton import HUMAN36M_17

CAMERA = Camera.pinhole(640, 480, 500)
DEPTHS_M = (2.0, 4.0, 5.0, 3.0)


def detection(x, score):
    return Detection(np.array([x, 100, x + 80, 300.0]), score)


@pytest.fixture
def benchmark():
    """Image a: an adult at 2 m, a child at 4 m and a stranger; image b: one at 5 m, and at 3 m one without a box."""
    joints_px = np.full((4, 17, 2), np.nan)
    for person in range(4):
        joints_px[person, :5] = 50 * np.arange(5)[:, None] + 100.0 * person
    truth = TruthTable(['a', 'b'], np.array([0, 0, 1, 1]), np.array([[0.5, 0.1, z] for z in DEPTHS_M]),
                       joints_px=joints_px, joint_set=HUMAN36M_17.name)
    boxes = (GivenBoxes((detection(0, 0.9), detection(100, 0.8), detection(200, 0.7)), np.array([1, -1, 0])),
             GivenBoxes((detection(50, 0.6),), np.array([2])))
    groups = {'adults': np.array([True, False, True, True]), 'children': np.array([False, True, False, False])}
    image = np.zeros((480, 640, 3), np.uint8)

    def frames():
        for name, given in zip(truth.image_ids, boxes):
            yield Frame(name, image, CAMERA, given.detections)
    return Benchmark('Four people', truth, boxes, groups, frames, np.full(4, 100.0))
