"""What comes out of the node for real images, over real DDS."""
from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from rclpy.qos import ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from visualization_msgs.msg import Marker

from hdnet_ros import msg
from hdnet_ros.camera import Camera
from hdnet_ros.perception.pipeline import Pipeline, PipelineConfig

_clock = itertools.count(1000)


@pytest.fixture(scope='module')
def rig(module_rig):
    """The node as it comes, with its own detector."""
    rig = module_rig()
    rig.wait_state('active')
    return rig


@pytest.fixture
def send(rig, messages, footage):
    """Sends a frame of the film and returns the people that come back; by default a second later than the last."""
    def send(frame: int = 0, stamp_s: float | None = None, rig=rig):
        stamp_s = float(next(_clock)) if stamp_s is None else stamp_s
        return rig.next_people(messages.image(footage.frames[frame], stamp_s),
                               messages.info(footage.width, footage.height, footage.focal_px, stamp_s))
    return send


def test_the_people_are_those_of_the_pipeline(rig, send, footage):
    """The node adds nothing to and takes nothing from what the pipeline finds without ROS."""
    pipeline = Pipeline.from_config(PipelineConfig())
    camera = Camera.pinhole(footage.width, footage.height, footage.focal_px)
    rig.reset()
    for frame in range(4):
        stamp_s = 200 + frame / 30
        people = send(frame, stamp_s)
        expected = pipeline.process(footage.frames[frame], camera, stamp_s)
        assert len(people.persons) == len(expected.people) == 2
        for person, wanted in zip(people.persons, expected.people, strict=True):
            position = person.root.pose.position
            assert (position.x, position.y, position.z) == pytest.approx(wanted.root.tolist(), abs=1e-4)
            assert person.tracking_state == wanted.state
    assert (people.depth_min, people.depth_max) == pytest.approx(expected.depth_range)
    pipeline.close()


def test_header_is_the_stamp_of_the_image_and_the_frame_of_the_camera(rig, send, messages, footage):
    image = messages.image(footage.frames[0], 321.125, 'some_other_frame')
    info = messages.info(footage.width, footage.height, footage.focal_px, 321.125, 'front_optical')
    people = rig.next_people(image, info)
    assert (people.header.stamp.sec, people.header.stamp.nanosec) == (321, 125_000_000)
    assert people.header.frame_id == 'front_optical'
    assert {person.velocity_frame for person in people.persons} == {'front_optical'}
    rig.until(lambda: rig.timings[-1].header == people.header)


def test_keypoints_have_a_fixed_length_and_order(send):
    people = send()
    assert people.skeleton == 'human36m_17' and people.skeleton_source == 'blazepose'
    assert len(people.keypoint_names) == 17 and people.keypoint_names[0] == 'hip'
    for person in people.persons:
        assert re.fullmatch('[a-z][a-z0-9]{4}', person.id)
        assert len(person.keypoints) == 17
        assert 0 <= person.keypoints[0].confidence <= 1
        assert person.roi.width > 50 and person.roi.height > 100


def test_transforms(rig, send):
    rig.reset()
    rig.transforms.clear()
    for frame in range(4):
        people = send(frame, 400 + frame / 10)
    confirmed = {f'body_{person.id}': person for person in people.persons}
    rig.until(lambda: sum(t.header.stamp == people.header.stamp for t in rig.transforms) == 2)
    assert {transform.child_frame_id for transform in rig.transforms} == set(confirmed)
    last = rig.transforms[-1]
    position = confirmed[last.child_frame_id].root.pose.position
    assert last.header == people.header
    assert last.transform.translation.z == pytest.approx(position.z)
    assert last.transform.rotation == confirmed[last.child_frame_id].root.pose.orientation


def test_transforms_of_joints_and_none_at_all(rig, send):
    for frame in range(3):
        send(frame, 500 + frame / 10)
    assert rig.set_parameter('publish_joint_tf', True) == (True, '')
    people = send(3, 500.3)
    rig.until(lambda: any(t.child_frame_id == f'left_wrist_{people.persons[0].id}' for t in rig.transforms))
    assert rig.set_parameter('publish_joint_tf', False) == (True, '')
    assert rig.set_parameter('publish_tf', False) == (True, '')
    rig.transforms.clear()
    send(4, 500.4)
    rig.spin(0.2)
    assert rig.transforms == []
    assert rig.set_parameter('publish_tf', True) == (True, '')


