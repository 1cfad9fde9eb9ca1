"""Asks tf where the camera was when an image was taken."""
from __future__ import annotations

import math
import time

import numpy as np
from geometry_msgs.msg import TransformStamped
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header
from tf2_ros import Buffer, TransformException, TransformListener

from hdnet_ros.perception.camera_pose import CameraPose

_POLL_S = 0.005
_KEPT_S = 10.0           # by tf: what is so much older than the newest transform is refused
_BASE_NS = 100_000_000   # the camera's last motion is taken over so long a time


class PoseLookup:
    """Listens to tf from its creation to ``close``; ``look_up`` may be called from another thread than the executor's.

    fixed_frame: name of the frame in which the camera's pose is wanted.
    """

    def __init__(self, node: Node, fixed_frame: str) -> None:
        self.fixed_frame = fixed_frame
        # Without the node: with it, tf2_ros would add a service to the node that never goes away.
        self._buffer = Buffer()
        self._listener = TransformListener(self._buffer, node)
        self._patient = True

    def look_up(self, header: Header, wait_s: float, tolerance_s: float) -> tuple[CameraPose | None, str]:
        """The pose of the camera ``header.frame_id`` at ``header.stamp``, or None and the reason.

        wait_s: how long to wait for tf to catch up with the image. After a failure nothing is waited for until the
            newest transform lies so little behind an image again that waiting may help.
        tolerance_s: tf that is behind by no more than this is carried on as it moved last.
        """
        stamp = Time.from_msg(header.stamp)
        patient = self._patient or 0 <= self._behind_s(header.frame_id, stamp) <= wait_s + tolerance_s
        end_s = time.monotonic() + (wait_s if patient else 0.0)
        while not self._buffer.can_transform(self.fixed_frame, header.frame_id, stamp) and time.monotonic() < end_s:
            time.sleep(_POLL_S)
        try:
            pose = self._pose(header.frame_id, stamp) or self._carried_on(header.frame_id, stamp, tolerance_s)
        except TransformException as error:
            self._patient = False
            if self._behind_s(header.frame_id, stamp) < -_KEPT_S:
                self.clear()   # came from before the jump; tf would refuse all that is older
            return None, str(error)
        self._patient = True
        return pose, ''

    def _behind_s(self, frame_id: str, stamp: Time) -> float:
        """How far the newest transform lies behind a stamp; infinite if there is none."""
        try:
            _, newest = self._newest(frame_id)
        except TransformException:
            return math.inf
        return (stamp.nanoseconds - newest.nanoseconds) * 1e-9

    def _pose(self, frame_id: str, stamp: Time) -> CameraPose | None:
        if not self._buffer.can_transform(self.fixed_frame, frame_id, stamp):
            return None
        return _camera_pose(self._buffer.lookup_transform(self.fixed_frame, frame_id, stamp))

    def _carried_on(self, frame_id: str, stamp: Time, tolerance_s: float) -> CameraPose:
        """From the newest transform and one a little older; TransformException if that is no good either."""
        pose, newest = self._newest(frame_id)
        behind_ns = stamp.nanoseconds - newest.nanoseconds
        if not 0 <= behind_ns <= tolerance_s * 1e9:
            age = f'{abs(behind_ns) * 1e-9:.3g} s ' + ('behind' if behind_ns > 0 else 'ahead of')
            raise TransformException(f'the newest transform from {frame_id} to {self.fixed_frame} is {age} the image')
        earlier = self._before(frame_id, newest)
        return pose if earlier is None else pose.moved_on(earlier, behind_ns / _BASE_NS)

    def _newest(self, frame_id: str) -> tuple[CameraPose, Time]:
        """The newest pose that tf knows, and its stamp; TransformException if there is none."""
        message = self._buffer.lookup_transform(self.fixed_frame, frame_id, Time())
        return _camera_pose(message), Time.from_msg(message.header.stamp)

    def _before(self, frame_id: str, newest: Time) -> CameraPose | None:
        """The pose a little before the newest transform; None if tf does not know."""
        # Simulated time begins at 0: rclpy has no time before that, and at 0 itself tf would tell the newest transform.
        if newest.nanoseconds <= _BASE_NS:
            return None
        return self._pose(frame_id, newest - Duration(nanoseconds=_BASE_NS))

    def clear(self) -> None:
        """Forget what tf said: time has jumped."""
        self._buffer.clear()

    def close(self) -> None:
        """Stop listening."""
        self._listener.unregister()


def _camera_pose(message: TransformStamped) -> CameraPose:
    turn, shift = message.transform.rotation, message.transform.translation
    return CameraPose(Rotation.from_quat([turn.x, turn.y, turn.z, turn.w]).as_matrix(),
                      np.array([shift.x, shift.y, shift.z]))
