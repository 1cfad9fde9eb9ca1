"""People as tf frames."""
from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from geometry_msgs.msg import Quaternion, TransformStamped
from std_msgs.msg import Header

from hdnet_ros.node.person_messages import body_quaternion
from hdnet_ros.perception.people import Person, TrackState
from hdnet_ros.skeleton import HUMAN36M_17


def people_transforms(people: Iterable[Person], header: Header, joints: bool = False) -> list[TransformStamped]:
    """Frames ``body_<id>`` and, if joints, ``<joint>_<id>``, as children of the camera frame (names: REP-155).

    All frames of a person have the body's axes (x out of the belly, z from pelvis to thorax), or those of the camera
    if the body's are not known.
    People who were seen too briefly to be sure and unknown joints are left out.
    """
    transforms = []
    for person in people:
        if person.state == TrackState.TENTATIVE or not np.isfinite(person.root).all():
            continue
        rotation = body_quaternion(person.joints) or Quaternion()
        transforms.append(_transform(header, f'body_{person.id}', person.root, rotation))
        if joints:
            transforms.extend(_transform(header, f'{name}_{person.id}', position, rotation)
                              for name, position in zip(HUMAN36M_17.joints, person.joints, strict=True)
                              if np.isfinite(position).all())
    return transforms


def _transform(header: Header, child: str, position: np.ndarray, rotation: Quaternion) -> TransformStamped:
    message = TransformStamped(header=header, child_frame_id=child)
    translation = message.transform.translation
    translation.x, translation.y, translation.z = (float(value) for value in position)
    message.transform.rotation = rotation
    return message
