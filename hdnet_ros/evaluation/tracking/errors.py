"""Errors of a single camera, as they were measured on real footage."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.people import Detection, Observation, Pose, Root

FOCAL_PX, WIDTH, HEIGHT = 600.0, 1280, 720
PERSON_M = (0.6, 1.75)     # width and height of a box
_PELVIS_UP = 0.52          # share of the height of the box that is below the pelvis


@dataclass(frozen=True)
class ErrorModel:
    """How wrong a person's place is; all figures are standard deviations.

    Measured at 60 images per second on the footage of Pose2Sim (eight views of two people, geometric method): the
    logarithm of the depth is off by a constant, varies slowly by 1.7 to 3.9 % with a correlation that falls to a third
    within 0.12 s, and by 1 % from image to image; directions vary by 1 to 4 mrad; one depth in fifty is off by a
    tenth; boxes vary by 1 to 6 % in height.

    size: of the constant error in depth, which is the person's own; relative.
    depth_drift, depth_jitter: of the slow and the fast part of the error in depth, relative.
    angle_drift, angle_jitter: the same for the direction, rad.
    memory_s: over which the slow parts are alike.
    leap, leap_probability: of a depth that is far off in single images, relative.
    box_size, box_middle: of the box's height and of its middle, relative to its height.
    joint_drift_m, joint_jitter_m: of each coordinate of a joint relative to the root.
    claimed: relative standard deviation of depth that the covariance speaks of.
    claimed_m: the same across the line of sight, metres.
    """

    size: float = 0.055
    depth_drift: float = 0.025
    depth_jitter: float = 0.01
    angle_drift: float = 0.002
    angle_jitter: float = 0.002
    memory_s: float = 0.12
    leap: float = 0.1
    leap_probability: float = 0.02
    box_size: float = 0.03
    box_middle: float = 0.015
    joint_drift_m: float = 0.012
    joint_jitter_m: float = 0.008
    claimed: float = 0.072
    claimed_m: float = 0.025


class ErrorSource:
    """The errors of one person over time."""

    def __init__(self, model: ErrorModel, rng: np.random.Generator) -> None:
        self.model = model
        self._rng = rng
        self.size = rng.normal(scale=model.size)
        self._drift = rng.normal(size=3)
        self._joint_drift = rng.normal(size=(17, 3))

    def observe(self, position: np.ndarray, dt_s: float, joints: np.ndarray | None = None,
                worse: float = 1.0) -> Observation:
        """What is seen of a person.

        position: (3,) metres of the pelvis, camera frame; dt_s: seconds since the last call.
        joints: (17, 3) metres relative to it; no skeleton is given without.
        worse: factor on everything that varies, for people who are partly covered.
        """
        model, rng = self.model, self._rng
        keep = math.exp(-dt_s / model.memory_s)
        self._drift = keep * self._drift + math.sqrt(1 - keep ** 2) * rng.normal(size=3)
        self._joint_drift = keep * self._joint_drift + math.sqrt(1 - keep ** 2) * rng.normal(size=(17, 3))
        off = model.depth_drift * self._drift[2] + model.depth_jitter * rng.normal()
        if rng.random() < model.leap_probability:
            off += rng.normal(scale=model.leap)
        angles = model.angle_drift * self._drift[:2] + model.angle_jitter * rng.normal(size=2)
        ray = np.array([*(position[:2] / position[2] + worse * angles), 1.0])
        measured = ray * position[2] * math.exp(self.size + worse * off)
        covariance = model.claimed ** 2 * np.outer(measured, measured) + model.claimed_m ** 2 * np.eye(3)
        pixel = FOCAL_PX * ray[:2] + [(WIDTH - 1) / 2, (HEIGHT - 1) / 2]
        root = Root(measured, covariance, pixel)
        box = box_of(position)
        size_px = box[3] - box[1]
        shift = model.box_middle * size_px * np.tile(rng.normal(size=2), 2)
        grown = (box + shift + model.box_size * size_px * rng.normal() * np.array([-0.2, -0.5, 0.2, 0.5]))
        return Observation(Detection(grown, rng.uniform(0.6, 1.0)), root,
                           None if joints is None else self._pose(joints, pixel))

    def _pose(self, joints: np.ndarray, pixel: np.ndarray) -> Pose:
        model = self.model
        noise = model.joint_drift_m * self._joint_drift + model.joint_jitter_m * self._rng.normal(size=(17, 3))
        seen = joints + noise
        return Pose(np.tile(pixel, (17, 1)), seen - seen[0], np.full(17, 0.9))


def box_of(position: np.ndarray) -> np.ndarray:
    """(4,) pixels: the box of an upright person whose pelvis is at (3,) metres in the camera frame."""
    scale = FOCAL_PX / position[2]
    x, y = scale * position[:2] + [(WIDTH - 1) / 2, (HEIGHT - 1) / 2]
    half, (_, height) = scale * PERSON_M[0] / 2, scale * np.array(PERSON_M)
    return np.array([x - half, y - (1 - _PELVIS_UP) * height, x + half, y + _PELVIS_UP * height])
