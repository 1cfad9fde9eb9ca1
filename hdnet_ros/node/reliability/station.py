"""The other side of DDS in the trials: a camera that sends to the node and a listener that hears all it says."""
from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, CompressedImage, Image
from std_srvs.srv import Trigger
from vision_msgs.msg import Detection2DArray

from hdnet_ros import msg
from hdnet_ros.node.local_network import use_local_network
from hdnet_ros.node.reliability.node_process import NodeProcess

_QOS = QoSProfile(depth=20, reliability=ReliabilityPolicy.BEST_EFFORT)


class TrialFailed(RuntimeError):
    """The node did not do what it must; the message says what."""


class Station:
    """Sends to one node and listens to it; everything happens in ``spin``, ``until`` and ``call``.

    child: the node's process, which may be replaced. on_people: called with every message on ~/people as it arrives.
    """

    def __init__(self, child: NodeProcess, domain: int, compressed: bool = False, detections: bool = False,
                 on_people: Callable[[msg.PersonArray], None] = lambda message: None):
        use_local_network()     # trials are never to reach a robot
        self.values: dict[str, str] = {}
        self.message = ''
        self.stamps_ns: set[int] = set()
        self.child = child
        self._on_people = on_people
        self._context = Context()
        rclpy.init(context=self._context, domain_id=domain)
        self._executor = SingleThreadedExecutor(context=self._context)
        self.node = Node('trial', context=self._context)
        self._executor.add_node(self.node)
        self.node.create_subscription(msg.PersonArray, '/hdnet/people', self._hear_people, 100)
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._hear_diagnostics, 10)
        image = (CompressedImage, '/image/compressed') if compressed else (Image, '/image')
        topics = [image, (CameraInfo, '/camera_info'), *([(Detection2DArray, '/detections')] if detections else [])]
        self.publishers = [self.node.create_publisher(kind, topic, _QOS) for kind, topic in topics]
        self._clients: dict[str, Any] = {}

    def send(self, *messages: Any) -> None:
        """One message, or its bytes, per topic: image, camera_info and, if used, detections."""
        for publisher, message in zip(self.publishers, messages, strict=True):
            publisher.publish(message)

    def spin(self, seconds: float) -> None:
        """Listen for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._executor.spin_once(timeout_sec=left)

    def until(self, condition: Callable[[], bool], timeout_s: float, otherwise: str = '') -> bool:
        """Listen until the condition holds; if it does not in time, TrialFailed, or False if otherwise is empty."""
        end = time.monotonic() + timeout_s
        while not condition():
            if self.child.exit_code is not None:
                raise TrialFailed(f'the node has ended with exit code {self.child.exit_code}; its last words:\n'
                                  f'{self.child.last_words()}')
            if time.monotonic() > end:
                if otherwise:
                    raise TrialFailed(f'{otherwise} within {timeout_s:g} s; the node says: {self.message}')
                return False
            self._executor.spin_once(timeout_sec=0.02)
        return True

    def wait_active(self, timeout_s: float = 120.0) -> None:
        """Until the node works and listens to all topics."""
        self.until(lambda: self.values.get('state') == 'active' or 'failed' in self.message, timeout_s,
                   'the node is not active')
        if self.values.get('state') != 'active':
            raise TrialFailed(f'the node is {self.message}')
        self.until(lambda: all(publisher.get_subscription_count() for publisher in self.publishers), timeout_s,
                   'the node does not listen')

    def call(self, service_type: type, name: str, request: Any, timeout_s: float = 60.0) -> Any:
        """The answer of one of the node's services."""
        if name not in self._clients:
            self._clients[name] = self.node.create_client(service_type, f'/hdnet/{name}')
        client = self._clients[name]
        self.until(client.service_is_ready, timeout_s, f'there is no service {name}')
        future = client.call_async(request)
        self.until(future.done, timeout_s, f'no answer from {name}')
        return future.result()

    def change_state(self, transition: int) -> bool:
        """A lifecycle transition; whether it was made."""
        request = ChangeState.Request()
        request.transition.id = transition
        return self.call(ChangeState, 'change_state', request).success

    def set_parameter(self, name: str, value: Any) -> bool:
        """Whether the node took the value."""
        request = SetParameters.Request(parameters=[Parameter(name, value=value).to_parameter_msg()])
        return self.call(SetParameters, 'set_parameters', request).results[0].successful

    def reset(self) -> bool:
        """Let the node forget everybody."""
        return self.call(Trigger, 'reset', Trigger.Request()).success

    def count(self, name: str) -> int:
        """A counter of the last diagnostics."""
        return int(self.values.get(name, 0))

    def close(self) -> None:
        """Leave."""
        self._executor.shutdown()
        self.node.destroy_node()
        self._context.try_shutdown()

    def _hear_people(self, message: msg.PersonArray) -> None:
        self.stamps_ns.add(message.header.stamp.sec * 1_000_000_000 + message.header.stamp.nanosec)
        self._on_people(message)

    def _hear_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.name.startswith('hdnet'):
                self.message = status.message
                self.values = {pair.key: pair.value for pair in status.values}
