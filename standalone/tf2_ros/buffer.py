"""The buffer that waits."""
from __future__ import annotations

import time as wall
from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.clock import Clock, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.logging import get_logger
from rclpy.node import Node

from tf2_ros.buffer_core import BufferCore

NO_WAIT = Duration()


class Buffer(BufferCore):
    """A BufferCore that can wait for a transform, and is cleared when the time of `node` jumps back.

    Waiting needs somebody else to fill the buffer meanwhile: a listener in another thread. The timeout is wall time.
    """

    def __init__(self, cache_time: Duration | None = None, node: Node | None = None) -> None:
        super().__init__(cache_time)
        self.clock = Clock() if node is None else node.get_clock()
        # A loop of recorded data starts over with times that look too old.
        threshold = JumpThreshold(min_forward=None, min_backward=Duration(seconds=-1), on_clock_change=True)
        self.jump_handle = self.clock.create_jump_callback(threshold, post_callback=self.time_jump_callback)

    def time_jump_callback(self, time_jump: TimeJump) -> None:
        """Forget what was."""
        get_logger('tf2_buffer').warning('time jumped back: transforms forgotten')
        self.clear()

    def lookup_transform(self, target_frame: str, source_frame: str, time: Any,
                         timeout: Duration = NO_WAIT) -> TransformStamped:
        """The transform that takes points of `source_frame` to `target_frame` at `time` (0: the newest).

        Waits up to `timeout`; then LookupException (no such frame), ConnectivityException, ExtrapolationException (not
        at that time) or InvalidArgumentException (not a frame's name), all of them TransformException.
        """
        self.can_transform(target_frame, source_frame, time, timeout)
        return self.lookup_transform_core(target_frame, source_frame, time)

    def lookup_transform_full(self, target_frame: str, target_time: Any, source_frame: str, source_time: Any,
                              fixed_frame: str, timeout: Duration = NO_WAIT) -> TransformStamped:
        """The transform from `source_frame` at `source_time` to `target_frame` at `target_time`.

        `fixed_frame` is the frame that is taken to stand still between the two times. Errors as lookup_transform.
        """
        self.can_transform_full(target_frame, target_time, source_frame, source_time, fixed_frame, timeout)
        return self.lookup_transform_full_core(target_frame, target_time, source_frame, source_time, fixed_frame)

    def can_transform(self, target_frame: str, source_frame: str, time: Any, timeout: Duration = NO_WAIT,
                      return_debug_tuple: bool = False) -> bool | tuple[bool, str]:
        """Whether lookup_transform would answer within `timeout`; with the reason if `return_debug_tuple`."""
        answer = self._wait(timeout, lambda: self.can_transform_core(target_frame, source_frame, time))
        return answer if return_debug_tuple else answer[0]

    def can_transform_full(self, target_frame: str, target_time: Any, source_frame: str, source_time: Any,
                           fixed_frame: str, timeout: Duration = NO_WAIT,
                           return_debug_tuple: bool = False) -> bool | tuple[bool, str]:
        """Whether lookup_transform_full would answer within `timeout`; with the reason if `return_debug_tuple`."""
        answer = self._wait(timeout, lambda: self.can_transform_full_core(target_frame, target_time, source_frame,
                                                                          source_time, fixed_frame))
        return answer if return_debug_tuple else answer[0]

    def _wait(self, timeout: Duration, ask: Callable[[], tuple[bool, str]]) -> tuple[bool, str]:
        deadline = wall.monotonic() + timeout.nanoseconds / 1e9
        with self.changed:
            while not (answer := ask())[0] and (left := deadline - wall.monotonic()) > 0:
                self.changed.wait(left)
        return answer
