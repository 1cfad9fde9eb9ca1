"""Ending in peace."""
from __future__ import annotations

import signal
import time
from collections.abc import Callable

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_DEALING_S = 3.0


def take_interrupts() -> Callable[[], bool]:
    """From now on Ctrl-C and SIGTERM raise KeyboardInterrupt, but for those that come while the last one is dealt with.

    Returns what tells whether there has been one.
    For programs that have asked rclpy to leave signals alone: its own handlers shut everything down before anybody can
    be told that this is the end.
    """
    interrupted_s = -_DEALING_S

    def interrupt(number: int, frame: object) -> None:
        nonlocal interrupted_s
        if time.monotonic() - interrupted_s >= _DEALING_S:
            interrupted_s = time.monotonic()
            raise KeyboardInterrupt
    for number in _SIGNALS:
        signal.signal(number, interrupt)
    return lambda: interrupted_s > -_DEALING_S


def ignore_interrupts() -> None:
    """From now on no signal breaks in: a second Ctrl-C (the shell's, then launch's) must not disturb cleaning up."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
