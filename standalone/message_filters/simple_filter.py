"""The base of all filters: a list of callbacks."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SimpleFilter:
    """Something that gives out messages, one tuple at a time, to everyone who registered."""

    def __init__(self) -> None:
        self.callbacks: dict[int, tuple[Callable, tuple]] = {}

    def registerCallback(self, cb: Callable, *args: Any) -> int:
        """Call `cb(*messages, *args)` at every output; returns the number of the connection."""
        connection = len(self.callbacks)
        self.callbacks[connection] = (cb, args)
        return connection

    def signalMessage(self, *msg: Any) -> None:
        """Give `msg` to all callbacks, in the order of their registration."""
        for cb, args in self.callbacks.values():
            cb(*msg, *args)
