"""The thread that does the work, so that the executor stays free for services, parameters and diagnostics."""
from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic

from hdnet_ros.node.mailbox import Item, Mailbox


class Worker(Generic[Item]):
    """Calls ``work(item)`` for the newest item, one at a time, in a thread of its own.

    work: must not raise; what it raises all the same goes to ``on_error`` and the next item is worked on.
    """

    def __init__(self, work: Callable[[Item], None], on_error: Callable[[Exception], None]) -> None:
        self._mailbox: Mailbox[Item] = Mailbox()
        self._work = work
        self._on_error = on_error
        # A daemon, so that a model that hangs cannot keep the process alive.
        self._thread = threading.Thread(target=self._run, name='hdnet_worker', daemon=True)
        self._thread.start()

    def hand_over(self, item: Item) -> bool:
        """Give the worker something newer; True if that replaced an item it had not begun."""
        return self._mailbox.put(item)

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Drop what waits, let the current item finish, end the thread; False if it did not end in time."""
        self._mailbox.close()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (item := self._mailbox.take()) is not None:
            try:
                self._work(item)
            except Exception as error:   # the thread must outlive every fault
                self._on_error(error)
