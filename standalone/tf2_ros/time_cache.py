"""What is known of one frame over time."""
from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from tf2_ros.errors import ExtrapolationException
from tf2_ros.rigid import Rigid, interpolate


@dataclass(frozen=True)
class Link:
    """A frame in its parent: `rigid` takes points of the frame to `parent`."""

    parent: str
    rigid: Rigid


class StaticCache:
    """A link that holds at all times; there is none until the first `insert`."""

    latest_ns = None
    link: Link

    def insert(self, stamp_ns: int, link: Link) -> bool:
        """Replace the link; always True."""
        self.link = link
        return True

    def latest(self) -> Link:
        """The link."""
        return self.link

    def at(self, time_ns: int) -> Link:
        """The link."""
        return self.link

    def clear(self) -> None:
        """Nothing: it is sent only once, and holds after a jump of time as before."""


class TimeCache:
    """The links of the last `duration_ns` nanoseconds, by stamp."""

    def __init__(self, duration_ns: int) -> None:
        self.duration_ns = duration_ns
        self.stamps: list[int] = []
        self.links: list[Link] = []

    @property
    def latest_ns(self) -> int | None:
        """The newest stamp, or None."""
        return self.stamps[-1] if self.stamps else None

    def insert(self, stamp_ns: int, link: Link) -> bool:
        """Add a link, or replace one of the same stamp; False if it is too old to be kept."""
        if self.stamps and stamp_ns < self.stamps[-1] - self.duration_ns:
            return False
        position = bisect_left(self.stamps, stamp_ns)
        same = position < len(self.stamps) and self.stamps[position] == stamp_ns
        self.stamps[position:position + same] = [stamp_ns]
        self.links[position:position + same] = [link]
        expired = bisect_left(self.stamps, self.stamps[-1] - self.duration_ns)
        del self.stamps[:expired], self.links[:expired]
        return True

    def latest(self) -> Link | None:
        """The newest link, if there is one."""
        return self.links[-1] if self.links else None

    def at(self, time_ns: int) -> Link:
        """The link at `time_ns`, interpolated; ExtrapolationException outside of what is known."""
        if not self.stamps:
            raise ExtrapolationException('the buffer was cleared')
        first, last = self.stamps[0], self.stamps[-1]
        if not first <= time_ns <= last:
            known = f'only time {seconds(first)} is known' if first == last else (
                f'the latest data is at time {seconds(last)}' if time_ns > last else
                f'the earliest data is at time {seconds(first)}')
            raise ExtrapolationException(f'requested time {seconds(time_ns)}, but {known}')
        position = bisect_right(self.stamps, time_ns) - 1
        older = self.links[position]
        if self.stamps[position] == time_ns:
            return older
        newer = self.links[position + 1]
        if older.parent != newer.parent:   # nothing lies between two parents
            return older
        ratio = (time_ns - self.stamps[position]) / (self.stamps[position + 1] - self.stamps[position])
        return Link(older.parent, interpolate(older.rigid, newer.rigid, ratio))

    def clear(self) -> None:
        """Forget all links."""
        self.stamps.clear()
        self.links.clear()


def seconds(time_ns: int) -> str:
    """A time in seconds, to the microsecond."""
    return f'{time_ns / 1e9:.6f} s'
