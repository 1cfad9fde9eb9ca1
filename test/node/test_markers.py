from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header
from visualization_msgs.msg import Marker

from hdnet_ros.drawing.palette import Palette
from hdnet_ros.node.markers import MarkerScene, marker_id, person_markers
from hdnet_ros.perception.people import TrackState
from hdnet_ros.skeleton import HUMAN36M_17

_HEADER = Header(frame_id='camera')
_BLUE = (255, 0, 0)
NAMESPACES = ('skeleton', 'joints', 'root', 'label')


def _by_namespace(person) -> dict[str, Marker]:
    return {marker.ns: marker for marker in person_markers(person, _HEADER, _BLUE, 0.5)}


def test_a_person_has_one_marker_of_each_kind(somebody):
    markers = _by_namespace(somebody())
    assert set(markers) == set(NAMESPACES)
    for marker in markers.values():
        assert marker.header == _HEADER and marker.action == Marker.ADD
        assert marker.id == marker_id('ab1c9')
        assert (marker.lifetime.sec, marker.lifetime.nanosec) == (0, 500_000_000)
        assert marker.pose.orientation.w != 0   # RViz refuses a quaternion of zeros
    assert len(markers['skeleton'].points) == 2 * len(HUMAN36M_17.edges)
    assert len(markers['joints'].points) == 17
    assert (markers['joints'].color.r, markers['joints'].color.b) == (0, 1)
    assert markers['label'].text == 'ab1c9  4.00 m'
    assert markers['label'].pose.position.y < -0.75   # above the head


@pytest.mark.parametrize(('first', 'second'), [('a0000', 'zzzzz'), ('ab1c9', 'ab1ca'), ('b0000', 'azzzz')])
def test_ids_are_distinct_and_fit_the_message(first, second):
    assert marker_id(first) != marker_id(second)
    assert 0 <= marker_id('zzzzz') < 2 ** 31


def test_unknown_joints_are_left_out(somebody):
    joints = somebody().joints
    joints[[HUMAN36M_17.index('head'), HUMAN36M_17.index('left_wrist')]] = np.nan
    markers = _by_namespace(somebody(joints=joints))
    assert len(markers['joints'].points) == 15
    assert len(markers['skeleton'].points) == 2 * (len(HUMAN36M_17.edges) - 2)
    assert not any(np.isnan(p.x) for marker in markers.values() for p in marker.points)
    assert np.isfinite(markers['label'].pose.position.y)


def test_without_a_skeleton_the_root_and_the_label_remain(somebody):
    assert set(_by_namespace(somebody(joints=np.full((17, 3), np.nan)))) == {'root', 'label'}


def test_nobody_is_shown_at_an_unknown_place(somebody):
    assert person_markers(somebody(root=np.full(3, np.nan)), _HEADER, _BLUE, 0.5) == []


def test_ellipsoid_is_two_sigma_along_the_axes_of_the_covariance(somebody):
    turn = Rotation.random(random_state=5).as_matrix()
    covariance = turn @ np.diag([0.01, 0.04, 0.25]) @ turn.T
    marker = _by_namespace(somebody(root_covariance=covariance))['root']
    q = marker.pose.orientation
    axes = Rotation.from_quat([q.x, q.y, q.z, q.w]).as_matrix()
    diameters = np.array([marker.scale.x, marker.scale.y, marker.scale.z])
    np.testing.assert_allclose(axes @ np.diag((diameters / 4) ** 2) @ axes.T, covariance, atol=1e-9)


@pytest.mark.parametrize('covariance', [np.zeros((3, 3)), np.full((3, 3), np.nan), 1e5 * np.eye(3)])
def test_ellipsoid_stays_within_sight(somebody, covariance):
    scale = _by_namespace(somebody(root_covariance=covariance))['root'].scale
    assert all(0 < value <= 5 for value in (scale.x, scale.y, scale.z))


def test_those_who_are_less_sure_are_paler(somebody):
    alpha = [_by_namespace(somebody(state=state))['joints'].color.a
             for state in (TrackState.TENTATIVE, TrackState.COASTING, TrackState.CONFIRMED)]
    assert alpha == sorted(alpha) and len(set(alpha)) == 3


def test_the_label_tells_of_a_depth_at_its_limit(somebody):
    person = somebody()
    observation = replace(person.observation, root=replace(person.observation.root, saturated=True))
    assert _by_namespace(replace(person, observation=observation))['label'].text == 'ab1c9  4.00 m (limit)'


def test_those_who_vanish_are_deleted_once_and_the_others_untouched(somebody):
    scene = MarkerScene(Palette())
    both = [somebody(), somebody(id='zz000')]
    first = scene.update(both, _HEADER, 0.5).markers
    assert len(first) == 8 and {marker.action for marker in first} == {Marker.ADD}
    second = scene.update(both[:1], _HEADER, 0.5).markers
    deleted = [marker for marker in second if marker.action == Marker.DELETE]
    assert {(marker.ns, marker.id) for marker in deleted} == {(ns, marker_id('zz000')) for ns in NAMESPACES}
    assert Marker.DELETEALL not in {marker.action for marker in first + second}
    assert scene.update(both[:1], _HEADER, 0.5).markers == second[:4]
    assert len(scene.update([], _HEADER, 0.5).markers) == 4
    assert scene.update([], _HEADER, 0.5).markers == []


def test_a_skeleton_that_is_lost_is_deleted_too(somebody):
    scene = MarkerScene(Palette())
    scene.update([somebody()], _HEADER, 0.5)
    markers = scene.update([somebody(joints=np.full((17, 3), np.nan))], _HEADER, 0.5).markers
    assert {marker.ns for marker in markers if marker.action == Marker.DELETE} == {'skeleton', 'joints'}


def test_what_nobody_watched_need_not_be_deleted(somebody):
    scene = MarkerScene(Palette())
    scene.update([somebody()], _HEADER, 0.5)
    scene.forget()
    assert scene.update([], _HEADER, 0.5).markers == []


def test_a_person_keeps_the_colour(somebody):
    scene = MarkerScene(Palette())
    first = scene.update([somebody(id='zz000'), somebody()], _HEADER, 0.5).markers
    second = scene.update([somebody()], _HEADER, 0.5).markers
    assert first[4].color == second[0].color != first[0].color
