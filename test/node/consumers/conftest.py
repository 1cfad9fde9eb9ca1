"""The outputs of the node, made-up people for them, and on the other side of real DDS somebody who listens."""
from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable

import numpy as np
import pytest
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from std_msgs.msg import Header

from hdnet_ros.camera import Camera
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.outputs import Outputs, OutputSettings
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import FrameResult

_stages = itertools.count()
WIDTH, HEIGHT = 640, 480


class Stage:
    """Publishes frames as the node does, and collects what a listener in another context gets."""

    def __init__(self) -> None:
        domain = 1 + (os.getpid() * 7 + next(_stages)) % 100
        self.contexts = Context(), Context()
        for context in self.contexts:
            rclpy.init(context=context, domain_id=domain)
        self.node = Node('hdnet', context=self.contexts[0])
        self.probe = Node('probe', context=self.contexts[1])
        self.executors = [SingleThreadedExecutor(context=context) for context in self.contexts]
        for executor, node in zip(self.executors, (self.node, self.probe), strict=True):
            executor.add_node(node)
        self.outputs = Outputs(self.node, 'blazepose')
        self.stamps = itertools.count(1)
        self.header = Header()

    def close(self) -> None:
        self.outputs.close()
        for executor, node in zip(self.executors, (self.node, self.probe), strict=True):
            executor.shutdown()
            node.destroy_node()
        for context in self.contexts:
            context.try_shutdown()

    def until(self, condition: Callable[[], bool], timeout_s: float = 15.0) -> None:
        end = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < end, f'not within {timeout_s} s'
            for executor in self.executors:
                executor.spin_once(timeout_sec=0.01)

    def spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for executor in self.executors:
                executor.spin_once(timeout_sec=0.01)

    def listen(self, message_type: type, topic: str, reliability=ReliabilityPolicy.RELIABLE) -> list:
        """Where messages on a topic will be, once its publisher is there and knows the listener."""
        received: list = []
        self.probe.create_subscription(message_type, topic, received.append,
                                       QoSProfile(depth=10, reliability=reliability))

        def matched() -> bool:
            # Both sides must know each other.
            return bool(self.probe.count_publishers(topic)) and bool(self.node.count_subscribers(topic))
        self.until(matched)
        self.spin(0.3)
        return received

    def publish(self, people=(), fixed: FixedFrame | None = None, **settings) -> Header:
        """Publish people in an image; settings are those of the adapters."""
        self.header = Header(frame_id='camera_optical')
        self.header.stamp.sec = next(self.stamps)
        image = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint32).astype(np.uint8).reshape(HEIGHT, WIDTH, 3)
        frame = Frame(self.header, image, Camera.pinhole(WIDTH, HEIGHT, 600.0),
                      FrameResult(tuple(people), (0.5, 30.0)), fixed)
        self.outputs.publish(frame, OutputSettings(publish_tf=False, consumers=ConsumerSettings(**settings)))
        return self.header

    def topics(self) -> set[str]:
        """Topics that somebody publishes, as the listener sees it."""
        names = [name for name, _ in self.probe.get_topic_names_and_types()]
        return {name for name in names if self.probe.count_publishers(name)}


@pytest.fixture
def stage():
    made = Stage()
    yield made
    made.close()


@pytest.fixture(scope='session')
def robot():
    """A camera 1.2 m above the floor at (2, 3) of the frame odom, looking along its y axis, tilted down by 20 degrees.

    Its rotation is written down from how its axes lie: x right, y down, z forward.
    """
    tilt = np.radians(20)
    right = [1.0, 0.0, 0.0]
    down = [0.0, -np.sin(tilt), -np.cos(tilt)]
    forward = [0.0, np.cos(tilt), -np.sin(tilt)]
    return FixedFrame('odom', CameraPose(np.column_stack([right, down, forward]), np.array([2.0, 3.0, 1.2])))
