"""Messages of the very same stamp, together."""
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from message_filters.simple_filter import SimpleFilter
from message_filters.stamps import stamp_ns


class TimeSynchronizer(SimpleFilter):
    """Collects one message of each filter in `fs`, all of the same stamp, and passes them on as one call.

    Every input has a queue of `queue_size` messages by stamp; what is oldest by stamp is dropped first, even if it
    came last. The callback runs while the lock is held, so it must not feed one of the inputs.
    """

    def __init__(self, fs: Sequence[SimpleFilter], queue_size: int) -> None:
        super().__init__()
        self.queue_size = queue_size
        self.lock = threading.Lock()
        self.connectInput(fs)

    def connectInput(self, fs: Sequence[SimpleFilter]) -> None:
        """Take messages from the filters `fs`, with empty queues."""
        self.queues: list[dict[int, Any]] = [{} for _ in fs]
        self.input_connections = [f.registerCallback(self.add, queue, index)
                                  for index, (f, queue) in enumerate(zip(fs, self.queues, strict=True))]

    def add(self, msg: Any, my_queue: dict[int, Any], my_queue_index: int | None = None) -> None:
        """Take one message of one input; emit every set that is now complete, oldest first."""
        with self.lock:
            self._enqueue(stamp_ns(msg), msg, my_queue)
            complete = set(self.queues[0]).intersection(*self.queues[1:])
            for stamp in sorted(complete):
                self._emit([stamp] * len(self.queues))

    def _enqueue(self, stamp: int, msg: Any, queue: dict[int, Any]) -> None:
        queue[stamp] = msg
        while len(queue) > self.queue_size:
            del queue[min(queue)]

    def _emit(self, stamps: Sequence[int]) -> None:
        """Pass on, then forget, the messages of the given stamps, one of each queue."""
        self.signalMessage(*(queue[stamp] for queue, stamp in zip(self.queues, stamps, strict=True)))
        for queue, stamp in zip(self.queues, stamps, strict=True):
            del queue[stamp]
