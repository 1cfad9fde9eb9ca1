from __future__ import annotations

import numpy as np
import pytest
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import PointCloud2

from hdnet_ros.perception.people import TrackState

ON = {'enabled': ('points',)}


def read(message: PointCloud2) -> np.ndarray:
    """(N, 3), by the layout that the message itself tells."""
    assert [field.name for field in message.fields] == ['x', 'y', 'z']
    layout = np.dtype({'names': ['x', 'y', 'z'], 'formats': ['<f4'] * 3,
                       'offsets': [field.offset for field in message.fields], 'itemsize': message.point_step})
    points = np.frombuffer(bytes(message.data), layout)
    assert len(points) == message.width * message.height and message.row_step == message.point_step * message.width
    return np.stack([points[name] for name in 'xyz'], axis=1)


@pytest.fixture
def clouds(stage):
    """Messages on ~/points; listens as Nav2 does, with best effort."""
    stage.publish(**ON)
    return stage.listen(PointCloud2, '/hdnet/points', ReliabilityPolicy.BEST_EFFORT)


def test_joints_in_the_cameras_frame(stage, clouds, somebody):
    person = somebody()
    header = stage.publish([person, somebody(state=TrackState.TENTATIVE)], points_shape='joints', **ON)
    stage.until(lambda: bool(clouds))
    assert clouds[-1].header == header
    assert read(clouds[-1]) == pytest.approx(np.vstack([person.root, person.joints]).astype(np.float32))


def test_cylinders_stand_upright_in_the_fixed_frame(stage, clouds, somebody, robot):
    person = somebody(joints=np.full((17, 3), np.nan))
    stage.publish([person], robot, points_frame='fixed', points_radius_m=0.5, **ON)
    stage.until(lambda: bool(clouds))
    assert clouds[-1].header.frame_id == 'odom'
    points = read(clouds[-1])
    root = robot.camera_pose.to_fixed(person.root)
    assert np.linalg.norm(points[:, :2] - root[:2], axis=1) == pytest.approx(np.full(len(points), 0.5), abs=1e-5)
    heights = points[:, 2] - root[2]
    assert (heights.min(), heights.max()) == pytest.approx((-0.95, 0.8), abs=1e-5)


def test_the_cloud_is_empty_when_nobody_is_there_and_when_the_node_stops(stage, clouds, somebody):
    stage.publish([], **ON)
    stage.publish([somebody()], **ON)
    stage.outputs.clear()
    stage.until(lambda: len(clouds) == 3)
    assert [len(read(message)) > 0 for message in clouds] == [False, True, False]


def test_without_the_fixed_frame_that_was_asked_for_the_reason_is_told(stage, clouds, somebody):
    stage.publish([somebody()], points_frame='fixed', **ON)
    assert stage.outputs.problem.startswith('consumers.points: there is no fixed frame')
    stage.spin(0.2)
    assert clouds == []
