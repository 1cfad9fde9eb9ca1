"""Where people are by now, who were seen a moment ago."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import Person
from hdnet_ros.perception.tracker.config import TrackerConfig


def moved_on(person: Person, seconds: float, pose: CameraPose | None = None,
             acceleration_density: float = TrackerConfig.acceleration_density) -> Person:
    """The person as he or she will be some seconds later, in the same camera frame.

    seconds: 0 or more. pose: of the camera in the fixed frame in whose axes the velocity is; None if the velocity is
        relative to the camera. acceleration_density: how readily velocities change, m^2/s^3 (``TrackerConfig``).
    The place stays in the camera frame of the image, as if the camera had stood still since: whoever brings it to a
    fixed frame at the image's stamp gets the place of now.
    """
    rotation = np.eye(3) if pose is None else pose.rotation
    step = rotation.T @ person.velocity * seconds
    spread = rotation.T @ person.velocity_covariance @ rotation * seconds ** 2
    covariance = person.root_covariance + spread + acceleration_density * seconds ** 3 / 3 * np.eye(3)
    return replace(person, root=person.root + step, root_covariance=covariance, joints=person.joints + step)
