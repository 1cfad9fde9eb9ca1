"""A camera that moves steadily, tf that lags behind it, and time that passes only while somebody waits."""
from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from scipy.spatial.transform import Rotation
from std_msgs.msg import Header

from hdnet_ros.node import pose_lookup
from hdnet_ros.node.pose_lookup import PoseLookup
from hdnet_ros.perception.camera_pose import CameraPose

# Axes of the camera at 100 s: it looks along x of a frame whose z points up.
_OPTICAL = Rotation.from_matrix([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])
_DRIVES_M_S, _TURNS_RAD_S = np.array([0.9, -0.4, 0.1]), np.array([0.2, -0.1, 0.8])


def pose_at(t: float) -> CameraPose:
    turn = Rotation.from_rotvec(_TURNS_RAD_S * (t - 100))
    return CameraPose((turn * _OPTICAL).as_matrix(), np.array([0.5, -0.3, 1.2]) + _DRIVES_M_S * (t - 100))


class Tf:
    """A ``PoseLookup`` whose buffer is filled by hand, and a clock."""

    def __init__(self, monkeypatch, messages):
        self.now_s, self.slept = 0.0, 0
        self.later: list[tuple[float, float]] = []   # when what is known of which time comes in
        self._messages = messages
        monkeypatch.setattr(pose_lookup, 'TransformListener', self._listen)
        monkeypatch.setattr(pose_lookup, 'time', SimpleNamespace(monotonic=lambda: self.now_s, sleep=self._sleep))
        self.poses = PoseLookup(None, 'odom')

    def _listen(self, buffer, node):
        self.buffer = buffer

    def _sleep(self, seconds):
        self.now_s += seconds
        self.slept += 1
        for at_s, t in [entry for entry in self.later if entry[0] <= self.now_s]:
            self.later.remove((at_s, t))
            self.tell(t)

    def tell(self, *times):
        """What tf says of each time."""
        for t in times:
            message, pose = TransformStamped(child_frame_id='camera'), pose_at(t)
            message.header.frame_id = 'odom'
            self._messages.stamp(message, t)
            shift, turn = message.transform.translation, message.transform.rotation
            shift.x, shift.y, shift.z = (float(v) for v in pose.translation)
            turn.x, turn.y, turn.z, turn.w = Rotation.from_matrix(pose.rotation).as_quat()
            self.buffer.set_transform(message, 'test')

    def look_up(self, t, wait_s=0.0, tolerance_s=0.2):
        message = TransformStamped(header=Header(frame_id='camera'))
        self._messages.stamp(message, t)
        return self.poses.look_up(message.header, wait_s, tolerance_s)


@pytest.fixture
def tf(monkeypatch, messages):
    return Tf(monkeypatch, messages)


def assert_is(found, t):
    expected = pose_at(t)
    np.testing.assert_allclose(found.rotation, expected.rotation, atol=1e-6)
    np.testing.assert_allclose(found.translation, expected.translation, atol=1e-6)


def test_what_tf_knows(tf):
    tf.tell(100.0, 100.1, 100.2)
    found, reason = tf.look_up(100.15)
    assert reason == ''
    assert_is(found, 100.15)


@pytest.mark.parametrize('behind_s', [0.0, 0.06, 0.13, 0.2])
def test_tf_that_is_behind_is_carried_on_as_the_camera_moved(tf, behind_s):
    tf.tell(*np.arange(100.0, 100.51, 0.05))
    found, reason = tf.look_up(100.5 + behind_s)
    assert reason == ''
    assert_is(found, 100.5 + behind_s)


def test_a_single_transform_does_not_tell_how_the_camera_moves(tf):
    tf.tell(100.0)
    assert_is(tf.look_up(100.06)[0], 100.0)


