"""Transforms against matrices, scipy and hand-computed ones."""
from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation, Slerp

tf2_ros = pytest.importorskip('tf2_ros')
rclpy_time = pytest.importorskip('rclpy.time')
from geometry_msgs.msg import TransformStamped  # noqa: E402
from rclpy.duration import Duration  # noqa: E402

LATEST = rclpy_time.Time()
NUMBERS = st.floats(-10, 10)
RIGID = st.tuples(st.tuples(NUMBERS, NUMBERS, NUMBERS),
                  st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS).filter(lambda q: np.linalg.norm(q) > 0.1))


def at(seconds: float):
    return rclpy_time.Time(nanoseconds=round(seconds * 1e9))


def link(parent, child, translation=(0.0, 0.0, 0.0), quaternion=(0.0, 0.0, 0.0, 1.0), seconds=0.0) -> TransformStamped:
    made = TransformStamped(child_frame_id=child)
    made.header.frame_id, made.header.stamp = parent, at(seconds).to_msg()
    t, q = made.transform.translation, made.transform.rotation
    t.x, t.y, t.z = map(float, translation)
    q.x, q.y, q.z, q.w = (float(part) for part in np.array(quaternion) / np.linalg.norm(quaternion))
    return made


def matrix(translation, quaternion) -> np.ndarray:
    made = np.identity(4)
    made[:3, :3], made[:3, 3] = Rotation.from_quat(quaternion).as_matrix(), translation
    return made


def matrix_of(message) -> np.ndarray:
    t, q = message.transform.translation, message.transform.rotation
    return matrix([t.x, t.y, t.z], [q.x, q.y, q.z, q.w])


def buffer_of(*links, static=False, **options):
    made = tf2_ros.Buffer(**options)
    for each in links:
        (made.set_transform_static if static else made.set_transform)(each, 'test')
    return made


def turn_z(degrees: float) -> list[float]:
    return [0.0, 0.0, math.sin(math.radians(degrees) / 2), math.cos(math.radians(degrees) / 2)]


def test_a_robot_by_hand():
    # The robot stands at (2, 1) and faces +y; its camera is 0.5 m ahead and 1 m up, and looks to the robot's right.
    buffer = buffer_of(link('map', 'base', (2, 1, 0), turn_z(90), 5.0),
                       link('base', 'camera', (0.5, 0, 1), turn_z(-90), 5.0))
    found = buffer.lookup_transform('map', 'camera', at(5.0))
    assert np.allclose(matrix_of(found), matrix([2, 1.5, 1], turn_z(0)))
    assert (found.header.frame_id, found.child_frame_id, found.header.stamp.sec) == ('map', 'camera', 5)
    back = buffer.lookup_transform('camera', 'map', at(5.0))
    assert np.allclose(matrix_of(back), matrix([-2, -1.5, -1], turn_z(0)))


@given(st.lists(st.tuples(st.integers(0, 100), RIGID, st.booleans()), min_size=1, max_size=7), st.data())
def test_any_tree_equals_the_product_of_matrices(branches, data):
    buffer, to_root = tf2_ros.Buffer(), [np.identity(4)]
    for index, (choice, (translation, quaternion), static) in enumerate(branches, start=1):
        parent = choice % index
        message = link(f'f{parent}', f'f{index}', translation, quaternion, 7.0)
        (buffer.set_transform_static if static else buffer.set_transform)(message, 'test')
        to_root.append(to_root[parent] @ matrix(translation, quaternion))
    target, source = (data.draw(st.integers(0, len(branches))) for _ in range(2))
    expected = np.linalg.inv(to_root[target]) @ to_root[source]
    for when in (at(7.0), at(7.0).to_msg(), LATEST):
        found = buffer.lookup_transform(f'f{target}', f'f{source}', when)
        assert np.allclose(matrix_of(found), expected, atol=1e-8)


@given(RIGID, RIGID, st.floats(0, 1))
def test_between_two_stamps_it_moves_straight_and_turns_evenly(start, end, ratio):
    turns = Rotation.from_quat([start[1], end[1]])
    # Half a turn apart there is no shorter way.
    if (turns[0].inv() * turns[1]).magnitude() > math.pi - 1e-3:
        return
    buffer = buffer_of(link('a', 'b', *start, seconds=1.0), link('a', 'b', *end, seconds=3.0))
    nanoseconds = round((1.0 + 2.0 * ratio) * 1e9)
    exact = (nanoseconds - 1e9) / 2e9
    found = matrix_of(buffer.lookup_transform('a', 'b', rclpy_time.Time(nanoseconds=nanoseconds)))
    assert np.allclose(found[:3, 3], np.array(start[0]) + (np.array(end[0]) - start[0]) * exact, atol=1e-8)
    assert np.allclose(found[:3, :3], Slerp([0, 1], turns)([exact])[0].as_matrix(), atol=1e-6)


