from __future__ import annotations

import numpy as np
import pytest
from std_msgs.msg import Header

from hdnet_ros.node.person_messages import body_quaternion
from hdnet_ros.node.transforms import people_transforms
from hdnet_ros.perception.people import TrackState

_HEADER = Header(frame_id='camera')


def test_one_frame_per_person_between_the_hips(somebody):
    person = somebody()
    transform, = people_transforms([person], _HEADER)
    assert transform.header == _HEADER and transform.child_frame_id == 'body_ab1c9'
    translation = transform.transform.translation
    assert (translation.x, translation.y, translation.z) == tuple(person.root)
    assert transform.transform.rotation == body_quaternion(person.joints)


def test_frames_of_joints_end_with_the_id_and_unknown_ones_are_left_out(somebody):
    joints = somebody().joints
    joints[10] = np.nan
    transforms = people_transforms([somebody(joints=joints)], _HEADER, joints=True)
    names = [transform.child_frame_id for transform in transforms]
    assert len(names) == 1 + 16 and names[:2] == ['body_ab1c9', 'hip_ab1c9'] and 'head_ab1c9' not in names
    assert all(name[-5:] == 'ab1c9' for name in names)


def test_people_who_coast_stay_and_those_seen_too_briefly_wait(somebody):
    assert len(people_transforms([somebody(state=TrackState.COASTING)], _HEADER)) == 1
    assert people_transforms([somebody(state=TrackState.TENTATIVE)], _HEADER) == []


def test_without_a_skeleton_the_axes_are_those_of_the_camera(somebody):
    transform, = people_transforms([somebody(joints=np.full((17, 3), np.nan))], _HEADER, joints=True)
    assert transform.transform.rotation.w == 1.0


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_an_unknown_place_has_no_frame(somebody, value):
    assert people_transforms([somebody(root=np.array([0.0, 0.0, value]))], _HEADER) == []
