"""A short history of messages."""
from __future__ import annotations

from collections import deque
from typing import Any

from rclpy.clock import ClockType
from rclpy.time import Time

from message_filters.simple_filter import SimpleFilter
from message_filters.stamps import stamp_or_arrival_ns


class Cache(SimpleFilter):
    """Keeps the last `cache_size` messages of the filter `f`, and passes them on.

    Times are rclpy Time of the clock type ROS_TIME.
    """

    def __init__(self, f: SimpleFilter, cache_size: int = 1, allow_headerless: bool = False) -> None:
        super().__init__()
        self.allow_headerless = allow_headerless
        self._kept: deque[tuple[Time, Any]] = deque(maxlen=cache_size)
        self.connectInput(f)

    def connectInput(self, f: SimpleFilter) -> None:
        """Take messages from `f`."""
        self.incoming_connection = f.registerCallback(self.add)

    def add(self, msg: Any) -> None:
        """Keep `msg`, forget the one that came first if there are too many, and pass `msg` on."""
        stamp = stamp_or_arrival_ns(msg, self.allow_headerless, 'message_filters_cache')
        if stamp is None:
            return
        self._kept.append((Time(nanoseconds=stamp, clock_type=ClockType.ROS_TIME), msg))
        self.signalMessage(msg)

    def getInterval(self, from_stamp: Time, to_stamp: Time) -> list[Any]:
        """The messages from `from_stamp` to `to_stamp`, both included, in the order of arrival."""
        assert from_stamp <= to_stamp
        return [msg for time, msg in list(self._kept) if from_stamp <= time <= to_stamp]

    def getElemAfterTime(self, stamp: Time) -> Any | None:
        """The message that came first of those at `stamp` or later."""
        return next((msg for time, msg in list(self._kept) if time >= stamp), None)

    def getElemBeforeTime(self, stamp: Time) -> Any | None:
        """The message that came last of those at `stamp` or earlier."""
        return next((msg for time, msg in reversed(list(self._kept)) if time <= stamp), None)

    def getLastestTime(self) -> Time | None:
        """The stamp of the message that came last (spelt as in the real package)."""
        return self._kept[-1][0] if self._kept else None

    def getOldestTime(self) -> Time | None:
        """The stamp of the message that came first."""
        return self._kept[0][0] if self._kept else None

    def getLast(self) -> Any | None:
        """The first kept message whose stamp is not before the last one's."""
        return self.getElemAfterTime(self._kept[-1][0]) if self._kept else None
