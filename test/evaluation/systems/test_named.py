from __future__ import annotations

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.constant import ConstantLocator
from hdnet_ros.evaluation.systems.named import NamedLocator
from hdnet_ros.perception.people import Detection

CAMERA = Camera.pinhole(320, 240, 300)


def test_only_the_name_differs():
    other = ConstantLocator(3.0)
    named = NamedLocator(other, 'mine')
    assert named.name == 'mine' and named.depth_range(CAMERA) == other.depth_range(CAMERA)
    people = [Detection(np.array([100.0, 60, 160, 200]))]
    (mine,), (theirs,) = (each.locate(None, CAMERA, people, [None]) for each in (named, other))
    np.testing.assert_array_equal(mine.position, theirs.position)
