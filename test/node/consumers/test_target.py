from __future__ import annotations

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped

from hdnet_ros.perception.people import TrackState

ON = {'enabled': ('target',)}


@pytest.fixture
def poses(stage):
    stage.publish(**ON)
    return stage.listen(PoseStamped, '/hdnet/target_pose')


@pytest.fixture
def crowd(somebody):
    """Somebody 4 m away, somebody nearer, and somebody nearer still who may not exist."""
    return [somebody(), somebody(id='near0', root=np.array([0.5, 0.0, 2.0])),
            somebody(id='maybe', root=np.array([0.0, 0.0, 1.0]), state=TrackState.TENTATIVE)]


def test_whoever_is_nearest(stage, poses, crowd):
    header = stage.publish(crowd, **ON)
    stage.until(lambda: bool(poses))
    pose = poses[-1]
    assert pose.header == header
    assert (pose.pose.position.x, pose.pose.position.z) == (0.5, 2.0)
    assert stage.outputs.problem == ''


def test_upright_in_the_fixed_frame(stage, poses, crowd, robot):
    stage.publish(crowd[:1], robot, **ON)
    stage.until(lambda: bool(poses))
    pose = poses[-1]
    assert pose.header.frame_id == 'odom'
    assert pose.pose.position.y == pytest.approx(3 + 4 * np.cos(np.radians(20)))
    turned = pose.pose.orientation   # faces the camera: minus 90 degrees about z
    assert (turned.x, turned.y, turned.z, turned.w) == pytest.approx((0, 0, -np.sqrt(0.5), np.sqrt(0.5)), abs=1e-9)


def test_somebody_whose_skeleton_is_unknown_is_approached_from_here(stage, poses, somebody, robot):
    stage.publish([somebody(joints=np.full((17, 3), np.nan))], robot, **ON)
    stage.until(lambda: bool(poses))
    turned = poses[-1].pose.orientation   # the camera looks along y
    assert (turned.z, turned.w) == pytest.approx((np.sqrt(0.5), np.sqrt(0.5)), abs=1e-9)


def test_the_selected_one_and_nothing_when_he_is_away(stage, poses, crowd):
    stage.publish(crowd, target_id='ab1c9', **ON)
    stage.until(lambda: bool(poses))
    assert poses[-1].pose.position.z == 4.0
    stage.publish(crowd[1:], target_id='ab1c9', **ON)
    assert stage.outputs.problem == 'consumers.target: the selected person ab1c9 is not in view'
    stage.spin(0.3)
    assert len(poses) == 1
