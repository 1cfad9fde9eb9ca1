"""When a message was made, in nanoseconds."""
from __future__ import annotations

from typing import Any

from rclpy.clock import ROSClock
from rclpy.logging import get_logger
from rclpy.time import Time


def stamp_ns(msg: Any) -> int | None:
    """The stamp in the header of `msg`, or None if it has no such header."""
    stamp = getattr(getattr(msg, 'header', None), 'stamp', None)
    if stamp is None:
        return None
    return stamp.nanoseconds if hasattr(stamp, 'nanoseconds') else Time.from_msg(stamp).nanoseconds


def stamp_or_arrival_ns(msg: Any, allow_headerless: bool, user: str) -> int | None:
    """Like stamp_ns, but for a message without a header the present ROS time, if that is allowed (else a warning)."""
    stamp = stamp_ns(msg)
    if stamp is not None:
        return stamp
    if allow_headerless:
        return ROSClock().now().nanoseconds
    get_logger(user).warning(f'{type(msg).__name__} has no header.stamp and is dropped; '
                             'allow_headerless=True would take its time of arrival')
    return None
