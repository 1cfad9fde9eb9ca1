"""The one question to tf that belongs to an image."""
from __future__ import annotations

from std_msgs.msg import Header

from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.node.pose_lookup import PoseLookup
from hdnet_ros.perception.camera_pose import CameraPose


class PoseQuery:
    """Where the camera was at ``header.stamp``: to be asked late, when tf is most likely to know.

    poses: None without a fixed frame, when nobody asks.
    wait_s, tolerance_s: see ``PoseLookup.look_up``.
    found: the answer; None before it was asked, and if tf does not know.
    problem: what that means for the people; '' if it is known or was not asked.
    """

    def __init__(self, poses: PoseLookup | None, header: Header, wait_s: float, tolerance_s: float) -> None:
        self.found: FixedFrame | None = None
        self.problem = ''
        self._poses, self._header, self._wait_s, self._tolerance_s = poses, header, wait_s, tolerance_s

    def ask(self) -> CameraPose | None:
        """The camera's pose in the fixed frame; None if tf does not know."""
        pose, reason = self._poses.look_up(self._header, self._wait_s, self._tolerance_s)
        if pose is None:
            self.problem = f'people are tracked relative to the camera, and so are velocities: {reason}'
        else:
            self.found = FixedFrame(self._poses.fixed_frame, pose)
        return pose
