from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.geometric import NAMES, GeometricBaseline
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.geometric import TRUNK

CAMERA = Camera.pinhole(640, 480, 700)
ROOT = np.array([0.4, -0.2, 4.5])
SOMEBODY = [Detection(np.array([0.0, 0, 9, 9]))]


def pose(spoiled=()):
    random = np.random.default_rng(3)
    relative = random.uniform(-0.7, 0.7, (17, 3)) * [0.5, 1, 0.4]
    relative[0] = 0
    joints_px = CAMERA.project(ROOT + relative)
    joints_px[list(spoiled)] += random.uniform(40, 60, (len(spoiled), 2))
    return Pose(joints_px, relative, np.ones(17))


def error_m(method, spoiled=()):
    (root,) = GeometricBaseline(method).locate(None, CAMERA, SOMEBODY, [pose(spoiled)])
    assert root.method == f'geometric_{method}'
    return np.linalg.norm(root.position - ROOT)


@pytest.mark.parametrize('method', ['all', 'trunk', 'ransac'])
def test_a_consistent_skeleton_is_placed_exactly(method):
    assert error_m(method) < 1e-6


def test_who_suffers_from_wrong_joints():
    limbs = [j for j in range(17) if j not in TRUNK][:3]
    assert error_m('trunk', limbs) < 1e-6 and error_m('ransac', limbs) < 1e-6 < 0.05 < error_m('all', limbs)
    assert error_m('ransac', TRUNK[1:4]) < 1e-6 < 0.05 < error_m('trunk', TRUNK[1:4])


def test_names_and_settings():
    assert sorted(NAMES) == ['geometric_all', 'geometric_ransac', 'geometric_trunk']
    baseline = GeometricBaseline('all', RootConfig(kind='hdnet', checkpoint='x', max_depth_m=4.0))
    assert baseline.name == 'geometric_all' and baseline.config.max_depth_m == 4.0
    assert baseline.locate(None, CAMERA, SOMEBODY, [pose()]) == [None]
    with pytest.raises(ValueError, match='method'):
        GeometricBaseline('some')
