"""Which frame the tracks live in: the fixed one while tf knows where the camera is, the camera's own while not."""
from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.perception.tracker.track import Track

_RECENT_S = 0.5     # two poses this close tell how the camera moves


class FrameKeeper:
    """Carries tracks from one frame to the other, so that losing tf for a while costs nobody their id.

    pose: of the camera at the last image; None if it was not known.
    """

    def __init__(self) -> None:
        self.pose: CameraPose | None = None
        self._stamp_s = 0.0
        self._velocity, self._turning = np.zeros(3), np.zeros(3)   # of the camera, m/s and rad/s, fixed axes

    def leave(self, tracks: Iterable[Track], config: TrackerConfig) -> None:
        """The next image has no pose: tracks at the time of the last one go over to the camera's frame."""
        if self.pose is None:
            return
        rotation, translation = self.pose.rotation, self.pose.translation
        for track in tracks:
            position, velocity = track.state.position, track.state.velocity
            carried = self._velocity + np.cross(self._turning, position - translation)
            # Relative to a camera that goes on as it did.
            track.change_frame(rotation.T, -rotation.T @ translation, rotation.T @ (velocity - carried), config)
        self.pose = None

    def enter(self, tracks: Iterable[Track], pose: CameraPose, stamp_s: float, config: TrackerConfig) -> None:
        """The image of this stamp has a pose: tracks predicted to it are in the fixed frame afterwards."""
        if self.pose is None:
            self._velocity = self._turning = np.zeros(3)
            for track in tracks:
                # How the camera moved meanwhile is unknown, so velocities relative to it say nothing.
                track.change_frame(pose.rotation, pose.translation, None, config)
        elif stamp_s > self._stamp_s:
            dt_s = stamp_s - self._stamp_s
            known = dt_s <= _RECENT_S
            turn = Rotation.from_matrix(pose.rotation @ self.pose.rotation.T).as_rotvec()
            self._turning = turn / dt_s if known else np.zeros(3)
            self._velocity = (pose.translation - self.pose.translation) / dt_s if known else np.zeros(3)
        self.pose, self._stamp_s = pose, stamp_s
