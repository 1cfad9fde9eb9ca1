"""Where the camera was, in a frame that stands still."""
from __future__ import annotations

from dataclasses import dataclass

from hdnet_ros.perception.camera_pose import CameraPose


@dataclass(frozen=True, eq=False)
class FixedFrame:
    """The fixed frame's name, and the camera's pose in it at the image's stamp."""

    frame_id: str
    camera_pose: CameraPose
