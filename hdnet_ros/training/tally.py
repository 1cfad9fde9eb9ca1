"""What the steps between two rows of a training log add up to."""
from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class Tally:
    """Sums over the steps since it was made, and the time they took.

    Counts the steps itself: after a resume, the first row is over fewer of them than the others.
    """

    def __init__(self) -> None:
        self.steps = 0
        self.sums: torch.Tensor | float = 0.0
        self._since = time.perf_counter()

    def add(self, sums: torch.Tensor) -> None:
        """Count one step with what ``Learner.step`` returned."""
        self.sums = self.sums + sums
        self.steps += 1

    @property
    def seconds(self) -> float:
        """Time since the tally was made, without pauses."""
        return time.perf_counter() - self._since

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What happens within, as validation, is no part of the steps' time."""
        before = time.perf_counter()
        yield
        self._since += time.perf_counter() - before
