"""Where the camera was, in a frame that stands still."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.camera_pose import CameraPose


@dataclass(frozen=True, eq=False)
class FixedFrame:
    """The camera's pose in the fixed frame at the image's stamp: ``p_fixed = rotation @ p_camera + translation``.

    frame_id: name of the fixed frame.
    rotation: (3, 3).
    translation: (3,) metres.
    """

    frame_id: str
    rotation: np.ndarray
    translation: np.ndarray

    @property
    def camera_pose(self) -> CameraPose:
        """The same for the pipeline, which needs no name."""
        return CameraPose(self.rotation, self.translation)
