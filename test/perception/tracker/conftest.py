"""People who walk through a room, as a camera with imperfect depth sees them."""
from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import Detection, Observation, Root
from hdnet_ros.perception.tracker import Tracker, TrackerConfig

FOCAL_PX, WIDTH, HEIGHT = 600.0, 1280, 720
PERSON_M = (0.7, 1.7)
DEPTH_SIGMA = 0.07
# Optical axes (x right, y down, z forward) of a level camera that looks along x of a frame whose z points up.
OPTICAL = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])


def observe(position, *, depth_factor=1.0, noise_px=(0.0, 0.0), score=0.9) -> Observation:
    """What a detector and a root method would say of a person whose pelvis is at (3,) metres."""
    position = np.asarray(position, dtype=float)
    depth_m = position[2] * depth_factor
    seen_px = FOCAL_PX * position[:2] / position[2] + noise_px
    measured = np.array([*seen_px / FOCAL_PX, 1.0]) * depth_m
    covariance = DEPTH_SIGMA ** 2 * np.outer(measured, measured) + (3 / FOCAL_PX * depth_m) ** 2 * np.eye(3)
    pixel = seen_px + [WIDTH / 2, HEIGHT / 2]
    half = np.array(PERSON_M) * FOCAL_PX / position[2] / 2
    box = np.concatenate([pixel - half, pixel + half])
    return Observation(Detection(box, score), Root(measured, covariance, pixel))


def level_camera(yaw_rad=0.0, place=(0.0, 0.0, 0.0)) -> CameraPose:
    """A camera at (3,) metres of a frame whose z points up; it looks along that frame's x, turned left by the yaw."""
    return CameraPose(Rotation.from_euler('z', yaw_rad).as_matrix() @ OPTICAL, np.asarray(place, dtype=float))


def hidden(index, positions) -> bool:
    """Whether somebody nearer covers the middle of the person."""
    x, _, z = positions[index]
    return any(other[2] < z and abs(other[0] / other[2] - x / z) < PERSON_M[0] / 2 / other[2]
               for i, other in enumerate(positions) if i != index)


def follow(paths, rng, *, seconds=8.0, fps=15.0, jitter=0.02, bias_sigma=0.055, miss=0.0, irregular=False, config=None):
    """Tracks people along paths (functions of time to (3,) metres).

    Everybody's depth is wrong by a constant share (their own size) and by a jitter that differs from image to image;
    whoever is covered by somebody nearer is not detected.
    Returns how often a person's id changed, the ids used, and the last people.
    """
    tracker = Tracker(config or TrackerConfig())
    bias = rng.normal(scale=bias_sigma, size=len(paths))
    last, switches, ids, people, stamp_s = {}, 0, set(), (), 0.0
    while stamp_s < seconds:
        positions = [path(stamp_s) for path in paths]
        seen = [i for i in range(len(paths)) if not hidden(i, positions) and rng.random() >= miss]
        observations = [observe(positions[i], depth_factor=1 + bias[i] + rng.normal(scale=jitter),
                                noise_px=rng.normal(scale=3, size=2)) for i in seen]
        order = rng.permutation(len(seen))
        people = tracker.update([observations[k] for k in order], stamp_s)
        by_observation = {id(p.observation): p.id for p in people if p.observation is not None}
        for person, observation in zip(seen, observations, strict=True):
            name = by_observation[id(observation)]
            switches += last.get(person, name) != name
            last[person] = name
            ids.add(name)
        stamp_s += (rng.uniform(0.5, 1.5) if irregular else 1.0) / fps
    return SimpleNamespace(switches=switches, ids=ids, people=people)


@pytest.fixture(scope='session')
def world() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(observe=observe, follow=follow, level_camera=level_camera)
