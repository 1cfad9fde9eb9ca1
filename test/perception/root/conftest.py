"""People of known place, seen by known cameras."""
from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Pose

# A standing adult, hips first, in metres: x to the person's left as seen from the front, y down, z away.
STANDING = np.array([
    [0, 0, 0], [-0.12, 0, 0], [-0.13, 0.43, 0.02], [-0.13, 0.85, 0.05], [0.12, 0, 0], [0.13, 0.43, 0.02],
    [0.13, 0.85, 0.05], [0, -0.24, 0.01], [0, -0.48, 0.02], [0, -0.60, -0.05], [0, -0.72, 0], [0.17, -0.46, 0.02],
    [0.20, -0.18, 0.03], [0.22, 0.07, -0.03], [-0.17, -0.46, 0.02], [-0.20, -0.18, 0.03], [-0.22, 0.07, -0.03]])

CAMERAS = {
    'pinhole': Camera.pinhole(1280, 720, 900, 910, 630, 370),
    'plumb_bob': Camera(1280, 720, np.array([[700, 0, 650], [0, 705, 350], [0, 0, 1.0]]),
                        np.array([-0.2, 0.05, 0.001, -0.0005, 0.0])),
    'rational_polynomial': Camera(1280, 720, np.array([[700, 0, 650], [0, 705, 350], [0, 0, 1.0]]),
                                  np.array([0.3, 0.05, 1e-4, 1e-4, 0.01, 0.5, 0.1, 0.02]), 'rational_polynomial'),
    'equidistant': Camera(1280, 960, np.array([[420, 0, 640], [0, 420, 480], [0, 0, 1.0]]),
                          np.array([0.02, -0.005, 0.001, 0.0]), 'equidistant'),
}


def body(seed: int = 0) -> np.ndarray:
    """(17, 3) an upright person of random posture, relative to the hips."""
    rng = np.random.default_rng(seed)
    joints = STANDING + rng.normal(scale=0.06, size=STANDING.shape)
    turn = Rotation.from_euler('yxz', [rng.uniform(-np.pi, np.pi), rng.normal(scale=0.2), rng.normal(scale=0.2)])
    joints = turn.apply(joints)
    return joints - joints[0]


def pose_of(joints: np.ndarray, root, camera: Camera, confidence: float = 1.0) -> Pose:
    """What a perfect lifter would say of a (17, 3) body at a (3,) root."""
    return Pose(camera.project(joints + root), joints, np.full(len(joints), confidence))


@pytest.fixture(scope='session')
def scene() -> SimpleNamespace:
    """The functions and constants of this file."""
    return SimpleNamespace(standing=STANDING, cameras=CAMERAS, body=body, pose_of=pose_of)
