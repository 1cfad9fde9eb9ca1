"""Two nodes for two cameras on one /tf: their people must not be mixed up."""
from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from sensor_msgs.msg import CameraInfo, Image
from tf2_msgs.msg import TFMessage
from vision_msgs.msg import Detection2DArray

from hdnet_ros import msg
from hdnet_ros.node.hdnet_node import HDNetNode
from hdnet_ros.resources import share_folder

CAMERAS = ('front', 'rear')


class TwoCameras:
    """Two nodes in the namespaces of their cameras, and a robot that feeds and hears both over DDS."""

    def __init__(self, parameters: dict[str, dict], file: Path | None = None):
        self.context = Context()
        rclpy.init(context=self.context, domain_id=91)
        self.executor = SingleThreadedExecutor(context=self.context)
        extra = ['--params-file', str(file)] if file else []
        self.nodes = [HDNetNode(
            context=self.context, namespace=camera, cli_args=['--ros-args', *extra],
            parameter_overrides=[Parameter(key, value=value) for key, value in
                                 {'detector.kind': 'given', **parameters.get(camera, {})}.items()])
            for camera in CAMERAS]
        self.robot = Node('robot', context=self.context)
        for node in (*self.nodes, self.robot):
            self.executor.add_node(node)
        self.people: dict[str, list[msg.PersonArray]] = {camera: [] for camera in CAMERAS}
        self.transforms: list = []
        self.names: set[str] = set()
        self.robot.create_subscription(TFMessage, '/tf', lambda m: self.transforms.extend(m.transforms), 50)
        self.robot.create_subscription(DiagnosticArray, '/diagnostics',
                                       lambda m: self.names.update(status.name for status in m.status), 10)
        self._publishers = {}
        for camera in CAMERAS:
            self.robot.create_subscription(msg.PersonArray, f'/{camera}/hdnet/people', self.people[camera].append, 50)
            self._publishers[camera] = [self.robot.create_publisher(kind, f'/{camera}/{topic}', 5) for kind, topic in (
                (Image, 'image'), (CameraInfo, 'camera_info'), (Detection2DArray, 'detections'))]
        self.until(lambda: all(publisher.get_subscription_count()
                               for publishers in self._publishers.values() for publisher in publishers))

    def send(self, camera: str, *messages) -> None:
        for publisher, message in zip(self._publishers[camera], messages, strict=True):
            publisher.publish(message)

    def until(self, condition, timeout_s: float = 30.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end
            self.executor.spin_once(timeout_sec=0.05)

    def close(self) -> None:
        for node in self.nodes:
            node.close()
        self.executor.shutdown()
        for node in (*self.nodes, self.robot):
            node.destroy_node()
        self.context.try_shutdown()


@pytest.fixture
def start(footage):
    started = []

    def start(*arguments) -> TwoCameras:
        started.append(TwoCameras(*arguments))
        return started[-1]
    yield start
    for cameras in started:
        cameras.close()


def _see(cameras: TwoCameras, messages, footage, images: int = 3) -> None:
    """Both cameras see the same film."""
    clock = itertools.count(1000)
    for frame in range(images):
        stamp_s = next(clock) / 10
        before = [len(cameras.people[camera]) for camera in CAMERAS]
        for camera in CAMERAS:
            cameras.send(camera, messages.image(footage.frames[frame], stamp_s, f'{camera}_optical'),
                         messages.info(footage.width, footage.height, footage.focal_px, stamp_s, f'{camera}_optical'),
                         messages.detections(footage.boxes, stamp_s))
        cameras.until(lambda before=before: all(len(cameras.people[camera]) > count
                                                for camera, count in zip(CAMERAS, before, strict=True)))
    cameras.until(lambda: len({t.child_frame_id for t in cameras.transforms}) >= 2 * len(footage.boxes))


def _ids(cameras: TwoCameras, camera: str) -> set[str]:
    return {person.id for people in cameras.people[camera] for person in people.persons}


def test_prefixes_keep_people_and_frames_apart(start, messages, footage):
    cameras = start({'front': {'tracker.id_prefix': 'a'}, 'rear': {'tracker.id_prefix': 'b'}})
    _see(cameras, messages, footage)
    assert {name[0] for name in _ids(cameras, 'front')} == {'a'}
    assert {name[0] for name in _ids(cameras, 'rear')} == {'b'}
    parents = {}
    for transform in cameras.transforms:
        parents.setdefault(transform.child_frame_id, set()).add(transform.header.frame_id)
    assert len(parents) == 2 * len(footage.boxes)
    assert all(parent == {'front_optical' if child[5] == 'a' else 'rear_optical'} for child, parent in parents.items())
    cameras.until(lambda: cameras.names >= {'front/hdnet: people', 'rear/hdnet: people'})


def test_namespaces_alone_give_different_ids_too(start, messages, footage):
    cameras = start({})
    _see(cameras, messages, footage)
    assert not _ids(cameras, 'front') & _ids(cameras, 'rear')


def test_the_example_gives_each_camera_its_parameters(start):
    cameras = start({}, Path(share_folder('config')) / 'two_cameras.yaml')
    front, rear = ({name: node.get_parameter(name).value for name in ('max_rate_hz', 'detector.score_threshold',
                                                                       'detector.min_size_px')}
                   for node in cameras.nodes)
    assert front == {'max_rate_hz': 10.0, 'detector.score_threshold': 0.4, 'detector.min_size_px': 8.0}
    assert rear == {'max_rate_hz': 10.0, 'detector.score_threshold': 0.3, 'detector.min_size_px': 6.0}
