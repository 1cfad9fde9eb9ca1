"""Publishes the diagnostics once per second and logs what they say when it changes."""
from __future__ import annotations

import re
from collections.abc import Callable

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from std_msgs.msg import Header

from hdnet_ros.node.diagnosis import ERROR, OK, NodeFacts
from hdnet_ros.node.diagnostics import RateMeter, diagnostic_status

_EVERY_S = 1.0


class Reporter:
    """Tells how the node is on /diagnostics: every second, in every state, and at once when asked to.

    facts: gives what is known now; called on the executor's thread.
    """

    def __init__(self, node: Node, facts: Callable[[], NodeFacts]) -> None:
        self._node = node
        self._facts = facts
        self._rate_in, self._rate_out = RateMeter(), RateMeter()
        self._rates_hz = (float('nan'), float('nan'))
        self._told = ''
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        # A steady clock: the node must also speak when simulated time stands still.
        self._timer = node.create_timer(_EVERY_S, self._tick, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _tick(self) -> None:
        frames = self._facts().frames
        self._rates_hz = (self._rate_in.rate(frames.received), self._rate_out.rate(frames.processed))
        self.report()

    def report(self) -> None:
        """Publish the diagnostics now."""
        facts = self._facts()
        status = diagnostic_status(facts, *self._rates_hz)
        header = Header(stamp=self._node.get_clock().now().to_msg())
        self._publisher.publish(DiagnosticArray(header=header, status=[status]))
        if status.message != facts.frames.failure:   # the worker has logged that one
            self._log(status.level, status.message, active=facts.state == 'active')

    def _log(self, level: bytes, message: str, active: bool) -> None:
        """Log a reason once, not every second; its numbers may change meanwhile."""
        key = '' if level == OK else re.sub(r'\d+(\.\d+)?', '#', message)
        if key == self._told:
            return
        self._told = key
        # One call site per severity: rclpy insists on it.
        if level == ERROR:
            self._node.get_logger().error(message)
        elif level == OK and active:
            self._node.get_logger().info(f'working again: {message}')
        elif active:
            self._node.get_logger().warning(message)
