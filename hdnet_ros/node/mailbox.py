"""A mailbox with one slot: the reader always gets the newest item, and slow reading never builds a queue."""
from __future__ import annotations

import threading
from typing import Generic, TypeVar

Item = TypeVar('Item')


class Mailbox(Generic[Item]):
    """Hands the newest item from one thread to another; an item that was not fetched in time is replaced."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._item: Item | None = None
        self._closed = False

    def put(self, item: Item) -> bool:
        """Leave an item, replacing one that still lies there; True if one was replaced. Ignored once closed."""
        with self._condition:
            if self._closed:
                return False
            replaced = self._item is not None
            self._item = item
            self._condition.notify()
            return replaced

    def take(self) -> Item | None:
        """Wait for an item and remove it; None once the mailbox is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._item is not None or self._closed)
            item, self._item = self._item, None
            return None if self._closed else item

    def close(self) -> None:
        """Drop what lies in the slot and let the reader go."""
        with self._condition:
            self._closed = True
            self._item = None
            self._condition.notify_all()
