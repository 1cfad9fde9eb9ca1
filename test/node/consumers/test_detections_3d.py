"""Against vision_msgs 4.1.1."""
from __future__ import annotations

import numpy as np
import pytest
from rclpy.qos import ReliabilityPolicy
from scipy.spatial.transform import Rotation

from hdnet_ros.perception.people import TrackState

vision_msgs = pytest.importorskip('vision_msgs.msg')
ON = {'enabled': ('detections_3d',)}


@pytest.fixture
def arrays(stage):
    stage.publish(**ON)
    return stage.listen(vision_msgs.Detection3DArray, '/hdnet/detections_3d', ReliabilityPolicy.BEST_EFFORT)


def test_everybody_who_is_seen_is_a_detection(stage, arrays, somebody):
    header = stage.publish([somebody(), somebody(id='gone0', state=TrackState.COASTING, observation=None)], **ON)
    stage.until(lambda: bool(arrays))
    assert arrays[-1].header == header
    [detection] = arrays[-1].detections
    assert detection.header == header and detection.id == 'ab1c9'
    [result] = detection.results
    assert (result.hypothesis.class_id, result.hypothesis.score) == ('person', 0.75)
    assert result.pose.pose.position.z == 4.0 and result.pose.covariance[14] == pytest.approx(0.09)


def test_the_box_holds_all_joints_with_flesh_around_them(stage, arrays, somebody):
    person = somebody()
    turn = Rotation.from_rotvec([0.0, 0.7, 0.0]).as_matrix()   # about the body's own axis
    person.joints[:] = (person.joints - person.root) @ turn.T + person.root
    person.joints[9] = np.nan
    stage.publish([person], **ON)
    stage.until(lambda: bool(arrays))
    box = arrays[-1].detections[0].bbox
    turned, center = box.center.orientation, box.center.position
    axes = Rotation.from_quat([turned.x, turned.y, turned.z, turned.w]).as_matrix()
    inside = (person.joints - [center.x, center.y, center.z]) @ axes
    half = np.array([box.size.x, box.size.y, box.size.z]) / 2
    low, high = np.nanmin(inside, axis=0), np.nanmax(inside, axis=0)
    assert high == pytest.approx(half - 0.1) and low == pytest.approx(-half + 0.1)
    # Standing: 0.9 m below the hips and 0.75 m above them; shoulders and feet 0.3 m apart.
    assert (2 * half) == pytest.approx([0.2, 0.5, 1.85])


def test_without_a_skeleton_the_box_is_that_of_an_adult(stage, arrays, somebody):
    stage.publish([somebody(joints=np.full((17, 3), np.nan))], **ON)
    stage.until(lambda: bool(arrays))
    box = arrays[-1].detections[0].bbox
    assert (box.size.x, box.size.y, box.size.z) == (0.6, 1.75, 0.6) and box.center.orientation.w == 1.0


def test_empty_when_nobody_is_there_and_when_the_node_stops(stage, arrays, somebody):
    stage.publish([], **ON)
    stage.publish([somebody()], **ON)
    stage.outputs.clear()
    stage.until(lambda: len(arrays) == 3)
    assert [len(message.detections) for message in arrays] == [0, 1, 0]
