"""A process that never outlives the demonstration."""
from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

_PATIENCE_S = 6.0


class Child:
    """A program in a process group of its own, so that Ctrl-C in the terminal reaches it through ``stop`` only.

    log: file that takes everything it prints.
    """

    def __init__(self, command: Sequence[str], log: Path):
        self.log = log
        with open(log, 'w', encoding='utf-8') as file:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT,
                                             start_new_session=True)

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def last_words(self, lines: int = 8) -> str:
        """The end of what it has printed."""
        return '\n'.join(self.log.read_text(encoding='utf-8', errors='replace').splitlines()[-lines:])

    def stop(self) -> int:
        """Ask it to end as Ctrl-C does, then less and less politely; its exit code."""
        for request in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self.exit_code is not None:
                break
            self._process.send_signal(request)
            try:
                self._process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                continue
        return self._process.wait()
