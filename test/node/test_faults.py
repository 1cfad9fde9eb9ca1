"""Bad input over real DDS: each time a reason that a user can act on, no crash, and the next good image is used."""
from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from rclpy.context import Context
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

_clock = itertools.count(1000)


@pytest.fixture
def good(rig, messages, footage):
    """Sends a good image with its partners, at ever later stamps, and returns the people that come back."""
    def send(frame: int = 0, **options):
        stamp_s = float(next(_clock))
        return rig.next_people(messages.image(footage.frames[frame], stamp_s),
                               messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                               messages.detections(footage.boxes, stamp_s), **options)
    return send


@pytest.fixture
def bad(rig, messages, footage):
    """Sends images that cannot be used until the diagnostics give the reason, which must have this part."""
    def send(image=None, info=None, part: str = ''):
        people, begin = len(rig.people), time.monotonic()
        image = image or messages.image(footage.frames[0], 0.0)
        info = info or messages.info(footage.width, footage.height, footage.focal_px, 0.0)

        def send_again():
            stamp_s = float(next(_clock))
            for message in (image, info):
                messages.stamp(message, stamp_s)
            rig.send(image, info, messages.detections(footage.boxes, stamp_s))
        status = rig.stream_until(part, send_again)
        assert time.monotonic() - begin < 2.2
        assert status.level == DiagnosticStatus.ERROR
        assert int(rig.values()['images failed']) > 0
        assert len(rig.people) == people
    return send


def test_nobody_publishes(rig):
    rig.stop_publishing()
    assert 'nobody publishes /image' in rig.wait_message('no image').message


def test_no_camera_info(rig, messages, footage, good):
    good(), good()   # a stream, as far as the node can tell
    rig.probe.destroy_publisher(rig._publishers.pop('/camera_info'))
    begin = time.monotonic()
    rig.stream_until('no camera_info: nobody publishes /camera_info',
                     lambda: rig.send(messages.image(footage.frames[0], float(next(_clock)))))
    assert time.monotonic() - begin < 2.2
    assert good().persons


def test_stamps_that_never_match_are_told_within_two_seconds(rig, messages, footage, good):
    good(), good()
    begin = time.monotonic()

    def send():
        stamp_s = float(next(_clock))
        rig.send(messages.image(footage.frames[0], stamp_s),
                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s + 0.04),
                 messages.detections(footage.boxes, stamp_s))
    status = rig.stream_until('the stamps of image and camera_info differ by 0.04 s', send)
    assert time.monotonic() - begin < 2.2
    assert status.level == DiagnosticStatus.ERROR
    assert good().persons
    assert rig.stream_until('2 people in view', good).level == DiagnosticStatus.OK


def test_images_without_a_stamp_are_refused_within_two_seconds(rig, messages, footage, good):
    """Else people would stay for ever where they were seen last: no time would ever pass."""
    good(), good()
    people, begin = len(rig.people), time.monotonic()
    status = rig.stream_until('messages on /image cannot be used: the images carry no time stamp (0)', lambda: rig.send(
        messages.image(footage.frames[0], 0.0), messages.info(footage.width, footage.height, footage.focal_px, 0.0),
        messages.detections(footage.boxes, 0.0)))
    assert time.monotonic() - begin < 2.2
    assert status.level == DiagnosticStatus.ERROR
    assert len(rig.people) == people
    assert len(good().persons) == 2
    assert rig.stream_until('2 people in view', good).level == DiagnosticStatus.OK


def test_a_simulation_that_begins_at_zero(rig, messages, footage):
    """Its first image is lost, not the second."""
    first, second = ((messages.image(footage.frames[0], stamp_s),
                      messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                      messages.detections(footage.boxes, stamp_s)) for stamp_s in (0.0, 0.05))
    rig.send(*first)
    people = rig.next_people(*second)
    assert len(people.persons) == 2 and people.header.stamp == second[0].header.stamp


def test_stamps_that_stand_still_are_told_within_two_seconds(rig, messages, footage, good):
    good(), good()
    stamp_s, begin = float(next(_clock)), time.monotonic()
    status = rig.stream_until('the stamps of the images do not advance', lambda: rig.next_people(
        messages.image(footage.frames[0], stamp_s),
        messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
        messages.detections(footage.boxes, stamp_s)))
    assert time.monotonic() - begin < 2.2
    assert status.level == DiagnosticStatus.WARN
    assert rig.stream_until('2 people in view', good).level == DiagnosticStatus.OK


def test_uncalibrated(rig, messages, footage, good, bad):
    info = messages.info(footage.width, footage.height, 0.0, 0.0)
    bad(info=info, part='uncalibrated')
    assert len(good().persons) == 2


