"""Where the demonstration says that its cameras are."""
from __future__ import annotations

import numpy as np
from geometry_msgs.msg import Transform, TransformStamped
from std_msgs.msg import Header

from hdnet_ros.node.rotation_message import quaternion

# From right, down, forward to forward, left, up (REP-103).
_OPTICAL_TO_LINK = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


def level_mount(frame_id: str) -> TransformStamped:
    """An optical frame held level in camera_link, whose z is up: RViz wants such a frame, as in demo.launch.py."""
    return TransformStamped(header=Header(frame_id='camera_link'), child_frame_id=frame_id,
                            transform=Transform(rotation=quaternion(_OPTICAL_TO_LINK)))