def test_timing(rig, send):
    send()
    rig.until(lambda: rig.timings[-1].header == rig.people[-1].header)
    timing = rig.timings[-1]
    assert list(timing.stage_names) == ['decode', 'detect', 'lift', 'root', 'track', 'publish']
    assert all(0 < seconds < 10 for seconds in timing.stage_seconds)
    assert np.isnan(timing.latency)   # stamped 1970
    assert timing.images_processed <= timing.images_received
    now_s = rig.probe.get_clock().now().nanoseconds * 1e-9
    send(0, now_s)
    rig.until(lambda: rig.timings[-1].header == rig.people[-1].header)
    assert 0 < rig.timings[-1].latency < 10
    rig.reset()


def test_late_subscribers_get_markers_and_a_debug_image(rig, send, footage):
    """Both are built only while somebody listens, also if that begins in mid-stream."""
    send(0, 600.0)
    assert not rig.markers and not rig.debug_images
    subscriptions = [rig.watch('markers'), rig.watch('debug_image')]
    rig.until(lambda: rig.probe.count_publishers('/hdnet/markers') > 0)
    stamps = itertools.count(6001)
    rig.until(lambda: bool(send(1, next(stamps) / 10) and rig.markers and rig.debug_images))
    people = rig.people[-1]
    rig.until(lambda: rig.markers[-1].markers[0].header == people.header)
    ids = {int(person.id, 36) for person in people.persons}
    assert {marker.id for marker in rig.markers[-1].markers} == ids
    rig.until(lambda: rig.debug_images[-1].header == people.header)
    image = rig.debug_images[-1]
    assert (image.width, image.height, image.encoding) == (footage.width, footage.height, 'bgr8')
    drawn = np.frombuffer(image.data, np.uint8).reshape(footage.frames[1].shape)
    changed = (drawn != footage.frames[1]).any(axis=2).mean()
    assert 0.005 < changed < 0.5
    rig.reset()
    rig.until(lambda: bool(send(2, next(stamps) / 10)) and any(
        marker.action == Marker.DELETE and marker.id in ids for marker in rig.markers[-1].markers))
    for subscription in subscriptions:
        rig.probe.destroy_subscription(subscription)


def test_a_stream_that_is_too_fast_loses_the_oldest_images(rig, messages, footage):
    """The mailbox: of a burst the first and the newest are processed, and every image is accounted for."""
    rig.reset()
    before = rig.timings[-1] if rig.timings else msg.Timing()
    for frame in range(8):
        stamp_s = 700 + frame / 30
        rig.send(messages.image(footage.frames[frame], stamp_s),
                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s))
    rig.until(lambda: rig.people and rig.people[-1].header.stamp.nanosec == round(7 / 30 * 1e9))
    rig.until(lambda: rig.timings and rig.timings[-1].header == rig.people[-1].header)
    timing = rig.timings[-1]
    assert timing.images_dropped > before.images_dropped
    assert timing.images_received == timing.images_processed + timing.images_dropped + timing.images_failed
    assert timing.images_received - before.images_received <= 8


def test_a_remapped_image_and_its_sibling_camera_info(make_rig, messages, footage):
    rig = make_rig({'detector.kind': 'given'}, remap={'image': '/front/camera/image_raw', 'detections': '/yolo'})
    rig.wait_state('active')
    people = rig.next_people(
        messages.image(footage.frames[0], 1.0), messages.info(footage.width, footage.height, footage.focal_px, 1.0),
        messages.detections(footage.boxes, 1.0), to=('/front/camera/image_raw', '/front/camera/camera_info', '/yolo'))
    assert len(people.persons) == 2


