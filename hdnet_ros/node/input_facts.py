"""What is known about the inputs at a moment: plain data for the diagnosis."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputFacts:
    """One input topic.

    received: messages since activation; age_s: seconds since the last one, None if there was none.
    publishers: how many there are; problems: why some of them cannot be heard, in words for a user.
    """

    name: str
    topic: str
    received: int = 0
    age_s: float | None = None
    publishers: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class StampGap:
    """The smallest difference between stamps of two inputs that have not matched."""

    first: str
    second: str
    seconds: float
