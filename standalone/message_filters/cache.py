"""A short history of messages."""
from __future__ import annotations

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
        self.cache_size = cache_size
        self.allow_headerless = allow_headerless
        self.cache_msgs: list[Any] = []
        self.cache_times: list[Time] = []
        self.connectInput(f)

    def connectInput(self, f: SimpleFilter) -> None:
        """Take messages from `f`."""
        self.incoming_connection = f.registerCallback(self.add)

    def add(self, msg: Any) -> None:
        """Keep `msg`, forget the one that came first if there are too many, and pass `msg` on."""
        stamp = stamp_or_arrival_ns(msg, self.allow_headerless, 'message_filters_cache')
        if stamp is None:
            return
        time = Time(nanoseconds=stamp, clock_type=ClockType.ROS_TIME)
        self.cache_msgs = [*self.cache_msgs, msg][-self.cache_size:]
        self.cache_times = [*self.cache_times, time][-self.cache_size:]
        self.signalMessage(msg)

    def getInterval(self, from_stamp: Time, to_stamp: Time) -> list[Any]:
        """The messages from `from_stamp` to `to_stamp`, both included, in the order of arrival."""
        assert from_stamp <= to_stamp
        return [msg for msg, time in zip(self.cache_msgs, self.cache_times, strict=True) if from_stamp <= time <= to_stamp]

    def getElemAfterTime(self, stamp: Time) -> Any | None:
        """The message that came first of those at `stamp` or later."""
        return next((msg for msg, time in zip(self.cache_msgs, self.cache_times, strict=True) if time >= stamp), None)

    def getElemBeforeTime(self, stamp: Time) -> Any | None:
        """The message that came last of those at `stamp` or earlier."""
        earlier = [msg for msg, time in zip(self.cache_msgs, self.cache_times, strict=True) if time <= stamp]
        return earlier[-1] if earlier else None

    def getLastestTime(self) -> Time | None:
        """The stamp of the message that came last (spelt as in the real package)."""
        return self.cache_times[-1] if self.cache_times else None

    def getOldestTime(self) -> Time | None:
        """The stamp of the message that came first."""
        return self.cache_times[0] if self.cache_times else None

    def getLast(self) -> Any | None:
        """The first kept message whose stamp is not before the last one's."""
        return self.getElemAfterTime(self.cache_times[-1]) if self.cache_times else None
