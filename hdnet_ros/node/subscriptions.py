"""The inputs: subscriptions, their synchronisation, and what is known about them when nothing comes through."""
from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import message_filters
from builtin_interfaces.msg import Time
from rclpy.node import Node
from rclpy.qos import QoSCompatibility, QoSProfile, ReliabilityPolicy, qos_check_compatible
from rclpy.qos_overriding_options import QoSOverridingOptions
from rclpy.subscription import Subscription
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from hdnet_ros.node.event_callbacks import SubscriptionEventCallbacks
from hdnet_ros.node.input_facts import InputFacts, StampGap
from hdnet_ros.node.topics import Topics

# Within one publisher stamps only grow, or nearly so. A step back by more than this, and by more than its user calls
# late, is a bag that loops or a clock that was set.
_REWIND_S = 0.1
_STAMPS_REMEMBERED = 30
_ARRIVALS_REMEMBERED = 5
_STAMPS_COMPARED = 10
_SETS_COMPARED = 5
_OUTCOMES_REMEMBERED = 30


@dataclass(frozen=True)
class InputSet:
    """Messages that belong together: one image, its calibration and, if somebody else detects, its detections."""

    image: Any
    camera_info: Any
    detections: Any = None


@dataclass
class _Input:
    name: str
    topic: str
    type_name: str
    subscription: Subscription = field(init=False)
    source: message_filters.SimpleFilter = field(default_factory=message_filters.SimpleFilter)
    received: int = 0
    lost: int = 0
    outcomes: deque = field(default_factory=lambda: deque(maxlen=_OUTCOMES_REMEMBERED))    # whether each was lost
    refused: str = ''
    last: Any = None
    arrivals_s: deque = field(default_factory=lambda: deque(maxlen=_ARRIVALS_REMEMBERED))
    last_ns: int | None = None
    unmatched_ns: deque = field(default_factory=lambda: deque(maxlen=_STAMPS_REMEMBERED))
    recent_ns: deque = field(default_factory=lambda: deque(maxlen=_STAMPS_COMPARED))

    @property
    def period_s(self) -> float:
        """Shortest time between recent arrivals, which a pause does not disturb; 0 if there were less than two."""
        arrivals = list(self.arrivals_s)
        return min((b - a for a, b in zip(arrivals[:-1], arrivals[1:], strict=True)), default=0.0)

    @property
    def lost_share(self) -> float:
        """How many of the latest messages were lost on the way, 0 to 1; 0 while there were few."""
        full = len(self.outcomes) == _OUTCOMES_REMEMBERED
        return sum(self.outcomes) / _OUTCOMES_REMEMBERED if full else 0.0

    @property
    def most_alike(self) -> int:
        """How many of the last messages in a row have the same stamp, at most."""
        return max((len(list(run)) for _, run in itertools.groupby(self.recent_ns)), default=0)


