from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.perception.camera_pose import CameraPose

# Optical axes (x right, y down, z forward) of a level camera that looks along x of a frame whose z points up.
LEVEL = np.array([[0.0, 0, 1], [-1, 0, 0], [0, -1, 0]])


@given(yaw=st.floats(-180, 180), pitch=st.floats(-70, 70), roll=st.floats(-179, 179))
def test_roll_is_how_a_vertical_pole_appears(yaw, pitch, roll):
    """Against a pole in the middle of the image, seen through a real camera model."""
    heading = Rotation.from_euler('ZY', [yaw, pitch], degrees=True).as_matrix()
    about_the_axis = Rotation.from_euler('z', -roll, degrees=True).as_matrix()
    pose = CameraPose(heading @ LEVEL @ about_the_axis, np.array([1.0, 2.0, 3.0]))
    camera = Camera.pinhole(640, 480, 500)
    middle = pose.to_fixed([0, 0, 5.0])
    foot, head = camera.project(pose.to_camera(np.array([middle, middle + [0, 0, 0.01]])))
    right, down = head - foot
    appears = np.degrees(np.arctan2(right, -down))
    assert (pose.camera_roll_deg - appears + 180) % 360 - 180 == pytest.approx(0, abs=0.5)
    assert (pose.camera_roll_deg - roll + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize('pitch', [80, -80, 90])
def test_nothing_is_upright_in_the_image_of_a_camera_that_looks_straight_down_or_up(pitch):
    tilt = Rotation.from_euler('Y', pitch, degrees=True).as_matrix()
    assert CameraPose(tilt @ LEVEL, np.zeros(3)).camera_roll_deg is None


@given(fraction=st.floats(0, 3), seed=st.integers(0, 1000))
def test_a_camera_that_goes_on_as_it_went(fraction, seed):
    """At a steady velocity and turning rate, both in fixed axes."""
    rng = np.random.default_rng(seed)
    begin, velocity, turning = Rotation.random(random_state=seed), rng.normal(size=3), rng.normal(size=3)

    def pose_at(t):
        return CameraPose((Rotation.from_rotvec(turning * t) * begin).as_matrix(), [1.0, 2.0, 3.0] + velocity * t)
    later, expected = pose_at(0.0).moved_on(pose_at(-0.1), fraction), pose_at(0.1 * fraction)
    np.testing.assert_allclose(later.rotation, expected.rotation, atol=1e-9)
    np.testing.assert_allclose(later.translation, expected.translation, atol=1e-9)
