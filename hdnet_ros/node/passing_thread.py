"""Work that must leave no thread behind."""
from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar('Result')

_EVERY_S = 1.0


def in_passing_thread(action: Callable[[], Result], meanwhile: Callable[[], None] = lambda: None) -> Result:
    """What ``action()`` returns or raises, called in a thread that ends with it.

    meanwhile: called every second in the caller's thread, which has nothing to do but wait.

    Each thread that calculates with torch gets helpers from OpenMP, one per core less one, which stay until it ends.
    As soon as there are more of them than cores, all of them sleep instead of waiting for the next operation, and
    waking them made HDNet a quarter to a half slower. So networks may be run in one lasting thread only.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(action())
        except BaseException as error:   # whatever it is, the caller is the one to know
            outcome.set_exception(error)

    # A daemon, so that a model that hangs cannot keep the process alive.
    thread = threading.Thread(target=run, name='hdnet_loading', daemon=True)
    thread.start()
    try:
        thread.join(_EVERY_S)
        while thread.is_alive():
            meanwhile()
            thread.join(_EVERY_S)
    except Exception:
        # Nothing goes on behind the caller's back, whatever meanwhile() raises; an interrupt, though, ends everything.
        thread.join()
        raise
    return outcome.result()
