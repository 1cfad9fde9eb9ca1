"""The settings that count now, although parameters may change at any time."""
from __future__ import annotations

from rclpy.node import Node

from hdnet_ros.node.settings import Settings, read


class PresentSettings:
    """Snapshot of a node's parameters, made anew after they may have changed.

    All methods belong to the executor's thread, on which rclpy also sets parameters, all of one change in one go.
    So no change is ever halfway when they read; other threads are handed the snapshot, which never changes.

    A callback that validates a change learns only that it may come: others may still refuse it.
    It calls ``outdate``; parameters are read with the next ``get``, when the change was made, or was not.
    So nothing depends on who else validates, nor on callbacks after the change, which Humble does not have.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._snapshot: Settings | None = None

    def outdate(self) -> None:
        """Parameters may be about to change."""
        self._snapshot = None

    def get(self) -> Settings:
        """The settings now; ValueError with the reason if the parameters make no sense."""
        if self._snapshot is None:
            self._snapshot = read(self._node)
        return self._snapshot
