"""The real node and, on the other side of real DDS, a camera and a listener to try it with."""
from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import rclpy
from cv_bridge import CvBridge
from diagnostic_msgs.msg import DiagnosticArray
from hdnet_ros.msg import PersonArray, Timing
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_srvs.srv import Trigger
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose
from visualization_msgs.msg import MarkerArray

from hdnet_ros.models import ModelError, model_path
from hdnet_ros.node.hdnet_node import HDNetNode
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.people import Detection, Observation, Person, Root, TrackState
from hdnet_ros.skeleton import HUMAN36M_17


def image_of(pixels: np.ndarray, stamp_s: float, frame_id: str = 'camera_optical') -> Image:
    message = CvBridge().cv2_to_imgmsg(pixels, 'bgr8')
    set_stamp(message, stamp_s)
    message.header.frame_id = frame_id
    return message


def compressed_of(pixels: np.ndarray, stamp_s: float) -> CompressedImage:
    message = CompressedImage(format='bgr8; jpeg compressed bgr8', data=cv2.imencode('.jpg', pixels)[1].tobytes())
    set_stamp(message, stamp_s)
    return message


def info_of(width: int, height: int, focal_px: float, stamp_s: float, frame_id: str = 'camera_optical') -> CameraInfo:
    message = CameraInfo(width=width, height=height, distortion_model='plumb_bob', d=[0.0] * 5)
    cx, cy = (width - 1) / 2, (height - 1) / 2
    message.k = [focal_px, 0.0, cx, 0.0, focal_px, cy, 0.0, 0.0, 1.0]
    message.p = [focal_px, 0.0, cx, 0.0, 0.0, focal_px, cy, 0.0, 0.0, 0.0, 1.0, 0.0]
    set_stamp(message, stamp_s)
    message.header.frame_id = frame_id
    return message


def detections_of(boxes, stamp_s: float, score: float = 0.9, class_id: str = 'person') -> Detection2DArray:
    message = Detection2DArray()
    set_stamp(message, stamp_s)
    for x_min, y_min, x_max, y_max in boxes:
        detection = Detection2D()
        detection.bbox.center.position.x = float(x_min + x_max) / 2
        detection.bbox.center.position.y = float(y_min + y_max) / 2
        detection.bbox.size_x, detection.bbox.size_y = float(x_max - x_min), float(y_max - y_min)
        hypothesis = ObjectHypothesisWithPose()
        hypothesis.hypothesis.class_id, hypothesis.hypothesis.score = class_id, score
        detection.results.append(hypothesis)
        message.detections.append(detection)
    return message


def set_stamp(message, stamp_s: float) -> None:
    nanoseconds = round(stamp_s * 1e9)
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(nanoseconds, 1_000_000_000)


_rigs = itertools.count()


