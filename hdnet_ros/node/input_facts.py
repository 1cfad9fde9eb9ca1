"""What is known about the inputs at a moment: plain data for the diagnosis."""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputFacts:
    """One input topic.

    received: messages since activation; age_s: seconds since the last one, None if there was none.
    period_s: seconds from one message to the next; 0 if that is not known.
    lost: messages that a publisher sent and that did not get through; lost_share: how many of the latest, 0 to 1.
    most_alike: how many of the last few messages in a row have the same stamp, at most.
    refused: why the last message could not even be synchronised, '' if it could.
    publishers: full names of their nodes; hint: what to do if there are none, '' if that is not known.
    problems: why some of them cannot be heard, in words for a user.
    """

    name: str
    topic: str
    received: int = 0
    age_s: float | None = None
    period_s: float = 0.0
    most_alike: int = 0
    lost: int = 0
    lost_share: float = 0.0
    refused: str = ''
    publishers: tuple[str, ...] = ()
    hint: str = ''
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class StampGap:
    """The smallest difference between stamps of two inputs that have not matched."""

    first: str
    second: str
    seconds: float
