from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.node.consumers.skeleton_2d import skeleton_2d
from hdnet_ros.skeleton import HUMAN36M_17

SIZE = (640, 480)


def test_each_keypoint_is_where_openpose_has_it():
    joints = np.column_stack([np.arange(17) * 10.0, np.arange(17) * 20.0])
    points = skeleton_2d(joints, np.linspace(0.1, 0.9, 17), SIZE)
    # OpenPose's COCO order, and the joint of Human3.6M that lies there.
    coco = {'nose': 'neck', 'neck': 'thorax', 'right_shoulder': 'right_shoulder', 'right_elbow': 'right_elbow',
            'right_wrist': 'right_wrist', 'left_shoulder': 'left_shoulder', 'left_elbow': 'left_elbow',
            'left_wrist': 'left_wrist', 'right_hip': 'right_hip', 'right_knee': 'right_knee',
            'right_ankle': 'right_foot', 'left_hip': 'left_hip', 'left_knee': 'left_knee', 'left_ankle': 'left_foot'}
    for row, joint in zip(points, coco.values(), strict=False):
        index = HUMAN36M_17.index(joint)
        assert row == pytest.approx([(index * 10 + 0.5) / 640, (index * 20 + 0.5) / 480, 0.1 + 0.05 * index])
    assert (points[14:] == 0).all(), 'eyes and ears are unknown'


def test_the_order_is_that_of_the_message():
    message = pytest.importorskip('hri_msgs.msg').Skeleton2D
    joints = np.full((17, 2), np.nan)
    for keypoint, joint in ((message.NECK, 'thorax'), (message.LEFT_ANKLE, 'left_foot'),
                            (message.RIGHT_WRIST, 'right_wrist'), (message.NOSE, 'neck')):
        one = joints.copy()
        one[HUMAN36M_17.index(joint)] = 100.0
        assert list(np.nonzero(skeleton_2d(one, np.ones(17), SIZE)[:, 2])[0]) == [keypoint]


@given(x=st.floats(-2000, 2000), y=st.floats(-2000, 2000), confidence=st.floats(-1, 2))
def test_all_values_stay_in_0_to_1_and_outside_is_unknown(x, y, confidence):
    points = skeleton_2d(np.full((17, 2), (x, y)), np.full(17, confidence), SIZE)
    assert ((points >= 0) & (points <= 1)).all()
    inside = -0.5 <= x <= 639.5 and -0.5 <= y <= 479.5
    assert (points[:14, :2].any() or (x, y) == (-0.5, -0.5)) == inside


def test_edges_of_the_image_are_0_and_1():
    points = skeleton_2d(np.full((17, 2), (-0.5, 479.5)), np.ones(17), SIZE)
    assert points[0].tolist() == [0, 1, 1]
    assert (skeleton_2d(np.full((17, 2), np.nan), np.ones(17), SIZE) == 0).all()
