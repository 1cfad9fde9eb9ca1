"""Ending in peace."""
from __future__ import annotations

import signal


def ignore_interrupts() -> None:
    """From now on no signal breaks in: a second Ctrl-C (the shell's, then launch's) must not disturb cleaning up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
