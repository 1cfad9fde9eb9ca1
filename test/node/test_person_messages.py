from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from geometry_msgs.msg import Quaternion
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header

from hdnet_ros import msg
from hdnet_ros.node.person_messages import (
    ORIENTATION_VARIANCE,
    body_quaternion,
    covariance_6x6,
    duration,
    person_array,
    person_message,
    region,
)
from hdnet_ros.perception.people import FrameResult, TrackState
from hdnet_ros.skeleton import HUMAN36M_17


def _matrix(quaternion: Quaternion) -> np.ndarray:
    return Rotation.from_quat([quaternion.x, quaternion.y, quaternion.z, quaternion.w]).as_matrix()


def test_everything_about_a_person_that_is_seen(somebody):
    message = person_message(somebody(), 'camera', (640, 480))
    assert message.id == 'ab1c9' and message.tracking_state == msg.Person.TRACKING_CONFIRMED
    assert (message.age.sec, message.age.nanosec) == (2, 500_000_000)
    assert (message.unseen.sec, message.unseen.nanosec) == (0, 0)
    assert message.detection_score == 0.75
    roi = message.roi
    assert (roi.x_offset, roi.y_offset, roi.width, roi.height) == (250, 90, 141, 322)
    assert message.root.pose.position.z == 4.0
    assert message.velocity.twist.linear.z == -1.0 and message.velocity_frame == 'camera'
    assert message.depth_method == 'geometric' and not message.depth_saturated
    assert len(message.keypoints) == 17


def test_each_keypoint_has_the_pixel_position_and_confidence_of_its_joint(somebody):
    joints, pixels, confidence = np.arange(51.0).reshape(17, 3), np.arange(34.0).reshape(17, 2), np.linspace(0, 1, 17)
    person = somebody(joints=joints, joints_px=pixels, confidence=confidence)
    keypoints = person_message(person, 'camera', (640, 480)).keypoints
    np.testing.assert_array_equal([keypoint.pixel for keypoint in keypoints], pixels)
    places = [keypoint.position for keypoint in keypoints]
    np.testing.assert_array_equal([(place.x, place.y, place.z) for place in places], joints)
    np.testing.assert_allclose([keypoint.confidence for keypoint in keypoints], confidence)


def test_covariances_are_row_major_with_unknown_parts_of_1e5(somebody):
    covariance = np.array([[0.01, 0.002, 0.0], [0.002, 0.02, 0.003], [0.0, 0.003, 0.09]])
    message = person_message(somebody(root_covariance=covariance), 'camera', (640, 480))
    matrix = np.reshape(message.root.covariance, (6, 6))
    np.testing.assert_array_equal(matrix[:3, :3], covariance)
    np.testing.assert_array_equal(matrix[3:, 3:], ORIENTATION_VARIANCE * np.eye(3))
    velocity = np.reshape(message.velocity.covariance, (6, 6))
    np.testing.assert_array_equal(np.diag(velocity), [0.04] * 3 + [1e5] * 3)
    np.testing.assert_array_equal(covariance_6x6(np.full((3, 3), np.nan), 1.0)[:7], [1e5, 0, 0, 0, 0, 0, 0])


def test_orientation_has_x_out_of_the_belly_and_z_to_the_head(somebody):
    """Somebody who faces the camera: belly towards it (-z of the camera), head up (-y), left hand to the right (+x)."""
    axes = _matrix(person_message(somebody(), 'camera', (640, 480)).root.pose.orientation)
    np.testing.assert_allclose(axes, np.column_stack([(0, 0, -1), (1, 0, 0), (0, -1, 0)]), atol=1e-9)


def test_orientation_turns_with_the_body(somebody):
    turn = Rotation.random(random_state=3).as_matrix()
    person = somebody()
    turned = body_quaternion((person.joints - person.root) @ turn.T + person.root)
    np.testing.assert_allclose(_matrix(turned), turn @ _matrix(body_quaternion(person.joints)), atol=1e-9)


@pytest.mark.parametrize('joint', ['left_hip', 'right_hip', 'thorax', 'hip'])
def test_orientation_is_unknown_without_hips_or_thorax(somebody, joint):
    joints = somebody().joints
    joints[HUMAN36M_17.index(joint)] = np.nan
    pose = person_message(somebody(joints=joints), 'camera', (640, 480)).root
    assert pose.pose.orientation == Quaternion(x=0.0, y=0.0, z=0.0, w=1.0)
    np.testing.assert_array_equal(np.diag(np.reshape(pose.covariance, (6, 6)))[3:], 1e5)


def test_somebody_who_coasts_has_no_box_and_no_score(somebody):
    person = somebody(state=TrackState.COASTING, observation=None, unseen_s=0.4, joints_px=np.full((17, 2), np.nan),
                      confidence=np.zeros(17))
    message = person_message(person, 'camera', (640, 480))
    assert message.tracking_state == msg.Person.TRACKING_COASTING
    assert np.isnan(message.detection_score) and message.roi.width == 0
    assert message.depth_method == '' and not message.depth_saturated
    assert np.isnan(message.keypoints[0].pixel).all() and message.keypoints[0].position.z == 4.0
    assert message.unseen.nanosec == 400_000_000


def test_unknown_joints_are_nan(somebody):
    message = person_message(somebody(joints=np.full((17, 3), np.nan)), 'camera', (640, 480))
    assert all(np.isnan(keypoint.position.x) for keypoint in message.keypoints)


def test_saturated_depth(somebody):
    person = somebody()
    observation = replace(person.observation, root=replace(person.observation.root, saturated=True, method='hdnet'))
    message = person_message(replace(person, observation=observation), 'camera', (640, 480))
    assert message.depth_saturated and message.depth_method == 'hdnet'


def test_array_of_nobody_and_of_somebody(somebody):
    header = Header(frame_id='camera')
    empty = person_array(FrameResult((), (0.5, float('inf'))), header, (640, 480), 'blazepose')
    assert empty.persons == [] and empty.depth_max == float('inf') and empty.depth_min == 0.5
    array = person_array(FrameResult((somebody(), somebody(id='zz000')), (1.0, 9.0)), header, (640, 480), 'posenet')
    assert [person.id for person in array.persons] == ['ab1c9', 'zz000']
    assert array.skeleton == 'human36m_17' and list(array.keypoint_names) == list(HUMAN36M_17.joints)
    assert array.skeleton_source == 'posenet' and array.header == header


@pytest.mark.parametrize(('box', 'expected'), [
    ((-5.5, -1, 10.2, 20), (0, 0, 11, 21)), ((600, 400, 700, 500), (600, 400, 40, 80)),
    ((-0.5, -0.5, 639.5, 479.5), (0, 0, 640, 480)), ((0, 0, 639, 479), (0, 0, 640, 480)),
    ((10.6, 20.4, 20.4, 30.6), (11, 20, 10, 12)), ((3, 4, 3, 4), (3, 4, 1, 1)),
    ((700, 500, 800, 600), (640, 480, 0, 0)), ((-9, -9, -1, -1), (0, 0, 0, 0))])
def test_region_of_whole_pixels_inside_the_image(box, expected):
    roi = region(np.array(box, float), (640, 480))
    assert (roi.x_offset, roi.y_offset, roi.width, roi.height) == expected


@pytest.mark.parametrize(('seconds', 'expected'), [(0.0, (0, 0)), (1.9999999999, (2, 0)), (3.25, (3, 250_000_000))])
def test_duration_carries_nanoseconds_over(seconds, expected):
    message = duration(seconds)
    assert (message.sec, message.nanosec) == expected
