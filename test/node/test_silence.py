"""Every kind of silence tells its reason on /diagnostics, over real DDS, in the words of docs/reliability.md."""
from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import Transition
from rclpy.context import Context
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

DOCUMENT = Path(__file__).resolve().parents[2] / 'docs' / 'reliability.md'
WARN, ERROR = DiagnosticStatus.WARN, DiagnosticStatus.ERROR
_clock = itertools.count(5000)


def _masked(text: str) -> str:
    """Without numbers and folders, which differ from run to run."""
    return re.sub(r'\d+(\.\d+)?', '#', re.sub(r'(?<=[ (:])/[^ ]*/(?=[^ ]*\.\w)', '.../', text))


@pytest.fixture(scope='module')
def documented() -> set[str]:
    """The masked messages of the table in the document."""
    rows = re.findall(r'^\| [^|]+ \| (`+) ?(.+?) ?\1 \|$', DOCUMENT.read_text(encoding='utf-8'), re.MULTILINE)
    assert len(rows) >= 10
    return {_masked(row) for _, row in rows}


@pytest.fixture
def told(rig, documented):
    """Waits for a message with that part, sending meanwhile; checks its level and that the document has it."""
    def check(part: str, level: bytes, send=lambda: None, rig=rig, timeout_s: float = 10.0):
        status = rig.stream_until(part, send, timeout_s)
        print(f'| | `{status.message}` |')
        assert status.level == level
        assert _masked(status.message) in documented
        return status
    return check


@pytest.fixture
def send(rig, messages, footage):
    """Sends a good set of messages; keywords change it: image, info, detections (None: not sent), info_late_s."""
    def send(rig=rig, info_late_s: float = 0.0, **changed) -> None:
        stamp_s = float(next(_clock))
        parts = {'image': messages.image(footage.frames[0], stamp_s),
                 'info': messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                 'detections': messages.detections(footage.boxes, stamp_s), **changed}
        for name, message in parts.items():
            if message is not None:
                messages.stamp(message, stamp_s + (info_late_s if name == 'info' else 0.0))
        topics = {'image': '/image', 'info': '/camera_info', 'detections': '/detections'}
        sent = {topics[name]: message for name, message in parts.items() if message is not None}
        rig.send(*sent.values(), to=tuple(sent))
    return send


@pytest.fixture(autouse=True)
def _nobody_publishes(rig):
    yield
    rig.stop_publishing()


def test_no_publisher(told):
    told('nobody publishes /image', WARN)


def test_images_of_the_other_transport_only(rig, told):
    rig.publisher(CompressedImage, '/image/compressed')
    told('set image_transport to compressed', WARN)


def test_no_camera_info(rig, told, send):
    told('no camera_info', WARN, lambda: send(info=None))


def test_camera_info_by_the_name_that_it_has_anyway(make_rig, told):
    rig = make_rig({'detector.kind': 'given', 'root.kind': 'geometric'},
                   remap={'image': '/front/image', 'camera_info': '/camera_info'})
    rig.wait_state('active')
    rig.publisher(CameraInfo, '/camera_info')
    rig.publisher(Image, '/front/image')
    told('remap /front/camera_info', WARN, rig=rig, send=lambda: rig.publisher(Image, '/front/image').publish(Image()))


def test_no_detections(rig, told, send):
    told('no detections', WARN, lambda: send(detections=None))


def test_a_camera_that_stalls(rig, told, send):
    for _ in range(5):
        send()
        rig.spin(0.1)
    told('no image for', WARN)


def test_stamps_that_differ(rig, told, send):
    told('differ by', ERROR, lambda: send(info_late_s=0.25))


def test_an_uncalibrated_camera(rig, told, send, messages, footage):
    told('uncalibrated', ERROR, lambda: send(info=messages.info(footage.width, footage.height, 0.0, 0.0)))
    assert rig.values()['calibration'].startswith('unusable: the camera is uncalibrated')


def test_a_calibration_of_another_size(rig, told, send, messages):
    told('640 x 480', ERROR, lambda: send(info=messages.info(640, 480, 500.0, 0.0)))


def test_an_image_that_cannot_be_decoded(rig, told, send, messages, footage):
    image = messages.image(footage.frames[0], 0.0)
    image.data = image.data[:1000]
    told('truncated', ERROR, lambda: send(image=image))


def test_stamps_that_are_no_time(rig, told, send, messages, footage):
    def bad():
        stamp_s = float(next(_clock))
        image = messages.image(footage.frames[0], stamp_s)
        image.header.stamp.sec = -5
        rig.send(image, messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                 messages.detections([], stamp_s))
    told('is no time', ERROR, bad)


def test_images_without_a_stamp(rig, told, messages, footage):
    """Nor has their CameraInfo one, so both agree."""
    told('the images carry no time stamp', ERROR, lambda: rig.send(
        messages.image(footage.frames[0], 0.0), messages.info(footage.width, footage.height, footage.focal_px, 0.0),
        messages.detections(footage.boxes, 0.0)))


