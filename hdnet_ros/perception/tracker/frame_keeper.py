"""Which frame the tracks live in: the fixed one while tf knows where the camera is, the camera's own while not."""
from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.perception.tracker.track import Track

_RECENT_S = 0.5     # two poses this close tell how the camera moves
# No robot's camera departs faster from its last motion. What does is a localisation that corrects itself: then all
# that stands still leaps along in the fixed frame.
_LEAP_M_S, _LEAP_RAD_S = 3.0, 6.0


class FrameKeeper:
    """Carries tracks from one frame to the other, so that losing tf for a while costs nobody their id.

    pose: of the camera at the newest image that had one; None if the last image had none.
    """

    def __init__(self) -> None:
        self.pose: CameraPose | None = None
        self._stamp_s = 0.0
        self._velocity, self._turning = np.zeros(3), np.zeros(3)   # of the camera, m/s and rad/s, fixed axes
        self._knows_motion = False

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
        """The image of this stamp has a pose: tracks predicted to it are in the fixed frame afterwards.

        If the pose has leapt, they leap along, and stay where the camera sees them.
        stamp_s: of the image itself; one that comes late, or twice, tells nothing of where the camera is now.
        """
        if self.pose is None:
            self._velocity = self._turning = np.zeros(3)
            self._knows_motion = False
            for track in tracks:
                # How the camera moved meanwhile is unknown, so velocities relative to it say nothing.
                track.change_frame(pose.rotation, pose.translation, None, config)
        elif stamp_s <= self._stamp_s:
            return
        else:
            dt_s = stamp_s - self._stamp_s
            known = dt_s <= _RECENT_S
            turn = Rotation.from_matrix(pose.rotation @ self.pose.rotation.T).as_rotvec()
            expected = self._expected(dt_s)
            if known and self._knows_motion and _leaps(expected, pose, dt_s):
                self._leap(tracks, expected, pose)
            else:
                self._turning = turn / dt_s if known else np.zeros(3)
                self._velocity = (pose.translation - self.pose.translation) / dt_s if known else np.zeros(3)
                self._knows_motion = known
        self.pose, self._stamp_s = pose, stamp_s

    def _expected(self, dt_s: float) -> CameraPose:
        """Where the camera is if it went on as it did."""
        turn = Rotation.from_rotvec(self._turning * dt_s).as_matrix()
        return CameraPose(turn @ self.pose.rotation, self.pose.translation + self._velocity * dt_s)

    def _leap(self, tracks: Iterable[Track], expected: CameraPose, pose: CameraPose) -> None:
        """Moves everybody, and what is known of the camera's motion, by what the pose has leapt."""
        turn = pose.rotation @ expected.rotation.T
        for track in tracks:
            track.move(turn, pose.translation - turn @ expected.translation)
        self._velocity, self._turning = turn @ self._velocity, turn @ self._turning


def _leaps(expected: CameraPose, pose: CameraPose, dt_s: float) -> bool:
    angle_rad = Rotation.from_matrix(pose.rotation @ expected.rotation.T).magnitude()
    distance_m = np.linalg.norm(pose.translation - expected.translation)
    return bool(distance_m > _LEAP_M_S * dt_s or angle_rad > _LEAP_RAD_S * dt_s)
