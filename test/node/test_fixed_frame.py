"""The node on a moving robot: real tf over real DDS."""
from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from rclpy.qos import ReliabilityPolicy
from scipy.spatial.transform import Rotation
from tf2_msgs.msg import TFMessage
from tf2_ros import StaticTransformBroadcaster

_clock = itertools.count(1000)
# The camera looks along the robot's x axis.
_OPTICAL = Rotation.from_matrix([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])


def transform(stamp_s: float, position, yaw_rad: float) -> TransformStamped:
    """odom -> camera_optical of a robot on the floor."""
    message = TransformStamped(child_frame_id='camera_optical')
    message.header.frame_id = 'odom'
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(round(stamp_s * 1e9), 1_000_000_000)
    shift, turn = message.transform.translation, message.transform.rotation
    shift.x, shift.y, shift.z = (float(v) for v in position)
    turn.x, turn.y, turn.z, turn.w = (Rotation.from_euler('z', yaw_rad) * _OPTICAL).as_quat()
    return message


@pytest.fixture(scope='module')
def rig(module_rig):
    rig = module_rig({'detector.kind': 'given', 'fixed_frame': 'odom'})
    rig.wait_state('active')
    return rig


class Robot:
    """Sends the film's first frame, with tf at its stamp."""

    def __init__(self, rig, messages, footage):
        self.rig, self.messages, self.footage = rig, messages, footage

    def show(self, stamp_s: float, tf: TransformStamped | None, pixels=None, boxes=None):
        """One image, the film's first frame by default, and tf at its stamp; the people that come back."""
        if tf is not None:
            publisher = self.rig.publisher(TFMessage, '/tf', ReliabilityPolicy.RELIABLE)
            self.rig.until(lambda: publisher.get_subscription_count() >= 2)   # the node's and the probe's own
            publisher.publish(TFMessage(transforms=[tf]))
        footage = self.footage
        return self.rig.next_people(
            self.messages.image(footage.frames[0] if pixels is None else pixels, stamp_s),
            self.messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
            self.messages.detections(footage.boxes if boxes is None else boxes, stamp_s))


def as_seen(footage, box, depth_m: float, forward_m: float, yaw_rad: float):
    """The film's first frame and a box in it, seen by a camera that has moved on and turned, for a person at a depth.

    The picture is taken for a wall at that depth, and a camera that moves sees a wall through a homography.
    """
    matrix = np.array([[footage.focal_px, 0, (footage.width - 1) / 2], [0, footage.focal_px, (footage.height - 1) / 2],
                       [0, 0, 1]])
    turn = Rotation.from_euler('y', yaw_rad).as_matrix()      # of points, when the camera turns left by yaw
    homography = matrix @ turn @ (np.eye(3) - np.outer([0, 0, forward_m], [0, 0, 1 / depth_m])) @ np.linalg.inv(matrix)
    pixels = cv2.warpPerspective(footage.frames[0], homography, (footage.width, footage.height),
                                 borderMode=cv2.BORDER_REPLICATE)
    corners = np.array([[box[i], box[j]] for i in (0, 2) for j in (1, 3)])[None]
    moved = cv2.perspectiveTransform(corners, homography)[0]
    return pixels, [*moved.min(axis=0), *moved.max(axis=0)]


@pytest.fixture
def robot(rig, messages, footage):
    rig.reset()
    return Robot(rig, messages, footage)


def velocities(people) -> np.ndarray:
    return np.array([[p.velocity.twist.linear.x, p.velocity.twist.linear.y, p.velocity.twist.linear.z]
                     for p in people.persons])


def test_somebody_who_stands_while_the_robot_drives_and_turns(robot, footage):
    """1.2 m/s backwards, and up to 70 degrees per second to the left and right."""
    begin_s = float(next(_clock)) * 10
    box = max(footage.boxes, key=lambda b: b[3] - b[1])
    first, = robot.show(begin_s, transform(begin_s, (0, 0, 0), 0.0), boxes=[box]).persons
    depth_m, speeds, places, sweep_rad = first.root.pose.position.z, [], [], 0.15
    for k in range(1, 25):
        t = k / 15
        yaw = sweep_rad * (1 - np.cos(np.radians(70) / sweep_rad * t))
        pixels, moved = as_seen(footage, box, depth_m, -1.2 * t, yaw)
        person, = robot.show(begin_s + t, transform(begin_s + t, (-1.2 * t, 0, 0), yaw), pixels, [moved]).persons
        assert person.id == first.id and person.tracking_state < 2 and person.velocity_frame == 'odom'
        place = person.root.pose.position
        places.append([place.x, place.y, place.z])
        speeds.append(np.linalg.norm([person.velocity.twist.linear.x, person.velocity.twist.linear.y]))
    relative = np.linalg.norm(np.diff(places, axis=0), axis=1) * 15
    assert np.median(relative) > 1.2            # what the camera sees
    assert np.median(speeds) < 0.05 and np.max(speeds) < 0.3


