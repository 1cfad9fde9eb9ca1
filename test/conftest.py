"""Settings of all tests."""
from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# No deadline: on a busy machine the slowest example says nothing about the code.
settings.register_profile('hdnet_ros', deadline=None)
settings.load_profile('hdnet_ros')


def pytest_sessionstart() -> None:
    """Let Ctrl-C work: a shell that runs the tests in the background hands down to all programs to ignore it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def signal_handlers():
    """Entry points that are called in this process ignore signals when they end; nobody else should."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)