def test_qos_of_a_remapped_topic_is_set_by_its_remapped_name(make_rig):
    reliable = {f'qos_overrides.{topic}.subscription.reliability': 'reliable' for topic in ('/image', '/cam/image_raw')}
    rig = make_rig({'detector.kind': 'given', 'root.kind': 'geometric', **reliable}, remap={'image': '/cam/image_raw'})
    rig.wait_state('active')
    rig.until(lambda: rig.probe.count_subscribers('/cam/image_raw') == 1)
    asked, = rig.probe.get_subscriptions_info_by_topic('/cam/image_raw')
    assert asked.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    assert not rig.node.has_parameter('qos_overrides./image.subscription.reliability')


def test_compressed_images_with_exact_synchronisation(make_rig, messages, footage):
    rig = make_rig({'detector.kind': 'given', 'image_transport': 'compressed', 'sync.slop_s': 0.0,
                    'camera_frame': 'mast_optical'}, remap={'image': '/cam/image_raw', 'camera_info': '/calibration'})
    rig.wait_state('active')
    topics = ('/cam/image_raw/compressed', '/calibration', '/detections')
    info, detections = (messages.info(footage.width, footage.height, footage.focal_px, 1.0),
                        messages.detections(footage.boxes, 1.0))
    people = rig.next_people(messages.compressed(footage.frames[0], 1.0), info, detections, to=topics)
    assert len(people.persons) == 2 and people.header.frame_id == 'mast_optical'
    cut = messages.compressed(footage.frames[0], 2.0)
    cut.data = cut.data[:len(cut.data) // 2]

    def send_cut():
        for message in (info, detections, cut):
            messages.stamp(message, float(next(_clock)))
        for message in (info, detections):
            message.header.stamp = cut.header.stamp
        rig.send(cut, info, detections, to=topics)
    rig.stream_until('JPEG is truncated', send_cut)
    good = messages.compressed(footage.frames[0], float(next(_clock)))
    info.header.stamp = detections.header.stamp = good.header.stamp
    assert len(rig.next_people(good, info, detections, to=topics).persons) == 2


def test_simulated_time(make_rig, messages, footage):
    """Without a clock the node still starts and speaks; latency is counted on the simulated clock."""
    rig = make_rig({'detector.kind': 'given', 'use_sim_time': True})
    rig.wait_state('active')
    assert rig.wait_message('nobody publishes')
    clock = rig.probe.create_publisher(Clock, '/clock', 1)
    rig.until(lambda: clock.get_subscription_count() > 0)
    message = Clock()
    message.clock.sec = 100

    def ticked():
        clock.publish(message)
        rig.spin(0.05)
        return rig.node.get_clock().now().nanoseconds == 100_000_000_000
    rig.until(ticked)
    rig.next_people(messages.image(footage.frames[0], 99.5),
                    messages.info(footage.width, footage.height, footage.focal_px, 99.5),
                    messages.detections(footage.boxes, 99.5))
    rig.until(lambda: bool(rig.timings))
    assert rig.timings[-1].latency == pytest.approx(0.5)


def test_images_of_several_kinds_give_the_same_people(rig, send, messages, footage):
    rig.reset()
    expected = sorted(person.root.pose.position.z for person in send(0, 800.0).persons)
    for index, (encoding, pixels) in enumerate({
            'rgb8': footage.frames[0][..., ::-1], 'mono8': footage.frames[0].mean(axis=2),
            'bgra8': np.dstack([footage.frames[0], footage.frames[0][..., 0]])}.items()):
        rig.reset()
        stamp_s = 801.0 + index
        data = np.ascontiguousarray(pixels.astype(np.uint8))
        image = Image(width=footage.width, height=footage.height, encoding=encoding, step=data.nbytes // footage.height,
                      data=data.tobytes())
        messages.stamp(image, stamp_s)
        people = rig.next_people(image, messages.info(footage.width, footage.height, footage.focal_px, stamp_s))
        depths = sorted(person.root.pose.position.z for person in people.persons)
        if encoding == 'mono8':   # poorer than colour: somebody in the background may appear
            assert depths[:2] == pytest.approx(expected, rel=0.08)
        else:
            assert depths == pytest.approx(expected, rel=1e-6)
