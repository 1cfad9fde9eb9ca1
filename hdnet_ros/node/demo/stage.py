"""Plays clips to the node over DDS and listens to what it says."""
from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger
from tf2_ros import StaticTransformBroadcaster

from hdnet_ros import msg
from hdnet_ros.node.demo.child import Child
from hdnet_ros.node.demo.clips import Clip
from hdnet_ros.node.demo.mount import level_mount
from hdnet_ros.node.video_publisher import VideoPublisher
from hdnet_ros.sources import Frame

_START_S = 90.0       # until the node listens: it loads its models first, on a busy machine too
_LAST_RESULT_S = 3.0  # for results that are still under way when the clip has ended
_SPIN_S = 0.05


class NodeFailed(RuntimeError):
    """The node has died or reports an error; the message is its reason."""


@dataclass(frozen=True, eq=False)
class Result:
    """What the node said about one frame.

    jpeg: the frame, kept small until it is drawn on.
    """

    clip: Clip
    frame: int
    jpeg: bytes
    people: msg.PersonArray

    @property
    def image(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR."""
        return cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR)


class Stage:
    """One node under observation.

    child: its process.
    on_result: called with each result as it arrives.
    """

    def __init__(self, child: Child, on_result: Callable[[Result], None]):
        self.results: list[Result] = []
        self.published = 0
        self.latencies_s: list[float] = []
        self.timing: msg.Timing | None = None     # the newest
        self._child = child
        self._on_result = on_result
        self._under_way: dict[int, tuple[Clip, int, bytes]] = {}
        self._errors_in_a_row = 0
        self._reason = ''
        self._executor = SingleThreadedExecutor()
        self._listener = Node('demo')
        self._executor.add_node(self._listener)
        self._listener.create_subscription(msg.PersonArray, '/hdnet/people', self._on_people, 50)
        self._listener.create_subscription(msg.Timing, '/hdnet/timing', self._on_timing, 50)
        self._listener.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._mount = StaticTransformBroadcaster(self._listener)
        self._reset = self._listener.create_client(Trigger, '/hdnet/reset')

    def play(self, clip: Clip, rate_hz: float, most: int | None = None) -> None:
        """Publish a clip as a camera would, at an even rate whether or not the node keeps up, and collect the results.

        most: stop after so many frames.
        Raises NodeFailed, and what ``VideoPublisher`` raises.
        """
        newest = 0

        def remember(frame: Frame, stamp_ns: int) -> None:
            nonlocal newest
            newest = stamp_ns
            jpeg = cv2.imencode('.jpg', frame.image, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
            self._under_way[stamp_ns] = (clip, frame.index, jpeg)

        self._mount.sendTransform(level_mount(clip.frame_id))
        values = {'video': clip.video, 'every': clip.every, 'rate': rate_hz, 'frame_id': clip.frame_id}
        player = VideoPublisher(camera=clip.camera, on_frame=remember, as_stored=clip.as_stored,
                                parameter_overrides=[Parameter(name, value=value) for name, value in values.items()])
        self._executor.add_node(player)
        try:
            self._spin_until(lambda: player.published > 0, _START_S, f'the node does not listen after {_START_S:.0f} s')
            while not player.done.done() and (most is None or player.published < most):
                self._spin_once()
            player.stop()
            if player.done.done():
                player.done.result()
            self.published += player.published
            deadline = time.monotonic() + _LAST_RESULT_S
            # Older images without a result were dropped for a newer one; the newest one never is.
            while newest in self._under_way and time.monotonic() < deadline:
                self._spin_once()
        finally:
            self._executor.remove_node(player)
            player.destroy_node()
        self._under_way.clear()

    def forget_people(self) -> None:
        """Tell the node that the next images show something else; NodeFailed if it does not answer."""
        future = self._reset.call_async(Trigger.Request())
        self._spin_until(future.done, 10.0, 'the node does not answer on ~/reset')

    def close(self) -> None:
        """Stop listening."""
        self._executor.remove_node(self._listener)
        self._listener.destroy_node()
        self._executor.shutdown()

    def _spin_until(self, condition: Callable[[], bool], seconds: float, otherwise: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise NodeFailed(otherwise + (f'; it says: {self._reason}' if self._reason else ''))
            self._spin_once()

    def _spin_once(self) -> None:
        self._executor.spin_once(timeout_sec=_SPIN_S)
        if self._child.exit_code is not None:
            raise NodeFailed(f'the node has ended with exit code {self._child.exit_code}; its last words:\n'
                             f'{self._child.last_words()}')
        if self._errors_in_a_row > 1:    # a single one may pass, as when a subscriber is found late
            raise NodeFailed(self._reason)

    def _on_people(self, message: msg.PersonArray) -> None:
        stamp = message.header.stamp
        stamp_ns = stamp.sec * 10 ** 9 + stamp.nanosec
        known = self._under_way.pop(stamp_ns, None)
        if known is not None:
            # The node works in order: those before it were dropped, and would fill the memory.
            self._under_way = {ns: frame for ns, frame in self._under_way.items() if ns > stamp_ns}
            self.results.append(Result(*known, message))
            self._on_result(self.results[-1])

    def _on_timing(self, message: msg.Timing) -> None:
        self.timing = message
        if np.isfinite(message.latency):
            self.latencies_s.append(message.latency)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if 'hdnet' in status.name:
                self._reason = status.message
                self._errors_in_a_row = self._errors_in_a_row + 1 if status.level == DiagnosticStatus.ERROR else 0