def test_a_calibration_without_a_stamp(rig, told, messages, footage):
    def send():
        stamp_s = float(next(_clock))
        rig.send(messages.image(footage.frames[0], stamp_s),
                 messages.info(footage.width, footage.height, footage.focal_px, 0.0),
                 messages.detections(footage.boxes, stamp_s))
    told('they carry no time stamp', ERROR, send)


def test_a_publisher_of_another_type(rig, told):
    context = Context()   # DDS allows one type per topic in each process's participant
    rclpy.init(context=context, domain_id=rig.domain)
    node = rclpy.create_node('other', context=context)
    node.create_publisher(CameraInfo, '/image', 1)
    try:
        told('nothing can be received on /image', ERROR)
    finally:
        node.destroy_node()
        context.try_shutdown()


def test_incompatible_qos(make_rig, told):
    rig = make_rig({'detector.kind': 'given', 'qos_overrides./image.subscription.reliability': 'reliable'})
    rig.wait_state('active')
    rig.publisher(Image, '/image', ReliabilityPolicy.BEST_EFFORT)
    told('the QoS of /probe is incompatible', ERROR, rig=rig)


def test_not_configured_inactive_and_a_missing_model(make_rig, told, monkeypatch, tmp_path):
    rig = make_rig({'autostart': False})
    told('lifecycle set /hdnet configure', WARN, rig=rig)
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    assert not rig.change_state(Transition.TRANSITION_CONFIGURE)
    told('hdnet models fetch', ERROR, rig=rig)
    monkeypatch.delenv('HDNET_CACHE')
    assert rig.change_state(Transition.TRANSITION_CONFIGURE)
    told('lifecycle set /hdnet activate', WARN, rig=rig)


def test_two_publishers_are_no_silence_but_told(rig, told, send, messages, footage):
    other = rig.probe.create_publisher(Image, '/image', 1)
    try:
        told('may be mixed', WARN, send)
    finally:
        rig.probe.destroy_publisher(other)


def test_stamps_that_stand_still_are_told(rig, told, messages, footage):
    stamp_s = float(next(_clock))
    told('do not advance', WARN, lambda: rig.send(
        messages.image(footage.frames[0], stamp_s),
        messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
        messages.detections(footage.boxes, stamp_s)))


def test_stamps_of_the_future_are_told(rig, told, messages, footage):
    ahead_s = itertools.count(0, 0.1)

    def send():
        stamp_s = rig.probe.get_clock().now().nanoseconds * 1e-9 + 3600 + next(ahead_s)
        rig.send(messages.image(footage.frames[0], stamp_s),
                 messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                 messages.detections([], stamp_s))
    told('ahead of the clock', WARN, send)


def test_a_calibration_with_every_tenth_image_only(make_rig, told, send):
    rig = make_rig({'root.kind': 'geometric'})
    rig.wait_state('active')
    count = itertools.count()

    def ten_images():
        for _ in range(10):
            send(rig, detections=None, **({} if next(count) % 10 == 0 else {'info': None}))
            rig.spin(0.01)
    told('must publish one with every image', WARN, ten_images, rig=rig)


def test_a_rectified_image_whose_distortion_would_be_taken_out_again(make_rig, told, messages, footage):
    rig = make_rig({'detector.kind': 'given', 'root.kind': 'geometric'}, remap={'image': '/cam/image_rect'})
    rig.wait_state('active')

    def send():
        stamp_s = float(next(_clock))
        info = messages.info(footage.width, footage.height, footage.focal_px, stamp_s)
        info.d = [-0.2, 0.05, 0.0, 0.0, 0.0]
        rig.send(messages.image(footage.frames[0], stamp_s), info, messages.detections(footage.boxes, stamp_s),
                 to=('/cam/image_rect', '/cam/camera_info', '/detections'))
    told('set the parameter rectified to true', WARN, send, rig=rig)


def test_a_detector_that_calls_people_by_another_name(make_rig, told, send, messages, footage):
    rig = make_rig({'detector.kind': 'given', 'root.kind': 'geometric', 'detector.class_id': 'person'})
    rig.wait_state('active')
    told('has been of class', WARN, lambda: send(rig, detections=messages.detections(footage.boxes, 0.0, class_id='0')),
         rig=rig)


def test_all_is_told_at_any_time(rig, told, send):
    """The list of what diagnostics must hold, while it works and while it does not."""
    def keys() -> set[str]:
        return set(rig.values())
    always = {'state', 'models', 'devices', 'rate in [Hz]', 'rate out [Hz]', 'since last output [s]', 'images dropped',
              'dropped for a newer one', 'dropped for max_rate_hz', 'images unmatched', 'image lost on the way',
              'people', 'nearest depth [m]', 'farthest depth [m]', 'calibration', 'camera roll [deg]',
              'latency from stamp [s]',
              'image publishers', 'last failure'}
    rig.stream_until('nobody publishes', lambda: None)
    assert keys() >= always
    rig.stream_until('people in view', send, timeout_s=10.0)
    assert keys() >= always | {f'{stage} [ms]' for stage in ('decode', 'lift', 'root', 'track', 'publish')}
    assert 'no distortion' in rig.values()['calibration']
