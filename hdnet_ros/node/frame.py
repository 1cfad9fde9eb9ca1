"""What is known of one image once it has been worked on."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from std_msgs.msg import Header

from hdnet_ros.camera import Camera
from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.perception.people import FrameResult


@dataclass(frozen=True, eq=False)
class Frame:
    """An image, its camera, and who was found in it.

    header: stamp of the image, frame of the camera.
    image: (H, W, 3) uint8 BGR.
    fixed: where the camera was in the fixed frame; None if there is no such frame or tf does not know.
    """

    header: Header
    image: np.ndarray
    camera: Camera
    result: FrameResult
    fixed: FixedFrame | None = None