def test_people_who_keep_their_place_in_the_image_move_with_the_robot(robot, rig):
    """The same image again and again while the robot drives at 1 m/s: everybody walks along with it."""
    begin_s = float(next(_clock)) * 10
    for k in range(45):
        people = robot.show(begin_s + k / 15, transform(begin_s + k / 15, (k / 15, 0.0, 0.0), 0.0))
    assert {p.velocity_frame for p in people.persons} == {'odom'}
    assert {p.tracking_state for p in people.persons} == {1}
    np.testing.assert_allclose(velocities(people), [[1.0, 0.0, 0.0]] * 2, atol=0.25)
    assert people.header.frame_id == 'camera_optical'
    later = itertools.count(45)
    assert rig.stream_until('in view', lambda: robot.show(begin_s + (k := next(later)) / 15, transform(
        begin_s + k / 15, (k / 15, 0.0, 0.0), 0.0))).level == b'\x00'
    assert rig.values()['tracked in'] == 'odom'


def test_losing_and_regaining_tf_keeps_ids_and_is_told(robot, rig):
    begin_s = float(next(_clock)) * 10
    for k in range(8):
        known = robot.show(begin_s + k / 15, transform(begin_s + k / 15, (k / 15, 0.0, 0.0), 0.0))
    ids = [p.id for p in known.persons]
    stamps = itertools.count(8)
    lost = []
    status = rig.stream_until('relative to the camera', timeout_s=15.0,
                              send=lambda: lost.append(robot.show(begin_s + next(stamps) / 15, None)))
    assert status.level == b'\x01' and 'behind the image' in status.message
    assert {p.velocity_frame for p in lost[0].persons} == {'odom'}              # carried on for a moment
    assert {p.velocity_frame for p in lost[-1].persons} == {'camera_optical'}
    assert [p.id for p in lost[-1].persons] == ids
    for _ in range(5):
        k = next(stamps)
        again = robot.show(begin_s + k / 15, transform(begin_s + k / 15, (k / 15, 0.0, 0.0), 0.0))
    assert [p.id for p in again.persons] == ids and {p.velocity_frame for p in again.persons} == {'odom'}


def test_a_static_mount_survives_a_jump_of_stamps_back(module_rig, messages, footage):
    """It is sent only once, so what clears the buffer must not take it away."""
    rig = module_rig({'detector.kind': 'given', 'fixed_frame': 'odom'})
    rig.wait_state('active')
    robot, mount = Robot(rig, messages, footage), transform(0.0, (0.2, 0.0, 1.0), 0.0)
    mount.header.frame_id = 'base'
    StaticTransformBroadcaster(rig.probe).sendTransform(mount)
    for begin_s in (5000.0, 1000.0):
        stamps_s = itertools.count(begin_s)

        def show(stamps_s=stamps_s):
            stamp_s = next(stamps_s)
            moving = transform(stamp_s, (0.0, 0.0, 0.0), 0.0)
            moving.child_frame_id = 'base'
            return robot.show(stamp_s, moving)
        rig.until(lambda: {person.velocity_frame for person in show().persons} == {'odom'})


def test_a_frame_nobody_publishes_is_named(module_rig, messages, footage):
    rig = module_rig({'detector.kind': 'given', 'fixed_frame': 'nowhere'})
    rig.wait_state('active')
    robot = Robot(rig, messages, footage)
    stamps = itertools.count(5)
    status = rig.stream_until('velocities', lambda: robot.show(float(next(stamps)), None), timeout_s=15.0)
    assert 'nowhere' in status.message
    assert rig.values()['tracked in'] == "the camera's frame"


def test_prediction_moves_people_on_and_says_when_it_cannot(robot, rig):
    """The robot drives on at 1 m/s and the people with it, since the stamp, 0.3 s before the image was sent."""
    begin_s = float(next(_clock)) * 10

    def drive():
        now_s = rig.node.get_clock().now().nanoseconds * 1e-9 - 0.3
        people = robot.show(now_s, transform(now_s, (now_s % 1000, 0.0, 0.0), 0.0))
        rig.until(lambda: rig.timings[-1].header == people.header)
        return people, rig.timings[-1]
    assert rig.set_parameter('predict_to_now', True)[0]
    try:
        stamps_s = (begin_s + k / 15 for k in itertools.count())
        status = rig.stream_until('predict_to_now', timeout_s=15.0, send=lambda: robot.show(
            stamp_s := next(stamps_s), transform(stamp_s, (0, 0, 0), 0.0)))
        assert 'do not agree' in status.message
        images = [drive() for _ in range(25)]
    finally:
        rig.set_parameter('predict_to_now', False)
    ahead, timing = next(image for image in reversed(images) if image[1].latency < 0.9)   # beyond 1 s: not predicted
    behind, _ = drive()
    publish_s = timing.stage_seconds[timing.stage_names.index('publish')]    # predicted at its very beginning
    for a, b in zip(ahead.persons, behind.persons, strict=True):
        speed, way = a.velocity.twist.linear.x, a.root.pose.position.z - b.root.pose.position.z
        assert speed > 0.5
        assert speed * (timing.latency - publish_s) - 0.1 < way < speed * timing.latency + 0.02
