"""Where a camera is, in a frame that stands still."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

# Cosine of the steepest angle at which a camera looks up or down and upright still has a direction: 75 degrees.
_LEAST_TILT = 0.26


@dataclass(frozen=True, eq=False)
class CameraPose:
    """``p_fixed = rotation @ p_camera + translation``.

    rotation: (3, 3). translation: (3,) metres.
    """

    rotation: np.ndarray
    translation: np.ndarray

    @classmethod
    def identity(cls) -> CameraPose:
        """The camera's own frame taken as the fixed one."""
        return cls(np.eye(3), np.zeros(3))

    @property
    def camera_roll_deg(self) -> float | None:
        """How far upright people appear turned clockwise in the middle of the image, degrees.

        The fixed frame's z must point up (REP-105), and the camera's axes be those of an optical frame (REP-103).
        None if the camera looks so steeply up or down that upright has no direction in its image.
        """
        right, down = self.rotation[2, :2]   # of the direction up, in the camera's axes
        if np.hypot(right, down) < _LEAST_TILT:
            return None
        return float(np.degrees(np.arctan2(right, -down)))

    def to_fixed(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres in the camera frame -> (..., 3) in the fixed frame."""
        return np.asarray(points) @ self.rotation.T + self.translation

    def to_camera(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres in the fixed frame -> (..., 3) in the camera frame."""
        return (np.asarray(points) - self.translation) @ self.rotation

    def covariance_to_fixed(self, covariance: np.ndarray) -> np.ndarray:
        """(..., 3, 3) in camera axes -> the same in the axes of the fixed frame."""
        return self.rotation @ covariance @ self.rotation.T

    def covariance_to_camera(self, covariance: np.ndarray) -> np.ndarray:
        """(..., 3, 3) in the axes of the fixed frame -> the same in camera axes."""
        return self.rotation.T @ covariance @ self.rotation

    def moved_on(self, earlier: CameraPose, fraction: float) -> CameraPose:
        """Where the camera will be if it goes on as it went from ``earlier`` to here.

        fraction: how far, in units of that way; 0 gives this pose.
        """
        turn = Rotation.from_matrix(self.rotation @ earlier.rotation.T).as_rotvec()
        rotation = Rotation.from_rotvec(fraction * turn).as_matrix() @ self.rotation
        return CameraPose(rotation, self.translation + fraction * (self.translation - earlier.translation))
