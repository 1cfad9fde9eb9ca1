"""Tracked people as hdnet_ros messages."""
from __future__ import annotations

import math

import numpy as np
from builtin_interfaces.msg import Duration
from geometry_msgs.msg import Point, PoseWithCovariance, Quaternion, TwistWithCovariance, Vector3
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

from hdnet_ros import msg
from hdnet_ros.node.rotation_message import quaternion
from hdnet_ros.perception.detector.boxes import pixels_touched
from hdnet_ros.perception.people import FrameResult, Person
from hdnet_ros.skeleton import HUMAN36M_17, body_axes

UNKNOWN_VARIANCE = 1e5
# The orientation's error is not estimated. Three tenths of a radian is what shoulders and hips of a
# monocular skeleton typically leave open.
ORIENTATION_VARIANCE = 0.3 ** 2


def person_array(result: FrameResult, header: Header, image_size: tuple[int, int], skeleton_source: str,
                 velocity_frame: str = '') -> msg.PersonArray:
    """Everybody in one image.

    header: stamp of the image, frame of the camera.
    image_size: (width, height), which regions of interest are clipped to.
    skeleton_source: name of the model that estimated the skeletons.
    velocity_frame: in whose axes velocities are, and relative to which people move; '' is the camera.
    """
    nearest, farthest = result.depth_range
    return msg.PersonArray(
        header=header, skeleton=HUMAN36M_17.name, keypoint_names=list(HUMAN36M_17.joints),
        skeleton_source=skeleton_source, depth_min=float(nearest), depth_max=float(farthest),
        persons=[person_message(person, velocity_frame or header.frame_id, image_size) for person in result.people])


def person_message(person: Person, velocity_frame: str, image_size: tuple[int, int]) -> msg.Person:
    """One tracked person; see ``person_array``."""
    seen = person.observation
    return msg.Person(
        id=person.id, tracking_state=int(person.state), age=duration(person.age_s), unseen=duration(person.unseen_s),
        detection_score=float(seen.detection.score) if seen else math.nan,
        roi=region(seen.detection.box, image_size) if seen else RegionOfInterest(),
        root=root_pose(person),
        velocity_frame=velocity_frame, velocity=velocity(person),
        depth_saturated=bool(seen and seen.root.saturated), depth_method=seen.root.method if seen else '',
        keypoints=[msg.Keypoint(confidence=float(confidence), pixel=pixel.astype(np.float32), position=point(position))
                   for confidence, pixel, position in zip(person.confidence, person.joints_px, person.joints,
                                                           strict=True)])


def body_quaternion(joints: np.ndarray) -> Quaternion | None:
    """Orientation of the body (REP-155: x out of the belly, z from pelvis to thorax) from (17, 3) joints.

    None where hips and thorax are unknown or do not span a frame.
    """
    axes = body_axes(joints)
    if axes is None or not np.isfinite(axes).all():
        return None
    return quaternion(axes)


def root_pose(person: Person) -> PoseWithCovariance:
    """Position and covariance of the root with the orientation of the body."""
    pose = PoseWithCovariance()
    pose.pose.position = point(person.root)
    orientation = body_quaternion(person.joints)
    if orientation is not None:
        pose.pose.orientation = orientation
    pose.covariance = covariance_6x6(
        person.root_covariance, UNKNOWN_VARIANCE if orientation is None else ORIENTATION_VARIANCE)
    return pose


def velocity(person: Person) -> TwistWithCovariance:
    """Linear velocity of the root; the angular part is unknown."""
    twist = TwistWithCovariance()
    x, y, z = (float(value) for value in person.velocity)
    twist.twist.linear = Vector3(x=x, y=y, z=z)
    twist.covariance = covariance_6x6(person.velocity_covariance, UNKNOWN_VARIANCE)
    return twist


def covariance_6x6(linear: np.ndarray, angular_variance: float) -> np.ndarray:
    """(36,) row-major covariance of x y z rx ry rz; a (3, 3) linear part that is not finite becomes 1e5 (unknown)."""
    full = np.zeros((6, 6))
    full[:3, :3] = linear if np.isfinite(linear).all() else UNKNOWN_VARIANCE * np.eye(3)
    full[3:, 3:] = angular_variance * np.eye(3)
    return full.reshape(36)


def region(box: np.ndarray, image_size: tuple[int, int]) -> RegionOfInterest:
    """The whole pixels that a box (x_min, y_min, x_max, y_max) touches, inside an image of (width, height)."""
    first, end = pixels_touched(box[:2], box[2:], image_size)
    (x_offset, y_offset), (width, height) = first.tolist(), (end - first).tolist()
    return RegionOfInterest(x_offset=x_offset, y_offset=y_offset, width=width, height=height)


def duration(seconds: float) -> Duration:
    """Seconds, rounded to the nanosecond."""
    sec, nanosec = divmod(round(seconds * 1e9), 1_000_000_000)
    return Duration(sec=sec, nanosec=nanosec)


def point(position: np.ndarray) -> Point:
    """(3,) metres; NaN stays NaN."""
    x, y, z = (float(value) for value in position)
    return Point(x=x, y=y, z=z)