class Rig:
    """Spins the node under test and a probe; everything the node publishes ends up in lists."""

    def __init__(self, parameters: dict | None = None, remap: dict | None = None):
        self.context = Context()
        self.domain = 1 + os.getpid() % 10 * 10 + next(_rigs) % 10   # rigs must not hear each other
        rclpy.init(context=self.context, domain_id=self.domain)
        self.executor = SingleThreadedExecutor(context=self.context)
        rules = [word for name, to in (remap or {}).items() for word in ('-r', f'{name}:={to}')]
        self.node = HDNetNode(
            context=self.context, cli_args=['--ros-args', *rules],
            parameter_overrides=[Parameter(name, value=value) for name, value in (parameters or {}).items()])
        self.probe = Node('probe', context=self.context)
        self.executor.add_node(self.node)
        self.executor.add_node(self.probe)
        self.people: list[PersonArray] = []
        self.timings: list[Timing] = []
        self.transforms: list = []
        self.diagnostics: list = []
        self.markers: list[MarkerArray] = []
        self.debug_images: list[Image] = []
        self.probe.create_subscription(PersonArray, '/hdnet/people', self.people.append, 50)
        self.probe.create_subscription(Timing, '/hdnet/timing', self.timings.append, 50)
        self.probe.create_subscription(TFMessage, '/tf', lambda m: self.transforms.extend(m.transforms), 50)
        self.probe.create_subscription(DiagnosticArray, '/diagnostics', lambda m: self.diagnostics.extend(m.status), 50)
        self._publishers: dict[str, object] = {}
        self._clients: dict[str, object] = {}

    def watch(self, name: str):
        """Subscribe to markers or debug_image; the subscription."""
        message_type, box = {'markers': (MarkerArray, self.markers), 'debug_image': (Image, self.debug_images)}[name]
        return self.probe.create_subscription(message_type, f'/hdnet/{name}', box.append, 10)

    def close(self) -> None:
        self.node.close()
        self.executor.shutdown()
        self.node.destroy_node()
        self.probe.destroy_node()
        self.context.try_shutdown()

    def spin(self, seconds: float) -> None:
        self.until(lambda: False, seconds, must=False)

    def until(self, condition: Callable[[], bool], timeout_s: float = 10.0, must: bool = True) -> bool:
        """Spin until the condition holds."""
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                last = self.diagnostics[-1].message if self.diagnostics else 'no diagnostics'
                assert not must, f'not within {timeout_s} s; diagnostics: {last}'
                return False
            self.executor.spin_once(timeout_sec=0.05)
        return True

    def publisher(self, message_type: type, topic: str, reliability: ReliabilityPolicy = ReliabilityPolicy.BEST_EFFORT):
        """A publisher of the probe's, made once, and matched with the node if it listens."""
        if topic not in self._publishers:
            profile = QoSProfile(depth=5, reliability=reliability)
            self._publishers[topic] = self.probe.create_publisher(message_type, topic, profile)
        return self._publishers[topic]

    def stop_publishing(self) -> None:
        """Take all of the probe's publishers away."""
        for publisher in self._publishers.values():
            self.probe.destroy_publisher(publisher)
        self._publishers.clear()

    def send(self, *messages, to: tuple[str, ...] = ('/image', '/camera_info', '/detections')) -> None:
        """Publish one message per topic, once the node listens."""
        publishers = [self.publisher(type(message), topic) for message, topic in zip(messages, to, strict=False)]
        self.until(lambda: all(p.get_subscription_count() for p in publishers))
        for publisher, message in zip(publishers, messages, strict=True):
            publisher.publish(message)

    def values(self) -> dict[str, str]:
        """Key-value pairs of the last diagnostics."""
        return {pair.key: pair.value for pair in self.diagnostics[-1].values} if self.diagnostics else {}

    def wait_state(self, state: str, timeout_s: float = 30.0) -> None:
        self.until(lambda: self.values().get('state') == state, timeout_s)

    def next_people(self, *messages, timeout_s: float = 15.0, **options) -> PersonArray:
        """Send messages and return the people that come back for the image, the first of them."""
        before, stamp = len(self.people), messages[0].header.stamp
        self.send(*messages, **options)

        def answered() -> bool:
            return any(people.header.stamp == stamp for people in self.people[before:])
        self.until(answered, timeout_s)
        return self.people[-1]

    def wait_message(self, part: str, timeout_s: float = 3.0):
        """The next diagnostic whose message has this part."""
        begin = len(self.diagnostics)
        self.until(lambda: any(part in status.message for status in self.diagnostics[begin:]), timeout_s)
        return next(status for status in self.diagnostics[begin:] if part in status.message)

    def stream_until(self, part: str, send: Callable[[], object], timeout_s: float = 4.0):
        """Send ten times per second until the diagnostics say what has this part; that status."""
        begin = len(self.diagnostics)

        def told() -> bool:
            send()
            self.spin(0.1)
            return any(part in status.message for status in self.diagnostics[begin:])
        self.until(told, timeout_s)
        return next(status for status in self.diagnostics[begin:] if part in status.message)

    def call(self, service_type: type, name: str, request):
        """The answer of a service."""
        if name not in self._clients:
            self._clients[name] = self.probe.create_client(service_type, name)
        self.until(self._clients[name].service_is_ready)
        future = self._clients[name].call_async(request)
        self.until(future.done, 30.0)
        return future.result()

    def reset(self) -> Trigger.Response:
        return self.call(Trigger, '/hdnet/reset', Trigger.Request())

    def change_state(self, transition: int) -> bool:
        """Ask for a lifecycle transition, as ``ros2 lifecycle set`` does."""
        request = ChangeState.Request()
        request.transition.id = transition
        return self.call(ChangeState, '/hdnet/change_state', request).success

    def state(self) -> str:
        """The lifecycle state, as ``ros2 lifecycle get`` tells it."""
        return self.call(GetState, '/hdnet/get_state', GetState.Request()).current_state.label

    def set_parameter(self, name: str, value) -> tuple[bool, str]:
        """Ask for a new value, as ``ros2 param set`` does; whether it was taken, and else why not."""
        request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
        result = self.call(SetParameters, '/hdnet/set_parameters', request).results[0]
        return result.successful, result.reason


