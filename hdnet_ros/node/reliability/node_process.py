"""The node as a process of its own, and what it takes from the machine."""
from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hdnet_ros.node.local_network import local_environment


@dataclass(frozen=True)
class Usage:
    """What a process holds: resident memory in megabytes, the most it ever held, threads, open files."""

    memory_mb: float
    peak_mb: float
    threads: int
    files: int


class NodeProcess:
    """hdnet_node in a process group of its own.

    It hears and is heard on this machine only.
    parameters: by name, beside the defaults. domain: the DDS domain. log: file that takes everything it prints.
    """

    def __init__(self, parameters: Mapping[str, object], domain: int, log: Path):
        self.log = log
        words = [word for name, value in parameters.items() for word in ('-p', f'{name}:={_text(value)}')]
        with open(log, 'a', encoding='utf-8') as file:
            self._process = subprocess.Popen(
                [sys.executable, '-m', 'hdnet_ros.node.main', '--ros-args', *words], stdin=subprocess.DEVNULL,
                stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
                env=local_environment({**os.environ, 'ROS_DOMAIN_ID': str(domain)}))

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll()

    def usage(self) -> Usage:
        """What it holds now; ProcessLookupError if it has ended."""
        folder = Path('/proc') / str(self._process.pid)
        try:
            status = dict(line.split(':', 1) for line in (folder / 'status').read_text().splitlines())
            memory_mb, peak_mb = (int(status[name].split()[0]) * 1024 / 1e6 for name in ('VmRSS', 'VmHWM'))
            return Usage(memory_mb, peak_mb, int(status['Threads']), len(os.listdir(folder / 'fd')))
        except (OSError, KeyError) as error:   # a process that has ended has no memory any more
            raise ProcessLookupError(f'the node has ended with exit code {self.exit_code}') from error

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGKILL."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float) -> int:
        """Its exit code; subprocess.TimeoutExpired if it does not end in time."""
        return self._process.wait(timeout_s)

    def close(self) -> int:
        """End it as Ctrl-C does, or by force; its exit code."""
        if self.exit_code is None:
            self.send(signal.SIGINT)
            try:
                return self.wait(20.0)
            except subprocess.TimeoutExpired:
                self.send(signal.SIGKILL)
        return self.wait(20.0)

    def surprises(self) -> list[str]:
        """What it has raised without having been written for it: last lines of the tracebacks in its log, each once.

        Such faults are caught, but do not tell a user what to do.
        """
        found: dict[str, None] = {}
        inside = False
        for line in self.log.read_text(encoding='utf-8', errors='replace').splitlines():
            if line.startswith('Traceback '):
                inside = True
            elif inside and not line.startswith(' '):
                inside = False
                found[line] = None
        return list(found)

    def last_words(self, lines: int = 30) -> str:
        """The end of what it has printed."""
        return '\n'.join(self.log.read_text(encoding='utf-8', errors='replace').splitlines()[-lines:])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
