"""Lets events through at most so often."""
from __future__ import annotations

import time


class RateLimit:
    """Says which events of a stream to take so that, on average, they come at most at a given rate.

    A stream somewhat faster than the limit is thinned to the limit and not to the next whole fraction of itself.
    Counts on a steady clock: the limit is there to save work, however fast the messages' time goes.
    """

    def __init__(self) -> None:
        self._due_s = float('-inf')

    def admits(self, rate_hz: float, now_s: float | None = None) -> bool:
        """Whether to take the event that comes now; 0 Hz is no limit, and the rate may differ from call to call."""
        if rate_hz <= 0:
            self._due_s = float('-inf')
            return True
        now_s = time.monotonic() if now_s is None else now_s
        period_s = 1 / rate_hz
        due_s = min(self._due_s, now_s + period_s)   # the rate may have grown
        if now_s < due_s:
            self._due_s = due_s
            return False
        # An event that comes a little late does not delay the next one; a pause is not made up for.
        late = now_s - due_s > period_s
        self._due_s = (now_s if late else due_s) + period_s
        return True
