from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from hdnet_ros.node.rotation_message import quaternion


def test_the_quaternion_turns_as_the_matrix_does():
    for rotation in (*Rotation.random(20, random_state=3), Rotation.from_euler('y', 180, degrees=True)):
        made = quaternion(rotation.as_matrix())
        np.testing.assert_allclose(Rotation.from_quat([made.x, made.y, made.z, made.w]).as_matrix(),
                                   rotation.as_matrix(), atol=1e-9)
