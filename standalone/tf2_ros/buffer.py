"""All frames, and the way from one to another."""
from __future__ import annotations

import math
import threading
from typing import Any

from geometry_msgs.msg import TransformStamped
from rclpy.duration import Duration
from rclpy.logging import get_logger
from rclpy.time import Time

from tf2_ros.errors import (
    ConnectivityException,
    ExtrapolationException,
    InvalidArgumentException,
    LookupException,
    TransformException,
)
from tf2_ros.rigid import Rigid
from tf2_ros.time_cache import Link, StaticCache, TimeCache

QUATERNION_TOLERANCE = 0.01   # of the squared length


class Buffer:
    """Keeps the transforms of the last `cache_time` (10 s) and finds the one between any two frames.

    Times are rclpy Time or builtin_interfaces Time; time 0 asks for the newest moment at which the answer is known.
    """

    def __init__(self, cache_time: Duration | None = None) -> None:
        self.cache_ns = 10_000_000_000 if cache_time is None else cache_time.nanoseconds
        self._lock = threading.Lock()
        self._caches: dict[str, TimeCache | StaticCache] = {}   # by child frame
        self._frames: set[str] = set()

    def set_transform(self, transform: TransformStamped, authority: str) -> None:
        """Add a transform at its time; a wrong one is logged and ignored."""
        self._insert(transform, authority, is_static=False)

    def set_transform_static(self, transform: TransformStamped, authority: str) -> None:
        """Add a transform for all times; a wrong one is logged and ignored."""
        self._insert(transform, authority, is_static=True)

    def clear(self) -> None:
        """Forget all transforms but the static ones; the frames' names stay known."""
        with self._lock:
            for cache in self._caches.values():
                cache.clear()

    def lookup_transform(self, target_frame: str, source_frame: str, time: Any) -> TransformStamped:
        """The transform that takes points of `source_frame` to `target_frame` at `time`.

        LookupException (no such frame), ConnectivityException, ExtrapolationException (not at that time) or
        InvalidArgumentException (not a frame's name), all of them TransformException.
        """
        with self._lock:
            rigid, time_ns = self._find(target_frame, source_frame, nanoseconds(time))
        return stamped(rigid, time_ns, target_frame, source_frame)

    def can_transform(self, target_frame: str, source_frame: str, time: Any) -> bool:
        """Whether lookup_transform would answer."""
        try:
            self.lookup_transform(target_frame, source_frame, time)
        except TransformException:
            return False
        return True

    def _insert(self, transform: TransformStamped, authority: str, is_static: bool) -> None:
        parent, child = transform.header.frame_id.removeprefix('/'), transform.child_frame_id.removeprefix('/')
        rigid = Rigid.from_msg(transform.transform)
        problem = why_wrong(parent, child, rigid)
        stamp_ns = nanoseconds(transform.header.stamp)
        with self._lock:
            if problem is None:
                self._frames.update((parent, child))
                cache = self._caches.get(child)
                if not isinstance(cache, StaticCache if is_static else TimeCache):
                    cache = self._caches[child] = StaticCache() if is_static else TimeCache(self.cache_ns)
                if not cache.insert(stamp_ns, Link(parent, rigid.normalized())):
                    problem = f'its time {stamp_ns / 1e9:.6f} s is too old'
        if problem is not None:
            get_logger('tf2_buffer').warning(f'ignored "{child}" in "{parent}", sent by {authority}: {problem}')

    def _find(self, target: str, source: str, time_ns: int) -> tuple[Rigid, int]:
        for frame in (target, source):
            self._check_name(frame)
        if target == source:
            latest_ns = getattr(self._caches.get(source), 'latest_ns', None)
            return Rigid(), time_ns or latest_ns or 0
        if time_ns == 0:
            time_ns = self._latest_common_ns(target, source)
        above_source, source_stop = self._ancestors(source, time_ns)
        above_target, target_stop = self._ancestors(target, time_ns)
        meeting = next((frame for frame in above_target if frame in above_source), None)
        if meeting is not None:
            return above_target[meeting].inverse() @ above_source[meeting], time_ns
        stop = source_stop or target_stop
        if stop is not None:
            raise ExtrapolationException(f'no transform from "{source}" to "{target}": {stop}')
        raise ConnectivityException(f'no transform from "{source}" to "{target}": nothing joins the two frames')

    def _check_name(self, frame: str) -> None:
        if not frame or frame.startswith('/'):
            raise InvalidArgumentException(f'"{frame}" is no frame: names are not empty and begin without a slash')
        if frame not in self._frames:
            raise LookupException(f'frame "{frame}" does not exist: nobody has published it yet')

    def _ancestors(self, frame: str, time_ns: int) -> tuple[dict[str, Rigid], TransformException | None]:
        """From `frame` upwards: every frame with the transform to it from `frame`, and why the way ended, if early."""
        way, rigid = {frame: Rigid()}, Rigid()
        while (cache := self._caches.get(frame)) is not None:
            try:
                link = cache.at(time_ns)
            except ExtrapolationException as error:
                return way, ExtrapolationException(f'frame "{frame}": {error}')
            frame, rigid = link.parent, link.rigid @ rigid
            if frame in way:
                raise LookupException(f'the frames form a loop: {" -> ".join([*way, frame])}')
            way[frame] = rigid
        return way, None

    def _latest_common_ns(self, target: str, source: str) -> int:
        """The newest time at which all moving links between two frames are known; 0 if none moves."""
        lines = [self._latest_line(target), self._latest_line(source)]
        meeting = next((frame for frame in lines[0] if frame in lines[1]), None)
        if meeting is None:
            raise ConnectivityException(f'no transform from "{source}" to "{target}": nothing joins the two frames')
        below = [frame for line in lines for frame in line[:line.index(meeting)]]
        return min((ns for frame in below if (ns := self._caches[frame].latest_ns) is not None), default=0)

    def _latest_line(self, frame: str) -> list[str]:
        """`frame` and all above it, by their newest links."""
        line = [frame]
        while (cache := self._caches.get(line[-1])) is not None and (link := cache.latest()) is not None:
            if link.parent in line:
                raise LookupException(f'the frames form a loop: {" -> ".join([*line, link.parent])}')
            line.append(link.parent)
        return line


def why_wrong(parent: str, child: str, rigid: Rigid) -> str | None:
    """What is wrong with a transform, or None."""
    if not parent or not child:
        return 'a frame has no name'
    if parent == child:
        return 'a frame cannot be its own parent'
    if any(math.isnan(number) for number in (*rigid.translation, *rigid.rotation)):
        return 'it has numbers that are not numbers'
    if abs(sum(part * part for part in rigid.rotation) - 1.0) >= QUATERNION_TOLERANCE:
        return f'its quaternion {rigid.rotation} does not have length 1'
    return None


def nanoseconds(time: Any) -> int:
    """An rclpy or builtin_interfaces Time in nanoseconds."""
    return time.nanoseconds if hasattr(time, 'nanoseconds') else time.sec * 1_000_000_000 + time.nanosec


def stamped(rigid: Rigid, time_ns: int, target_frame: str, source_frame: str) -> TransformStamped:
    """A transform from `source_frame` to `target_frame` as a message."""
    message = TransformStamped(child_frame_id=source_frame, transform=rigid.to_msg())
    message.header.frame_id = target_frame
    message.header.stamp = Time(nanoseconds=time_ns).to_msg()
    return message
