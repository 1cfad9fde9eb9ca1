"""Messages of the very same stamp, together."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from rclpy.time import Time

from message_filters.simple_filter import SimpleFilter


class TimeSynchronizer(SimpleFilter):
    """Collects one message of each filter in `fs`, all of the same stamp, and passes them on as one call.

    Every input has a queue of `queue_size` messages by stamp; what is oldest by stamp is dropped first, even if it
    came last. The callback runs while the lock is held, so it must not feed one of the inputs.
    Messages need a header: AttributeError otherwise.
    """

    def __init__(self, fs: Sequence[SimpleFilter], queue_size: int) -> None:
        super().__init__()
        self.queue_size = queue_size
        self.lock = threading.Lock()
        self.queues: list[dict[int, Any]] = [{} for _ in fs]
        for f, queue in zip(fs, self.queues, strict=True):
            f.registerCallback(self.add, queue)

    def add(self, msg: Any, my_queue: dict[int, Any]) -> None:
        """Take one message of one input; emit every set that is now complete, oldest first."""
        with self.lock:
            self._enqueue(msg, my_queue)
            complete = set(self.queues[0]).intersection(*self.queues[1:])
            for stamp in sorted(complete):
                self._emit([stamp] * len(self.queues))

    def _enqueue(self, msg: Any, queue: dict[int, Any]) -> int:
        """Let `msg` wait; its stamp in nanoseconds."""
        stamp = Time.from_msg(msg.header.stamp).nanoseconds
        queue[stamp] = msg
        while len(queue) > self.queue_size:
            del queue[min(queue)]
        return stamp

    def _emit(self, stamps: Sequence[int]) -> None:
        """Pass on, then forget, the messages of the given stamps, one of each queue."""
        self.signalMessage(*(queue[stamp] for queue, stamp in zip(self.queues, stamps, strict=True)))
        for queue, stamp in zip(self.queues, stamps, strict=True):
            del queue[stamp]