class SynchronisedInputs:
    """Subscribes to the inputs and calls ``on_inputs`` with each set of messages whose stamps agree.

    slop_s: how far apart stamps of one set may be; 0 asks for equal ones.
    queue_size: how many messages of each topic wait for their partners.
    late_s: tells how far a stamp may now lie behind the one before it and just be late, seconds; at least 0.1 s may.
    on_image: called for every image, with or without partners.
    on_inputs: must be quick and must not raise: the synchroniser holds its lock meanwhile.
    on_rewind: called when the stamps have jumped back, before any message from the new time.
    All callbacks and methods belong to the executor's thread.
    """

    def __init__(self, node: Node, topics: Topics, slop_s: float, queue_size: int, late_s: Callable[[], float],
                 on_image: Callable[[], None], on_inputs: Callable[[InputSet], None],
                 on_rewind: Callable[[], None]) -> None:
        self._node = node
        self._topics = topics
        self._slop_s = slop_s
        self._queue_size = queue_size
        self._late_s = late_s
        self._on_image = on_image
        self._on_inputs = on_inputs
        self._on_rewind = on_rewind
        self._sets = 0
        self._images_at_set: deque = deque(maxlen=_SETS_COMPARED)    # how many images had come at each of the last sets
        self._set_s: float | None = None
        self._inputs: list[_Input] = []
        try:
            self._subscribe('image', CompressedImage if topics.compressed else Image, topics.image)
            self._subscribe('camera_info', CameraInfo, topics.camera_info)
            if topics.detections is not None:
                from vision_msgs.msg import Detection2DArray
                self._subscribe('detections', Detection2DArray, topics.detections)
        except Exception:   # nobody else could take away those that were made
            self.close()
            raise
        self._synchronise()

    def _subscribe(self, name: str, message_type: type, topic: str) -> None:
        entry = _Input(name, topic, _type_name(message_type))
        # Best effort also matches reliable publishers; rclpy itself logs publishers with which it cannot match.
        entry.subscription = self._node.create_subscription(
            message_type, topic, lambda message: self._receive(entry, message),
            QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT),
            event_callbacks=SubscriptionEventCallbacks(message_lost=lambda event: self._lose(entry, event)),
            qos_overriding_options=QoSOverridingOptions.with_default_policies())
        self._inputs.append(entry)

    def _lose(self, entry: _Input, event: Any) -> None:
        entry.lost += event.total_count_change
        entry.outcomes.extend([True] * min(event.total_count_change, _OUTCOMES_REMEMBERED))

    def _synchronise(self) -> None:
        """Start with empty queues: after a rewind, old stamps would starve or mis-pair the new ones."""
        for entry in self._inputs:
            entry.source = message_filters.SimpleFilter()
            entry.last = entry.last_ns = None
            entry.unmatched_ns.clear()
        sources = [entry.source for entry in self._inputs]
        if self._slop_s > 0:
            synchroniser = message_filters.ApproximateTimeSynchronizer(sources, self._queue_size, self._slop_s)
        else:
            synchroniser = message_filters.TimeSynchronizer(sources, self._queue_size)
        synchroniser.registerCallback(self._hand_over)

    def _receive(self, entry: _Input, message: Any) -> None:
        stamp = message.header.stamp
        stamp_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
        entry.refused = _why_no_time(stamp, entry.name)
        valid = not entry.refused
        if valid and entry.last_ns is not None and stamp_ns < entry.last_ns - self._most_late_ns:
            self._rewind(entry, stamp_ns)
        if entry is self._inputs[0]:
            self._on_image()
        entry.received += 1
        entry.outcomes.append(False)
        entry.arrivals_s.append(time.monotonic())
        if valid:
            entry.recent_ns.append(stamp_ns)
            self._feed(entry, message, stamp_ns)

    @property
    def _most_late_ns(self) -> float:
        return max(_REWIND_S, self._late_s()) * 1e9

    def _rewind(self, entry: _Input, stamp_ns: int) -> None:
        """Start afresh, but keep what the other inputs have sent of the new time: their stamps may not have jumped."""
        kept = [(other, other.last, other.last_ns) for other in self._inputs if other is not entry
                and other.last_ns is not None and abs(other.last_ns - stamp_ns) <= self._most_late_ns]
        self._synchronise()
        self._on_rewind()
        for each in kept:
            self._feed(*each)

    def _feed(self, entry: _Input, message: Any, stamp_ns: int) -> None:
        entry.last, entry.last_ns = message, stamp_ns
        entry.unmatched_ns.append(stamp_ns)
        entry.source.signalMessage(message)

    def _hand_over(self, *messages: Any) -> None:
        self._sets += 1
        self._images_at_set.append(self._inputs[0].received)
        self._set_s = time.monotonic()
        for entry in self._inputs:
            entry.unmatched_ns.clear()
        self._on_inputs(InputSet(*messages))

    @property
    def set_age_s(self) -> float | None:
        """Seconds since the last messages matched; None if none ever did."""
        return None if self._set_s is None else time.monotonic() - self._set_s

    @property
    def unmatched(self) -> int:
        """Images whose partners did not come before those of a later image."""
        image = self._inputs[0]
        return max(0, image.received - self._sets - len(image.unmatched_ns))

    @property
    def images_per_set(self) -> float:
        """How many images came for each of the last few that matched; 1 if nothing is known yet."""
        counts = self._images_at_set
        return (counts[-1] - counts[0]) / (len(counts) - 1) if len(counts) == _SETS_COMPARED else 1.0

    def facts(self) -> tuple[InputFacts, ...]:
        """What is known about each input now."""
        now = time.monotonic()
        return tuple(InputFacts(
            name=entry.name, topic=entry.topic, received=entry.received, lost=entry.lost, lost_share=entry.lost_share,
            refused=entry.refused, age_s=now - entry.arrivals_s[-1] if entry.arrivals_s else None,
            period_s=entry.period_s, most_alike=entry.most_alike, **self._publishers(entry)) for entry in self._inputs)

    def _publishers(self, entry: _Input) -> dict[str, Any]:
        publishers = self._node.get_publishers_info_by_topic(entry.topic)
        names, problems = [], []
        for publisher in publishers:
            who = f'{publisher.node_namespace.rstrip("/")}/{publisher.node_name}'
            names.append(who)
            if publisher.topic_type != entry.type_name:
                problems.append(f'{who} publishes {publisher.topic_type} there, expected {entry.type_name}')
                continue
            verdict, reason = qos_check_compatible(publisher.qos_profile, entry.subscription.qos_profile)
            if verdict == QoSCompatibility.ERROR:
                problems.append(f'the QoS of {who} is incompatible: {reason.strip().rstrip(";")}')
        hint = '' if publishers else self._hint(entry)
        return {'publishers': tuple(sorted(names)), 'problems': tuple(problems), 'hint': hint}

    def _hint(self, entry: _Input) -> str:
        topic = remedy = ''
        if entry.name == 'image':
            topic, transport = self._topics.other_transport
            remedy = f'set image_transport to {transport}, or remap image'
        elif entry.name == 'camera_info':
            topic, remedy = self._topics.plain_camera_info, f'remap {entry.topic} to it'
        return f'but {topic} is there: {remedy}' if topic and self._node.count_publishers(topic) else ''

    def stamp_gap(self) -> StampGap | None:
        """How far apart stamps since the last match are, of the two inputs that fit least; None while one has none."""
        worst: StampGap | None = None
        image = self._inputs[0]
        for other in self._inputs[1:]:
            if not image.unmatched_ns or not other.unmatched_ns:
                return None
            gap_s = min(abs(a - b) for a in image.unmatched_ns for b in other.unmatched_ns) * 1e-9
            if worst is None or gap_s > worst.seconds:
                worst = StampGap('image', other.name, gap_s)
        return worst

    def close(self) -> None:
        """Unsubscribe."""
        for entry in self._inputs:
            self._node.destroy_subscription(entry.subscription)
        self._inputs = []


def _why_no_time(stamp: Time, name: str) -> str:
    """Why messages of an input cannot be used with this stamp; '' if they can."""
    if stamp.sec < 0 or stamp.nanosec >= 1_000_000_000:
        # No clock gives such stamps, and the synchroniser would raise an exception.
        return f'the stamp (sec {stamp.sec}, nanosec {stamp.nanosec}) is no time'
    if stamp.sec or stamp.nanosec:
        return ''
    # What comes from a driver that sets no stamp, and no time for tf either, which would give its newest transform.
    # A simulation that begins at 0 loses no more than its first image.
    if name == 'image':
        return ('the images carry no time stamp (0), so nobody can be followed; '
                'the camera driver must set header.stamp')
    return 'they carry no time stamp (0), so they belong to no image; who publishes them must set header.stamp'


def _type_name(message_type: type) -> str:
    package, _, _ = message_type.__module__.partition('.')
    return f'{package}/msg/{message_type.__name__}'
