"""What perception passes from stage to stage, from a box in an image to a tracked person in metres.

Everything here is plain data.
Units are metres, seconds and pixels; positions are in the camera's optical frame (REP-103: x right, y down, z forward);
pixels are those of the image as received (integer = pixel centre), before any undistortion.
Unknown values are NaN.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np


class TrackState(IntEnum):
    """Where a track is in its life; the numbers are those of ``hdnet_ros/msg/Person``."""

    TENTATIVE = 0
    CONFIRMED = 1
    COASTING = 2


@dataclass(frozen=True, eq=False)
class Detection:
    """A person's bounding box.

    box: (4,) float64, x_min, y_min, x_max, y_max in pixels.
    score: 0..1.
    """

    box: np.ndarray
    score: float = 1.0

    @property
    def size_px(self) -> float:
        """The longer side: about the height of somebody who stands, however the camera is mounted."""
        return max(float(np.max(self.box[2:] - self.box[:2])), 1.0)


@dataclass(frozen=True, eq=False)
class Pose:
    """A skeleton in the 17 joints of Human3.6M (``skeleton.HUMAN36M_17``), without its place in the world.

    joints_px: (17, 2) pixels.
    joints_relative: (17, 3) metres relative to the root joint, camera axes; row 0 is zero.
    confidence: (17,) 0..1.
    score: 0..1, whether there is a person at all.
    relative_depth_m: (17,) metres along the optical axis from the true root, if the lifter knows nothing else in
        metres; its own root need not be at 0. joints_relative then only holds for a guessed root depth;
        ``perception.lifter.back_projection.at_depth`` corrects it.
    """

    joints_px: np.ndarray
    joints_relative: np.ndarray
    confidence: np.ndarray
    score: float = 1.0
    relative_depth_m: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Root:
    """Where a person's root joint (pelvis) is.

    position: (3,) metres, camera frame.
    covariance: (3, 3) square metres.
    pixel: (2,) where the root is seen in the image.
    saturated: the depth lies at an end of what the locator can tell apart.
    method: name of the locator, ``'hdnet'``, ``'geometric'`` or ``'combined'`` in the node.
    joints_px: (17, 2) where the locator itself sees the joints of ``skeleton.HUMAN36M_17``, NaN for those that it does
        not know; None if it does not look for joints.
    """

    position: np.ndarray
    covariance: np.ndarray
    pixel: np.ndarray
    saturated: bool = False
    method: str = 'geometric'
    joints_px: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Observation:
    """One person as seen in one image, before tracking.

    appearance: unit vector of ``perception.appearance``; None if the person is too small or covered.
    """

    detection: Detection
    root: Root
    pose: Pose | None = None
    appearance: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Person:
    """One tracked person.

    id: five characters, ``[a-z][a-z0-9]{4}`` (REP-155).
    age_s, unseen_s: seconds of message time since first and last seen.
    root: (3,) metres, camera frame; root_covariance: (3, 3). Filtered while seen (as measured, if the tracker is told
        not to smooth), else the prediction.
    velocity: (3,) m/s; velocity_covariance: (3, 3). In a fixed frame if the tracker was told where the camera is, else
        in camera axes and relative to the camera.
    observation: what was seen in this image, unfiltered; None while coasting.
    joints: (17, 3) metres, camera frame. While coasting the last skeleton moves along with the predicted root, and so
        it does for a moment in sight without a skeleton (unless the tracker is told not to smooth); then they are NaN.
    joints_px: (17, 2); NaN while coasting, without a skeleton, and for joints that are NaN.
    confidence: (17,); 0 where joints_px is NaN for one of these reasons.
    """

    id: str
    state: TrackState
    age_s: float
    unseen_s: float
    root: np.ndarray
    root_covariance: np.ndarray
    velocity: np.ndarray
    velocity_covariance: np.ndarray
    observation: Observation | None
    joints: np.ndarray
    joints_px: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True, eq=False)
class FrameResult:
    """Everybody in one image.

    depth_range: (nearest, farthest) metres that can be told from this image.
    stage_seconds: wall time by stage, in order of execution.
    camera_roll_deg: how far upright people were taken to appear turned clockwise.
    """

    people: tuple[Person, ...]
    depth_range: tuple[float, float]
    stage_seconds: dict[str, float] = field(default_factory=dict)
    camera_roll_deg: float = 0.0