def test_the_latest_common_time_of_frames_that_are_published_at_different_times():
    buffer = buffer_of(*(link('map', 'base', (t, 0, 0), seconds=t) for t in (1.0, 2.0, 3.0)),
                       *(link('base', 'arm', (0, t, 0), seconds=t) for t in (1.5, 2.5)))
    buffer.set_transform_static(link('arm', 'tool', (0, 0, 1)), 'test')
    found = buffer.lookup_transform('map', 'tool', LATEST)
    assert found.header.stamp.sec == 2 and found.header.stamp.nanosec == 500_000_000
    assert np.allclose(matrix_of(found)[:3, 3], [2.5, 2.5, 1.0])
    # A frame that is not on the way does not count.
    assert buffer.lookup_transform('base', 'map', LATEST).header.stamp.sec == 3


def test_static_transforms_hold_at_all_times():
    buffer = buffer_of(link('a', 'b', (1, 2, 3)), static=True)
    for seconds in (0.0, 0.5, 1e6):
        assert np.allclose(matrix_of(buffer.lookup_transform('a', 'b', at(seconds)))[:3, 3], [1, 2, 3])
    buffer.set_transform_static(link('a', 'b', (4, 5, 6)), 'test')
    assert buffer.lookup_transform('a', 'b', LATEST).transform.translation.x == 4.0
    # Moving ones replace it, and the other way round.
    buffer.set_transform(link('a', 'b', (7, 0, 0), seconds=1.0), 'test')
    assert not buffer.can_transform('a', 'b', at(9.0))


def test_what_is_not_known_and_why():
    buffer = buffer_of(link('a', 'b', seconds=5.0), link('a', 'b', seconds=6.0), link('x', 'y', seconds=5.0))
    for names, when, error, reason in (
            (('a', 'nobody'), LATEST, tf2_ros.LookupException, 'frame "nobody" does not exist'),
            (('nobody', 'a'), LATEST, tf2_ros.LookupException, 'frame "nobody" does not exist'),
            (('a', ''), LATEST, tf2_ros.InvalidArgumentException, '"" is no frame'),
            (('/a', 'b'), LATEST, tf2_ros.InvalidArgumentException, '"/a" is no frame'),
            (('a', 'y'), LATEST, tf2_ros.ConnectivityException, 'nothing joins'),
            (('a', 'y'), at(5.0), tf2_ros.ConnectivityException, 'nothing joins'),
            (('a', 'b'), at(4.9), tf2_ros.ExtrapolationException, 'earliest data is at time 5.000000 s'),
            (('b', 'a'), at(6.1), tf2_ros.ExtrapolationException, 'latest data is at time 6.000000 s'),
            (('x', 'y'), at(5.1), tf2_ros.ExtrapolationException, 'only time 5.000000 s is known')):
        with pytest.raises(error, match=reason) as caught:
            buffer.lookup_transform(*names, when)
        assert isinstance(caught.value, tf2_ros.TransformException)
        assert buffer.can_transform(*names, when) is False
    assert buffer.can_transform('a', 'b', at(5.5)) is True


def test_data_that_is_missing_above_the_common_ancestor_does_not_matter():
    buffer = buffer_of(link('map', 'base', seconds=1.0), link('base', 'left', (0, 1, 0), seconds=5.0),
                       link('base', 'right', (0, -1, 0), seconds=5.0))
    assert matrix_of(buffer.lookup_transform('left', 'right', at(5.0)))[1, 3] == -2.0
    with pytest.raises(tf2_ros.ExtrapolationException):
        buffer.lookup_transform('map', 'right', at(5.0))


def test_a_frame_and_itself():
    buffer = buffer_of(link('a', 'b', seconds=5.0))
    found = buffer.lookup_transform('b', 'b', LATEST)
    assert np.allclose(matrix_of(found), np.identity(4)) and found.header.stamp.sec == 5
    assert buffer.lookup_transform('a', 'a', at(8.0)).header.stamp.sec == 8


def test_a_loop_is_an_error_not_a_hang():
    buffer = buffer_of(link('a', 'b', seconds=5.0), link('b', 'a', seconds=5.0), link('x', 'y', seconds=5.0))
    for when in (LATEST, at(5.0)):
        with pytest.raises(tf2_ros.LookupException, match='loop'):
            buffer.lookup_transform('x', 'b', when)


