"""The executable as a process: signals, exit codes, parameters from outside."""
from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
import rclpy
from hdnet_ros.msg import PersonArray
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import CameraInfo, Image, PointCloud2


class NodeProcess:
    """The executable with its output at hand."""

    def __init__(self, *parameters: str, domain: int):
        arguments = [word for parameter in parameters for word in ('-p', parameter)]
        environment = dict(os.environ, ROS_DOMAIN_ID=str(domain), PYTHONUNBUFFERED='1',
                           ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
        self.process = subprocess.Popen([sys.executable, '-m', 'hdnet_ros.node.main', '--ros-args', *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return ''.join(self.lines)

    def wait_for(self, text: str, timeout_s: float = 30.0) -> None:
        end = time.monotonic() + timeout_s
        while text not in self.output:
            assert time.monotonic() < end and self.process.poll() is None, self.output
            time.sleep(0.02)

    def end(self, timeout_s: float = 15.0) -> int:
        code = self.process.wait(timeout_s)
        self._reader.join(5)
        return code


@pytest.fixture
def start(footage):
    processes = []

    def start(*parameters: str) -> NodeProcess:
        processes.append(NodeProcess(*parameters, domain=101))
        return processes[-1]
    yield start
    for node in processes:
        if node.process.poll() is None:
            node.process.kill()
            node.process.wait()
        node.process.stdout.close()


def test_ctrl_c_twice(start):
    """The shell sends one to everybody and launch another: the second must not break into the clean-up."""
    node = start('root.kind:=geometric')
    node.wait_for('listening to /image, /camera_info')
    node.process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    node.process.send_signal(signal.SIGINT)
    assert node.end() == 0
    assert 'Traceback' not in node.output and 'terminate called' not in node.output


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_an_end_in_mid_stream(start, messages, footage, number):
    """The worker is at an image; those who listen are told that nobody is there any more."""
    context = Context()
    rclpy.init(context=context, domain_id=101)
    camera = rclpy.create_node('camera', context=context)
    images = camera.create_publisher(Image, 'image', 5)
    infos = camera.create_publisher(CameraInfo, 'camera_info', 5)
    people, points = [], []
    camera.create_subscription(PersonArray, 'hdnet/people', people.append, 10)
    camera.create_subscription(PointCloud2, 'hdnet/points', points.append, 10)
    node = start('root.kind:=geometric', 'consumers.points.enabled:=true')
    node.wait_for('listening to')
    executor = SingleThreadedExecutor(context=context)
    end, stamps = time.monotonic() + 3.0, itertools.count(1000)
    while node.process.poll() is None and time.monotonic() < end + 10:
        stamp_s = next(stamps) / 20
        images.publish(messages.image(footage.frames[0], stamp_s))
        infos.publish(messages.info(footage.width, footage.height, footage.focal_px, stamp_s))
        if time.monotonic() > end:
            node.process.send_signal(number)
        rclpy.spin_once(camera, executor=executor, timeout_sec=0.02)
    for _ in range(50):
        rclpy.spin_once(camera, executor=executor, timeout_sec=0.02)
    executor.shutdown()
    camera.destroy_node()
    context.try_shutdown()
    assert node.end() == 0, node.output
    assert 'Traceback' not in node.output and 'could not be used' not in node.output
    assert any(message.persons for message in people) and not people[-1].persons
    assert any(cloud.width for cloud in points) and not points[-1].width


def test_ctrl_c_while_the_models_load(start):
    node = start()
    node.wait_for('TensorFlow')   # the lifter's library says so when it begins
    node.process.send_signal(signal.SIGINT)
    node.process.send_signal(signal.SIGINT)
    assert node.end() == 0
    assert 'Traceback' not in node.output


def test_termination(start):
    node = start('autostart:=false')
    node.wait_for('waiting to be configured')
    node.process.send_signal(signal.SIGTERM)
    assert node.end() == 0
    assert 'Traceback' not in node.output


@pytest.mark.parametrize(('parameter', 'reason'), [
    ('detector.score_threshold:=2.0', 'detector.score_threshold'), ('tracker.coast_s:=soon', 'tracker.coast_s')])
def test_a_parameter_that_cannot_be_taken_ends_with_its_name(start, parameter, reason):
    node = start(parameter)
    assert node.end() == 2
    assert reason in node.output and 'Traceback' not in node.output


def test_a_parameter_without_sense_leaves_the_node_unconfigured_with_the_reason(start):
    node = start('root.window_policy:=round')
    node.wait_for('root.window_policy must be one of')
    assert node.process.poll() is None
