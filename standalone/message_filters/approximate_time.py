"""Messages of nearly the same stamp, together."""
from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from rclpy.duration import Duration

from message_filters.simple_filter import SimpleFilter
from message_filters.time_synchronizer import TimeSynchronizer


class ApproximateTimeSynchronizer(TimeSynchronizer):
    """Like TimeSynchronizer, but stamps may differ by less than `slop` seconds.

    A new message is joined with the nearest waiting message of each other input, and every message is used once.
    """

    def __init__(self, fs: Sequence[SimpleFilter], queue_size: int, slop: float) -> None:
        super().__init__(fs, queue_size)
        self.slop = Duration(seconds=slop)

    def add(self, msg: Any, my_queue: dict[int, Any]) -> None:
        """Take one message of one input; emit the set that it completes, if it does."""
        with self.lock:
            stamp = self._enqueue(msg, my_queue)
            # A full queue drops its oldest stamp, which may be the new one.
            if stamp not in my_queue:
                return
            choices = [[stamp] if queue is my_queue else self._near(stamp, queue) for queue in self.queues]
            for stamps in itertools.product(*choices):
                if max(stamps) - min(stamps) < self.slop.nanoseconds:
                    self._emit(stamps)
                    return

    def _near(self, stamp: int, queue: dict[int, Any]) -> list[int]:
        """Stamps in `queue` that could be joined with `stamp`, the nearest first."""
        near = [other for other in queue if abs(other - stamp) <= self.slop.nanoseconds]
        return sorted(near, key=lambda other: abs(other - stamp))
