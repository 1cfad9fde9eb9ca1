"""A rotation as geometry_msgs/Quaternion."""
from __future__ import annotations

import numpy as np
import tf_transformations
from geometry_msgs.msg import Quaternion


def quaternion(rotation: np.ndarray) -> Quaternion:
    """The quaternion of a (3, 3) rotation matrix."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    x, y, z, w = (float(value) for value in tf_transformations.quaternion_from_matrix(matrix))
    return Quaternion(x=x, y=y, z=z, w=w)