@pytest.mark.parametrize('newest, carried', [(0.05, False), (0.1, False), (0.15, True)])
def test_simulated_time_begins_at_0(tf, newest, carried):
    """Nothing tells how the camera moves until a tenth of a second of it is known."""
    tf.tell(0.02, newest)
    found, reason = tf.look_up(newest + 0.08)
    assert reason == ''
    assert_is(found, newest + 0.08 if carried else newest)


def test_transforms_of_before_a_jump_do_not_keep_those_after_it_out(tf):
    """One of them was under way while the buffer was cleared."""
    tf.tell(*np.arange(500.0, 500.51, 0.1))
    tf.poses.clear()
    tf.tell(500.6)
    for t in np.arange(100.0, 100.51, 0.1):
        tf.tell(t)
        found, _ = tf.look_up(t)
    assert_is(found, 100.5)


def test_nothing_is_waited_for_while_tf_is_ahead(tf):
    tf.tell(*np.arange(100.0, 100.51, 0.1))
    for _ in range(3):
        slept = tf.slept
        assert tf.look_up(95.0, wait_s=0.05)[0] is None
    assert tf.slept == slept


@pytest.mark.parametrize('t, reason', [(100.75, '0.25 s behind the image'), (99.9, '0.6 s ahead of the image')])
def test_tf_of_another_time_is_of_no_use(tf, t, reason):
    tf.tell(100.0, 100.1, 100.5)
    found, told = tf.look_up(t)
    assert found is None and reason in told and 'camera to odom' in told


def test_an_image_waits_for_tf_to_catch_up(tf):
    tf.tell(100.0, 100.1)
    tf.later = [(0.05, 100.2)]
    assert_is(tf.look_up(100.15, wait_s=0.1, tolerance_s=0.0)[0], 100.15)
    assert 0.05 <= tf.now_s < 0.06        # no longer than necessary


def test_an_image_waits_no_longer_than_it_may(tf):
    tf.tell(100.0, 100.1)
    tf.later = [(0.15, 100.2)]
    assert tf.look_up(100.15, wait_s=0.1, tolerance_s=0.0)[0] is None
    assert tf.now_s == pytest.approx(0.1, abs=0.006)


def test_nothing_is_waited_for_while_tf_is_lost(tf):
    assert tf.look_up(100.0, wait_s=0.1)[0] is None
    waited = tf.slept
    assert tf.look_up(100.1, wait_s=0.1)[0] is None
    assert waited > 0 and tf.slept == waited
    tf.tell(100.2)
    assert tf.look_up(100.2, wait_s=0.1)[0] is not None
    tf.later = [(tf.now_s + 0.05, 100.3)]
    assert_is(tf.look_up(100.3, wait_s=0.1, tolerance_s=0.0)[0], 100.3)     # it is back


def test_tf_that_is_late_is_waited_for_again_as_soon_as_it_is_back(tf):
    """0.15 s behind every image, and out for two seconds in between."""
    tf.tell(*np.arange(100.0, 100.26, 0.05))
    assert tf.look_up(100.3, wait_s=0.0, tolerance_s=0.0)[0] is None
    tf.later = [(tf.now_s + 0.15, 100.4)]
    assert_is(tf.look_up(100.4, wait_s=0.5, tolerance_s=0.0)[0], 100.4)
    assert tf.look_up(102.4, wait_s=0.5, tolerance_s=0.0)[0] is None     # nobody has told anything since
    waited = tf.slept
    assert tf.look_up(102.5, wait_s=0.5, tolerance_s=0.0)[0] is None
    assert tf.slept == waited, 'two seconds behind, waiting is in vain'
    tf.tell(102.5)
    tf.later = [(tf.now_s + 0.15, 102.65)]
    assert_is(tf.look_up(102.65, wait_s=0.5, tolerance_s=0.0)[0], 102.65)


def test_tf_is_forgotten_when_time_jumps(tf):
    tf.tell(100.0)
    tf.poses.clear()
    assert tf.look_up(100.0)[0] is None