@pytest.mark.parametrize(('focal_px', 'reason'), [(float('nan'), 'NaN'), (-500.0, 'positive')])
def test_nonsensical_focal_length(messages, footage, good, bad, focal_px, reason):
    bad(info=messages.info(footage.width, footage.height, focal_px, 0.0), part=reason)
    assert good().persons


def test_camera_info_of_another_size(messages, footage, good, bad):
    bad(info=messages.info(640, 480, 600.0, 0.0), part='640 x 480')
    assert good().persons


def test_unknown_distortion_model(messages, footage, good, bad):
    info = messages.info(footage.width, footage.height, footage.focal_px, 0.0)
    info.distortion_model, info.d = 'omnidirectional', [0.1, 0.2]
    bad(info=info, part="unknown distortion_model 'omnidirectional'")
    assert good().persons


def test_unknown_encoding(messages, footage, good, bad):
    image = messages.image(footage.frames[0], 0.0)
    image.encoding = 'rgb9'
    bad(image=image, part="unknown encoding 'rgb9'")
    assert good().persons


def test_depth_image_by_mistake(messages, footage, good, bad):
    image = Image(width=footage.width, height=footage.height, encoding='16UC1', step=2 * footage.width,
                  data=bytes(2 * footage.width * footage.height))
    bad(image=image, part='depth image')
    assert good().persons


def test_truncated_image(messages, footage, good, bad):
    image = messages.image(footage.frames[0], 0.0)
    image.data = image.data[:-1]
    bad(image=image, part='truncated')
    assert good().persons


def test_zero_size_image(messages, good, bad):
    bad(image=Image(encoding='bgr8'), part='empty (0x0)')
    assert good().persons


def test_step_smaller_than_a_row(messages, footage, good, bad):
    image = messages.image(footage.frames[0], 0.0)
    image.step = 7
    bad(image=image, part='step 7')
    assert good().persons


def test_padded_rows_give_the_same_people(rig, messages, footage, good):
    rig.reset()
    expected = _depths(good())
    rig.reset()
    pixels = footage.frames[0]
    padded = np.full((footage.height, footage.width * 3 + 13), 255, np.uint8)
    padded[:, :footage.width * 3] = pixels.reshape(footage.height, -1)
    stamp_s = float(next(_clock))
    image = messages.image(pixels, stamp_s)
    image.step, image.data = padded.shape[1], padded.tobytes()
    people = rig.next_people(image, messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                             messages.detections(footage.boxes, stamp_s))
    assert _depths(people) == pytest.approx(expected, rel=1e-3)


def test_nobody_in_view_publishes_an_empty_list(rig, messages, footage):
    rig.reset()
    empty = np.full((footage.height, footage.width, 3), 90, np.uint8)

    def send():
        stamp_s = float(next(_clock))
        people = rig.next_people(messages.image(empty, stamp_s),
                                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                                 messages.detections([], stamp_s))
        assert people.persons == []
        assert people.header.frame_id == 'camera_optical' and people.header.stamp.sec == stamp_s
    assert rig.stream_until('0 people in view', send).level == DiagnosticStatus.OK


def test_twenty_people(rig, messages, footage):
    """Crowds of the two people of the film, cut out and put side by side."""
    rig.reset()
    x_min, y_min, x_max, y_max = (int(v) for v in max(footage.boxes, key=lambda b: np.prod(b[2:] - b[:2])))
    figure = footage.frames[0][max(0, y_min - 10):y_max + 10, max(0, x_min - 10):x_max + 10]
    height, width = figure.shape[:2]
    crowd = np.tile(figure, (2, 10, 1))
    boxes = [(column * width + 10, row * height + 10, (column + 1) * width - 10, (row + 1) * height - 10)
             for row in range(2) for column in range(10)]
    for _ in range(3):
        stamp_s = float(next(_clock))
        people = rig.next_people(messages.image(crowd, stamp_s),
                                 messages.info(10 * width, 2 * height, footage.focal_px, stamp_s),
                                 messages.detections(boxes, stamp_s), timeout_s=40.0)
        assert len({person.id for person in people.persons}) == len(people.persons) == 20


