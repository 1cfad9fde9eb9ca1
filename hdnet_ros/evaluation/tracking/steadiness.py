"""How steady people are while they stand, and how promptly they are followed while they walk."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from hdnet_ros.evaluation.tracking.errors import ErrorModel, ErrorSource
from hdnet_ros.evaluation.tracking.walks import Path, skeleton
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.tracker import Tracker, TrackerConfig

_SETTLE_S = 2.0     # what comes before does not count


@dataclass(frozen=True, eq=False)
class Following:
    """One person over time: truth, measurement and what the tracker says; camera frame, metres.

    stamps_s: (N,); true, raw, root: (N, 3). ``true`` is where the person seems to be who is taken for somebody of
        another size: that error stays, and is none of the tracker's.
    true_joints, raw_joints, joints: (N, 17, 3) relative to their roots;
    velocity: (N, 3) m/s as published; ids: different ids.
    """

    stamps_s: np.ndarray
    true: np.ndarray
    raw: np.ndarray
    root: np.ndarray
    true_joints: np.ndarray
    raw_joints: np.ndarray
    joints: np.ndarray
    velocity: np.ndarray
    ids: int

    def spread(self, of: str) -> np.ndarray:
        """(3,) standard deviation of 'raw' or 'root' about the truth, metres."""
        return np.std(getattr(self, of) - self.true, axis=0)

    def joint_spread(self, of: str) -> float:
        """Standard deviation of 'raw_joints' or 'joints' about the truth, metres; median over joints and axes."""
        return float(np.median(np.std(getattr(self, of) - self.true_joints, axis=0)[1:]))

    def lag_s(self, of: str) -> float:
        """By how much 'raw' or 'root' is late: the shift in time with which the truth fits it best."""
        return _lag_s(self.stamps_s, self.true, getattr(self, of))

    def joint_lag_s(self, of: str, joint: int) -> float:
        """The same for one joint of 'raw_joints' or 'joints'."""
        return _lag_s(self.stamps_s, self.true_joints[:, joint], getattr(self, of)[:, joint])


def follow(path: Path, seed: int, *, seconds: float = 12.0, fps: float = 15.0,
           config: TrackerConfig | None = None, walks: bool = True, camera: Callable[[float], CameraPose] | None = None,
           told: Callable[[float], CameraPose | None] | None = None) -> Following:
    """Tracks one person along a path in the fixed frame.

    camera: where the camera is at a time; it stands still by default. told: what the tracker is told of that; nothing
        by default.
    """
    rng = np.random.default_rng(seed)
    source, tracker = ErrorSource(ErrorModel(), rng), Tracker(config or TrackerConfig())
    rows, ids, dt_s = [], set(), 1 / fps
    for stamp_s in np.arange(0, seconds, dt_s):
        pose = camera(stamp_s) if camera else CameraPose.identity()
        place = pose.to_camera(path(stamp_s))
        joints = skeleton(stamp_s, walks) @ pose.rotation
        seen = source.observe(place, dt_s, joints)
        people = tracker.update([seen], stamp_s, told(stamp_s) if told else None)
        person = next(p for p in people if p.observation is seen)
        ids.add(person.id)
        if stamp_s >= _SETTLE_S:
            rows.append((stamp_s, place * np.exp(source.size), seen.root.position, person.root, joints,
                         seen.pose.joints_relative, person.joints - person.root, person.velocity))
    return Following(*(np.array(column) for column in zip(*rows, strict=True)), len(ids))


def _lag_s(stamps_s: np.ndarray, true: np.ndarray, estimate: np.ndarray) -> float:
    """The shift of (N, 3) truth that fits the estimate best."""
    def misfit(lag_s: float) -> float:
        late = np.stack([np.interp(stamps_s - lag_s, stamps_s, axis) for axis in true.T], axis=1)
        inside = (stamps_s - lag_s >= stamps_s[0]) & (stamps_s - lag_s <= stamps_s[-1])
        return float(np.mean((estimate - late)[inside] ** 2))
    return float(minimize_scalar(misfit, bounds=(-0.4, 0.4), method='bounded').x)
