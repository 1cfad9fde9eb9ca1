from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header

from hdnet_ros.node.consumers.view import camera_view, fixed_view, heading, heading_away, upright
from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.perception.camera_pose import CameraPose


def frame_with(fixed: FixedFrame | None):
    return SimpleNamespace(header=Header(frame_id='camera_optical'), fixed=fixed)


def axes(quaternion) -> np.ndarray:
    return Rotation.from_quat([quaternion.x, quaternion.y, quaternion.z, quaternion.w]).as_matrix()


def test_places_in_the_fixed_frame(robot):
    view = fixed_view(frame_with(robot))
    assert view.header.frame_id == 'odom' and view.up.tolist() == [0, 0, 1]
    # 4 m ahead along the tilted optical axis.
    tilt = np.radians(20)
    assert view.points(np.array([0.0, 0.0, 4.0])) == pytest.approx([2, 3 + 4 * np.cos(tilt), 1.2 - 4 * np.sin(tilt)])
    assert view.points(np.array([[1.0, 0.0, 0.0]])) == pytest.approx(np.array([[3, 3, 1.2]]))
    assert view.vectors(np.array([1.0, 0.0, 0.0])) == pytest.approx([1, 0, 0])


def test_up_in_the_cameras_frame(robot):
    assert camera_view(frame_with(None)).up.tolist() == [0, -1, 0]
    up = camera_view(frame_with(robot)).up
    assert robot.camera_pose.rotation @ up == pytest.approx([0, 0, 1])
    assert fixed_view(frame_with(None)) is None


def test_somebody_who_faces_the_camera_looks_back_along_the_floor(robot, somebody):
    person = somebody()
    turned = axes(heading(camera_view(frame_with(None)), person))
    assert turned[:, 0] == pytest.approx([0, 0, -1], abs=1e-9) and turned[:, 2] == pytest.approx([0, -1, 0], abs=1e-9)
    turned = axes(heading(fixed_view(frame_with(robot)), person))
    assert turned[:, 0] == pytest.approx([0, -1, 0], abs=1e-9) and turned[:, 2] == pytest.approx([0, 0, 1], abs=1e-9)
    assert np.linalg.det(turned) == pytest.approx(1)


def test_without_a_skeleton_the_heading_is_unknown_and_away_from_the_camera_known(robot, somebody):
    person = somebody(joints=np.full((17, 3), np.nan))
    view = fixed_view(frame_with(robot))
    assert heading(view, person) is None
    assert axes(heading_away(view, person))[:, 0] == pytest.approx([0, 1, 0], abs=1e-9)


@given(angles=st.tuples(*[st.floats(-3.0, 3.0)] * 3))
def test_both_frames_tell_the_same_heading(somebody, angles):
    fixed = FixedFrame('map', CameraPose(Rotation.from_euler('xyz', angles).as_matrix(), np.array([1.0, -2.0, 0.5])))
    person = somebody()
    in_camera = heading(camera_view(frame_with(fixed)), person)
    in_fixed = heading(fixed_view(frame_with(fixed)), person)
    assert (in_camera is None) == (in_fixed is None)
    if in_fixed is not None:
        assert fixed.camera_pose.rotation @ axes(in_camera) == pytest.approx(axes(in_fixed), abs=1e-6)
        assert axes(in_fixed)[:, 2] == pytest.approx([0, 0, 1], abs=1e-9)


def test_a_steep_direction_has_no_heading(robot, somebody):
    view = fixed_view(frame_with(robot))
    assert upright(view, np.array([0.0, 0.1, 1.0])) is None
    overhead = replace(robot, camera_pose=replace(robot.camera_pose, rotation=np.diag([1.0, -1.0, -1.0])))
    assert axes(heading_away(fixed_view(frame_with(overhead)), somebody())) == pytest.approx(np.eye(3))