def test_camera_info_that_changes_in_mid_stream(rig, messages, footage, good):
    """Half the resolution with half the intrinsics: the same metres."""
    rig.reset()
    before = _depths(good())
    stamp_s = float(next(_clock))
    rig.reset()
    half = np.ascontiguousarray(footage.frames[0][::2, ::2])
    people = rig.next_people(messages.image(half, stamp_s),
                             messages.info(footage.width // 2, footage.height // 2, footage.focal_px / 2, stamp_s),
                             messages.detections([box / 2 for box in footage.boxes], stamp_s))
    assert _depths(people) == pytest.approx(before, rel=0.06)
    rig.reset()
    stamp_s = float(next(_clock))
    people = rig.next_people(messages.image(footage.frames[0], stamp_s),
                             messages.info(footage.width, footage.height, 2 * footage.focal_px, stamp_s),
                             messages.detections(footage.boxes, stamp_s))
    assert _depths(people) == pytest.approx(2 * np.array(before), rel=0.05)


def test_another_camera_forgets_the_people(rig, messages, footage, good):
    before = {person.id for person in good().persons}
    assert {person.id for person in good(1).persons} == before
    stamp_s = float(next(_clock))
    people = rig.next_people(messages.image(footage.frames[1], stamp_s, 'other_optical'),
                             messages.info(footage.width, footage.height, footage.focal_px, stamp_s, 'other_optical'),
                             messages.detections(footage.boxes, stamp_s))
    assert people.header.frame_id == 'other_optical'
    assert not before & {person.id for person in people.persons}


def test_empty_frame_id_is_told(rig, messages, footage, good):
    def send():
        stamp_s = float(next(_clock))
        people = rig.next_people(messages.image(footage.frames[0], stamp_s, ''),
                                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s, ''),
                                 messages.detections(footage.boxes, stamp_s))
        assert len(people.persons) == 2 and people.header.frame_id == ''
    status = rig.stream_until('camera_frame', send)
    assert status.level == DiagnosticStatus.WARN and 'no frame_id' in status.message
    assert good().persons


def test_time_that_jumps_back(rig, messages, footage, good):
    """A bag that loops: the second pass is processed as the first one was, with new ids."""
    passes = []
    for _ in range(2):
        ids = set()
        for frame in range(3):
            stamp_s = 50.0 + frame / 5
            people = rig.next_people(messages.image(footage.frames[frame], stamp_s),
                                     messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                                     messages.detections(footage.boxes, stamp_s))
            assert people.header.stamp.sec == 50 and len(people.persons) == 2
            ids |= {person.id for person in people.persons}
        passes.append(ids)
    assert len(passes[0]) == len(passes[1]) == 2
    assert not passes[0] & passes[1]


def test_what_counts_as_late_may_change_at_any_time(rig, messages, footage):
    """A camera whose stamps jitter by half a second, once with that allowed and once as the node comes."""
    def ids(stamp_s: float) -> set[str]:
        people = rig.next_people(messages.image(footage.frames[0], stamp_s),
                                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                                 messages.detections(footage.boxes, stamp_s))
        return {person.id for person in people.persons}
    assert rig.set_parameter('tracker.late_s', 1.0) == (True, '')
    stamp_s = float(next(_clock))
    before = ids(stamp_s)
    assert len(before) == 2
    assert ids(stamp_s - 0.5) == ids(stamp_s + 0.1) == before
    assert rig.set_parameter('tracker.late_s', 0.1) == (True, '')
    assert ids(stamp_s + 0.05) == before
    assert not ids(stamp_s - 0.5) & before


def test_publisher_of_another_type(rig, good):
    """Raw and compressed mixed up is the commonest reason for silence."""
    good(), good()
    rig.probe.destroy_publisher(rig._publishers.pop('/image'))
    context = Context()   # DDS allows one type per topic in each process's participant
    rclpy.init(context=context, domain_id=rig.domain)
    node = rclpy.create_node('other', context=context)
    node.create_publisher(CameraInfo, '/image', 1)
    try:
        status = rig.wait_message('nothing can be received on /image', 4.0)
        assert 'sensor_msgs/msg/CameraInfo' in status.message and status.level == DiagnosticStatus.ERROR
    finally:
        node.destroy_node()
        context.try_shutdown()
    assert good().persons


def test_only_compressed_images_are_there(rig):
    rig.stop_publishing()
    rig.publisher(CompressedImage, '/image/compressed')
    status = rig.wait_message('set image_transport to compressed', 4.0)
    assert 'nobody publishes /image, but /image/compressed is there' in status.message
    rig.stop_publishing()


def test_incompatible_qos(make_rig, messages, footage):
    """Somebody overrides the QoS to reliable, and the camera is best effort."""
    rig = make_rig({'detector.kind': 'given', 'qos_overrides./image.subscription.reliability': 'reliable'})
    rig.wait_state('active')
    rig.publisher(Image, '/image')
    status = rig.wait_message('QoS', 4.0)
    assert status.level == DiagnosticStatus.ERROR
    assert '/probe' in status.message and '/image' in status.message
    rig.stop_publishing()
    rig.publisher(Image, '/image', ReliabilityPolicy.RELIABLE)
    assert rig.next_people(messages.image(footage.frames[0], 1.0), messages.info(
        footage.width, footage.height, footage.focal_px, 1.0), messages.detections(footage.boxes, 1.0)).persons


def _depths(people) -> list[float]:
    return sorted(person.root.pose.position.z for person in people.persons)