def test_old_data_is_forgotten_and_older_data_refused():
    buffer = buffer_of(*(link('a', 'b', seconds=t) for t in range(1, 31)), link('a', 'b', seconds=19.0))
    assert buffer.can_transform('a', 'b', at(20.0)) and not buffer.can_transform('a', 'b', at(19.9))
    short = buffer_of(*(link('a', 'b', seconds=t) for t in range(1, 31)), cache_time=Duration(seconds=2.0))
    assert short.can_transform('a', 'b', at(28.0)) and not short.can_transform('a', 'b', at(27.0))


def test_data_may_come_out_of_order_and_be_corrected():
    buffer = buffer_of(*(link('a', 'b', (t, 0, 0), seconds=t) for t in (3, 1, 2)), link('a', 'b', (9, 0, 0), seconds=2))
    assert [buffer.lookup_transform('a', 'b', at(t)).transform.translation.x for t in (1, 1.5, 2, 3)] == [1, 5, 9, 3]


def test_a_frame_that_changes_its_parent():
    buffer = buffer_of(link('map', 'table', (5, 0, 0), seconds=1.0), link('map', 'hand', (7, 0, 0), seconds=1.0),
                       link('map', 'table', (5, 0, 0), seconds=3.0), link('map', 'hand', (7, 0, 0), seconds=3.0),
                       link('table', 'cup', (0, 1, 0), seconds=1.0), link('hand', 'cup', (0, 2, 0), seconds=3.0))
    assert np.allclose(matrix_of(buffer.lookup_transform('map', 'cup', at(1.0)))[:3, 3], [5, 1, 0])
    assert np.allclose(matrix_of(buffer.lookup_transform('map', 'cup', at(2.0)))[:3, 3], [5, 1, 0])
    assert np.allclose(matrix_of(buffer.lookup_transform('map', 'cup', LATEST))[:3, 3], [7, 2, 0])


def test_wrong_transforms_are_ignored():
    buffer = tf2_ros.Buffer()
    unnormal = link('a', 'b')
    unnormal.transform.rotation.w = 0.5
    for wrong in (link('a', 'a'), link('', 'b'), link('a', ''), link('a', 'b', (math.nan, 0, 0)), unnormal):
        buffer.set_transform(wrong, 'test')
    with pytest.raises(tf2_ros.LookupException, match='frame "a" does not exist'):
        buffer.lookup_transform('a', 'b', LATEST)
    buffer.set_transform(link('/a', '/b'), 'test')
    assert buffer.can_transform('a', 'b', LATEST)


def test_clear_forgets_the_moving_transforms_but_neither_the_static_ones_nor_the_names():
    buffer = buffer_of(link('a', 'b', seconds=5.0))
    buffer.set_transform_static(link('b', 'c', (1, 2, 3)), 'test')
    buffer.clear()
    for when, error in ((LATEST, tf2_ros.ConnectivityException), (at(5.0), tf2_ros.ExtrapolationException)):
        for frame in 'bc':
            with pytest.raises(error):
                buffer.lookup_transform('a', frame, when)
    assert np.allclose(matrix_of(buffer.lookup_transform('b', 'c', at(1.0)))[:3, 3], [1, 2, 3])
    buffer.set_transform(link('a', 'b', seconds=1.0), 'test')
    assert buffer.can_transform('a', 'c', at(1.0))


def test_broadcasters_and_a_late_listener_over_dds(node, spin_until):
    fixed = tf2_ros.StaticTransformBroadcaster(node)
    fixed.sendTransform(link('base', 'camera', (0, 0, 1)))
    fixed.sendTransform([link('base', 'lidar', (0, 0, 2)), link('base', 'camera', (0, 0, 3))])
    moving = tf2_ros.TransformBroadcaster(node)
    buffer = tf2_ros.Buffer()
    listener = tf2_ros.TransformListener(buffer, node)

    def send():
        moving.sendTransform(link('map', 'odom', (1, 0, 0), seconds=5))
        moving.sendTransform(link('odom', frame, (1, 0, 0), seconds=5) for frame in ('base', 'cart'))

    def known():
        return buffer.can_transform('map', 'lidar', at(5)) and buffer.can_transform('cart', 'map', at(5))

    assert spin_until(known, send)
    assert np.allclose(matrix_of(buffer.lookup_transform('map', 'camera', at(5)))[:3, 3], [2, 0, 3])
    assert np.allclose(matrix_of(buffer.lookup_transform('map', 'lidar', at(5)))[:3, 3], [2, 0, 2])
    listener.unregister()
    assert node.count_subscribers('/tf') == 0
