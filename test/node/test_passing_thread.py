from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from hdnet_ros.node import passing_thread
from hdnet_ros.node.passing_thread import in_passing_thread

# Matrices large enough for torch to share the work; the helpers end a moment after the thread whose they are.
COUNT_THREADS = '''
import os, time, torch
from hdnet_ros.node.passing_thread import in_passing_thread
torch.set_num_threads(3)
count = lambda: len(os.listdir('/proc/self/task'))
def work():
    torch.set_num_threads(3)
    (torch.rand(2000, 2000) + 1).exp()
    return count()
before = count()
during = in_passing_thread(work)
end = time.monotonic() + 10
while count() > before and time.monotonic() < end:
    time.sleep(0.01)
print(during - before, count() - before)
'''


def test_returns_what_the_action_returns_from_a_thread_that_has_ended():
    thread = in_passing_thread(threading.current_thread)
    assert thread is not threading.current_thread()
    assert not thread.is_alive()


def test_the_caller_may_do_something_meanwhile_in_its_own_thread(monkeypatch):
    monkeypatch.setattr(passing_thread, '_EVERY_S', 0.01)
    calls, enough = [], threading.Event()

    def meanwhile():
        calls.append(threading.current_thread())
        if len(calls) == 3:
            enough.set()
    assert in_passing_thread(lambda: enough.wait(10), meanwhile)
    assert set(calls) == {threading.current_thread()}


@pytest.mark.parametrize('error', [ValueError('no such model'), KeyboardInterrupt()])
def test_raises_what_the_action_raises(error):
    def fail():
        raise error
    with pytest.raises(type(error)) as caught:
        in_passing_thread(fail)
    assert caught.value is error


def test_an_interrupt_while_waiting_ends_the_waiting(monkeypatch):
    """A model that hangs must not keep the process alive."""
    monkeypatch.setattr(passing_thread, '_EVERY_S', 0.01)
    enough = threading.Event()

    def interrupt():
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt):
        in_passing_thread(lambda: enough.wait(10), interrupt)
    assert not enough.is_set()
    enough.set()


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='counts threads in /proc')
def test_leaves_no_helpers_of_torch_behind():
    out = subprocess.run([sys.executable, '-c', COUNT_THREADS], capture_output=True, text=True, check=True).stdout
    during, after = map(int, out.split())
    assert during == 3      # the thread and its two helpers
    assert after == 0
