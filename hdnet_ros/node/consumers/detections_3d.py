"""People as vision_msgs/Detection3DArray."""
from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Pose, Quaternion, Vector3
from rclpy.node import Node
from std_msgs.msg import Header
from vision_msgs.msg import BoundingBox3D, Detection3D, Detection3DArray, ObjectHypothesis, ObjectHypothesisWithPose

from hdnet_ros.node.consumers.consumer import Consumer, located
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.person_messages import body_quaternion, point, root_pose
from hdnet_ros.perception.people import Person
from hdnet_ros.skeleton import body_axes

CLASS_ID = 'person'
# Joints lie inside the body.
_FLESH_M = 0.1
# A standing adult, if the skeleton is not known: across, and along the camera's y.
_ADULT_M = np.array([0.6, 1.75, 0.6])


class Detections3D(Consumer):
    """A box around everybody who is seen in the image, in the camera's frame."""

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._publisher = self._advertise(Detection3DArray, '~/detections_3d')

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Those who are seen; people who are only predicted are no detections."""
        self._last = frame.header
        detections = [_detection(person, frame.header) for person in located(frame) if person.observation is not None]
        self._publisher.publish(Detection3DArray(header=frame.header, detections=detections))

    def _publish_nobody(self, header: Header) -> None:
        self._publisher.publish(Detection3DArray(header=header))


def _detection(person: Person, header: Header) -> Detection3D:
    hypothesis = ObjectHypothesis(class_id=CLASS_ID, score=float(person.observation.detection.score))
    return Detection3D(header=header, id=person.id, bbox=_box(person),
                       results=[ObjectHypothesisWithPose(hypothesis=hypothesis, pose=root_pose(person))])


def _box(person: Person) -> BoundingBox3D:
    """Around the known joints, turned as the body; of a usual size where the skeleton is not known."""
    rotation = body_quaternion(person.joints)
    if rotation is None:
        return _bounding_box(person.root, Quaternion(), _ADULT_M)
    axes = body_axes(person.joints)
    joints = (person.joints[np.isfinite(person.joints).all(axis=1)] - person.root) @ axes
    low, high = joints.min(axis=0) - _FLESH_M, joints.max(axis=0) + _FLESH_M
    return _bounding_box(person.root + axes @ ((low + high) / 2), rotation, high - low)


def _bounding_box(center: np.ndarray, rotation: Quaternion, size_m: np.ndarray) -> BoundingBox3D:
    x, y, z = (float(value) for value in size_m)
    return BoundingBox3D(center=Pose(position=point(center), orientation=rotation), size=Vector3(x=x, y=y, z=z))