@pytest.fixture(scope='session')
def messages():
    """Functions that make messages: image, compressed, info, detections, stamp."""
    return SimpleNamespace(image=image_of, compressed=compressed_of, info=info_of, detections=detections_of,
                           stamp=set_stamp)


@pytest.fixture(scope='session')
def somebody():
    """Makes a Person 4 m away who faces the camera; keywords replace fields."""
    up = {'hip': 0, 'right_hip': 0, 'left_hip': 0, 'right_knee': -0.45, 'left_knee': -0.45, 'right_foot': -0.9,
          'left_foot': -0.9, 'spine': 0.25, 'thorax': 0.5, 'neck': 0.6, 'head': 0.75}
    joints = np.zeros((17, 3))
    for index, name in enumerate(HUMAN36M_17.joints):
        left = name.startswith('left_') - name.startswith('right_')
        joints[index] = 0.15 * left, -up.get(name, 0.4), 4.0   # facing the camera, the left side is to its right

    def make(**fields) -> Person:
        root = Root(np.array([0.0, 0.0, 4.0]), np.diag([0.01, 0.02, 0.09]), np.array([320.0, 240.0]))
        observation = Observation(Detection(np.array([250.4, 90.0, 390.0, 410.6]), 0.75), root)
        person = Person(
            id='ab1c9', state=TrackState.CONFIRMED, age_s=2.5, unseen_s=0.0, root=root.position,
            root_covariance=root.covariance, velocity=np.array([0.5, 0.0, -1.0]), velocity_covariance=0.04 * np.eye(3),
            observation=observation, joints=joints.copy(), joints_px=np.full((17, 2), 300.0),
            confidence=np.full(17, 0.9))
        return replace(person, **fields)
    return make


@pytest.fixture(scope='session')
def footage():
    """A real film of two people at half its size: 10 frames (960, 544, 3) uint8 BGR, and their boxes in the first."""
    try:
        capture = cv2.VideoCapture(str(model_path('pose2sim_footage') / 'cam02.mp4'))
        detector = make_detector(DetectorConfig())
    except ModelError as error:
        pytest.skip(str(error))
    frames = [cv2.resize(capture.read()[1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for _ in range(10)]
    boxes = [detection.box for detection in detector.detect(frames[0])]
    assert len(boxes) == 2
    height, width = frames[0].shape[:2]
    return SimpleNamespace(frames=frames, boxes=boxes, width=width, height=height, focal_px=650.0)


@pytest.fixture
def make_rig(footage):
    """Makes rigs for one test and closes them."""
    yield from _rig_maker()


@pytest.fixture(scope='module')
def module_rig(footage):
    """Makes rigs for one module and closes them."""
    yield from _rig_maker()


def _rig_maker():
    rigs = []

    def make(*arguments, **options):
        rigs.append(Rig(*arguments, **options))
        return rigs[-1]
    yield make
    for rig in rigs:
        rig.close()


@pytest.fixture(scope='module')
def rig(module_rig):
    """An active node with detections from outside; a module shares one, because loading models takes a second."""
    rig = module_rig({'detector.kind': 'given'})
    rig.wait_state('active')
    return rig
