"""The frame in which an adapter gives people's places, and what is up there."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from geometry_msgs.msg import Quaternion
from std_msgs.msg import Header

from hdnet_ros.node.frame import Frame
from hdnet_ros.node.rotation_message import quaternion
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import Person
from hdnet_ros.skeleton import body_axes

NO_FIXED_FRAME = 'there is no fixed frame at the stamp of the image: set the parameter fixed_frame, and look at its tf'
# A direction that is steeper than 80 degrees has no heading to speak of: its horizontal part is noise.
_SHORTEST_HORIZONTAL = 0.17


@dataclass(frozen=True, eq=False)
class View:
    """A frame at an image's stamp.

    pose: the camera's in this frame.
    up: (3,) unit vector against gravity; in the camera frame, where it is not known, that of a level camera.
    """

    header: Header
    pose: CameraPose
    up: np.ndarray

    def points(self, points_camera: np.ndarray) -> np.ndarray:
        """(..., 3) metres from the camera's frame to this one."""
        return self.pose.to_fixed(points_camera)

    def vectors(self, vectors_camera: np.ndarray) -> np.ndarray:
        """(..., 3) from the camera's axes to those of this frame."""
        return vectors_camera @ self.pose.rotation.T


def camera_view(frame: Frame) -> View:
    """The camera's own frame."""
    up = np.array([0.0, -1.0, 0.0]) if frame.fixed is None else frame.fixed.camera_pose.rotation[2]
    return View(frame.header, CameraPose.identity(), up)


def fixed_view(frame: Frame) -> View | None:
    """The fixed frame, whose z is up (REP-103); None if there is none at the image's stamp."""
    if frame.fixed is None:
        return None
    header = Header(stamp=frame.header.stamp, frame_id=frame.fixed.frame_id)
    return View(header, frame.fixed.camera_pose, np.array([0.0, 0.0, 1.0]))


def heading(view: View, person: Person) -> Quaternion | None:
    """Where a person faces, as a rotation with x forward and z up; None if that is not known."""
    axes = body_axes(person.joints)
    return None if axes is None else upright(view, view.vectors(axes[:, 0]))


def heading_away(view: View, person: Person) -> Quaternion:
    """The direction from the camera to a person, as a rotation with x forward and z up."""
    facing = upright(view, view.vectors(person.root))
    return facing or Quaternion()


def upright(view: View, direction: np.ndarray) -> Quaternion | None:
    """The rotation whose z is up and whose x points along a direction's horizontal part; None for a steep direction."""
    forward = direction - view.up * (direction @ view.up)
    length = np.linalg.norm(forward)
    if length <= _SHORTEST_HORIZONTAL * np.linalg.norm(direction):
        return None
    forward = forward / length
    return quaternion(np.column_stack([forward, np.cross(view.up, forward), view.up]))
