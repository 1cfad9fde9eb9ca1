"""A person who stands upright before a camera that is held level."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Observation, Person, Root, TrackState
from hdnet_ros.skeleton import HUMAN36M_17

# Right, down, forward of the hip, metres; the person faces away from the camera.
STANDING = {
    'hip': (0, 0, 0), 'right_hip': (.13, 0, 0), 'right_knee': (.13, .45, 0), 'right_foot': (.13, .9, 0),
    'left_hip': (-.13, 0, 0), 'left_knee': (-.13, .45, 0), 'left_foot': (-.13, .9, 0), 'spine': (0, -.25, 0),
    'thorax': (0, -.5, 0), 'neck': (0, -.6, 0), 'head': (0, -.75, 0), 'left_shoulder': (-.17, -.5, 0),
    'left_elbow': (-.2, -.2, 0), 'left_wrist': (-.2, .05, 0), 'right_shoulder': (.17, -.5, 0),
    'right_elbow': (.2, -.2, 0), 'right_wrist': (.2, .05, 0)}


@pytest.fixture
def camera():
    return Camera.pinhole(640, 480, 500)


@pytest.fixture
def make_person(camera):
    def make(root=(0.0, 0.0, 4.0), id='k3x7a', state=TrackState.CONFIRMED, age_s=1.0, rotation=None, sigma=0.1):
        root = np.array(root, float)
        upright = np.array([STANDING[name] for name in HUMAN36M_17.joints])
        joints = root + (upright if rotation is None else upright @ rotation.T)
        pixels = camera.project(joints)
        visible = pixels[np.isfinite(pixels).all(axis=1)]
        box = np.concatenate([visible.min(axis=0) - 10, visible.max(axis=0) + 10]) if len(visible) else np.zeros(4)
        covariance = np.diag([0.01, 0.01, sigma]) ** 2
        seen = state != TrackState.COASTING
        return Person(
            id=id, state=state, age_s=age_s, unseen_s=0.0, root=root, root_covariance=covariance, velocity=np.zeros(3),
            velocity_covariance=np.eye(3), joints=joints, joints_px=pixels if seen else np.full((17, 2), np.nan),
            observation=Observation(Detection(box), Root(root, covariance, pixels[0])) if seen else None,
            confidence=np.ones(17) if seen else np.zeros(17))
    return make
