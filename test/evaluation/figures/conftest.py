"""A person who stands upright, as rows of tables want it."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.people_table import PeopleTable, TruthTable
from hdnet_ros.skeleton import HUMAN36M_17

# Right, down, forward of the hip, metres.
STANDING = {
    'hip': (0, 0, 0), 'right_hip': (-.13, 0, 0), 'right_knee': (-.13, .42, 0), 'right_foot': (-.13, .84, 0),
    'left_hip': (.13, 0, 0), 'left_knee': (.13, .42, 0), 'left_foot': (.13, .84, 0), 'spine': (0, -.25, 0),
    'thorax': (0, -.5, 0), 'neck': (0, -.6, 0), 'head': (0, -.75, 0), 'left_shoulder': (.17, -.5, 0),
    'left_elbow': (.17, -.18, 0), 'left_wrist': (.17, .07, 0), 'right_shoulder': (-.17, -.5, 0),
    'right_elbow': (-.17, -.18, 0), 'right_wrist': (-.17, .07, 0)}


@pytest.fixture
def camera():
    return Camera.pinhole(640, 480, 500)


@pytest.fixture
def standing():
    """(17, 3) metres relative to the hip."""
    return np.array([STANDING[name] for name in HUMAN36M_17.joints], float)


@pytest.fixture
def truth_of(camera, standing):
    """A function from people, (image, root, size) each, to the truth with joints, boxes and visibility."""
    def make(*people, image_ids=('a', 'b')):
        joints = np.array([np.asarray(root) + size * standing for _, root, size in people])
        pixels = camera.project(joints)
        boxes = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
        return TruthTable(list(image_ids), np.array([image for image, *_ in people]), joints[:, 0], boxes, pixels[:, 0],
                          pixels, joints, 'human36m_17', np.ones(pixels.shape[:2], bool))
    return make


@pytest.fixture
def people_of():
    """A function from (image, root) pairs to a table of estimates without boxes."""
    def make(*people, image_ids=('a', 'b'), **more):
        return PeopleTable(list(image_ids), np.array([image for image, _ in people], int),
                           np.array([root for _, root in people], float).reshape(-1, 3), **more)
    return make
