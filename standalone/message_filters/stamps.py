"""When a message was made, in nanoseconds."""
from __future__ import annotations

from typing import Any

from rclpy.clock import ROSClock
from rclpy.logging import get_logger
from rclpy.time import Time


def stamp_ns(msg: Any) -> int:
    """The stamp in the header of `msg`; AttributeError if it has no such header."""
    stamp = msg.header.stamp
    return stamp.nanoseconds if hasattr(stamp, 'nanoseconds') else Time.from_msg(stamp).nanoseconds


def stamp_or_arrival_ns(msg: Any, allow_headerless: bool, user: str) -> int | None:
    """Like stamp_ns, but for a message without a header the present ROS time, if that is allowed (else a warning)."""
    if hasattr(msg, 'header') and hasattr(msg.header, 'stamp'):
        return stamp_ns(msg)
    if allow_headerless:
        return ROSClock().now().nanoseconds
    get_logger(user).warning(f'{type(msg).__name__} has no header.stamp and is dropped; '
                             'allow_headerless=True would take its time of arrival')
    return None
