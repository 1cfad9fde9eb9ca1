"""The node's DiagnosticStatus: its verdict, the numbers behind it, and rates."""
from __future__ import annotations

import math
import time

from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

from hdnet_ros.node.diagnosis import NodeFacts, diagnose


class RateMeter:
    """Events per second between two looks at a counter, on a steady clock (message time may stand still)."""

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None

    def rate(self, count: int, now_s: float | None = None) -> float:
        """Rate since the last look; NaN at the first look and when the counter has started anew."""
        now_s = time.monotonic() if now_s is None else now_s
        last, self._last = self._last, (now_s, count)
        if last is None or now_s <= last[0] or count < last[1]:
            return math.nan
        return (count - last[1]) / (now_s - last[0])


def diagnostic_status(facts: NodeFacts, rate_in_hz: float, rate_out_hz: float) -> DiagnosticStatus:
    """The status to publish; rates are of images that arrive and that are processed."""
    level, message = diagnose(facts)
    values = {'state': facts.state, 'models': facts.models, **_measured(facts, rate_in_hz, rate_out_hz)}
    return DiagnosticStatus(level=level, name=f'{facts.node_name.lstrip("/")}: people', message=message,
                            values=[KeyValue(key=key, value=value) for key, value in values.items()])


def _measured(facts: NodeFacts, rate_in_hz: float, rate_out_hz: float) -> dict[str, str]:
    frames = facts.frames
    values = {}
    for entry in facts.inputs:
        values[f'{entry.name} topic'] = entry.topic
        values[f'{entry.name} publishers'] = str(entry.publishers)
        values[f'{entry.name} received'] = str(entry.received)
    if facts.inputs:
        values['since inputs matched [s]'] = _number(math.nan if facts.set_age_s is None else facts.set_age_s, 1)
        values['rate in [Hz]'] = _number(rate_in_hz, 1)
        values['rate out [Hz]'] = _number(rate_out_hz, 1)
    values['images received'] = str(frames.received)
    values['images processed'] = str(frames.processed)
    values['images dropped'] = str(frames.dropped)
    values['images failed'] = str(frames.failed)
    values['last failure'] = frames.failure
    if frames.processed:
        age_s = math.nan if frames.success_age_s is None else frames.success_age_s
        values['since last output [s]'] = _number(age_s, 1)
        values['people'] = str(frames.people)
        values['nearest depth [m]'] = _number(frames.depth_range[0], 2)
        values['farthest depth [m]'] = _number(frames.depth_range[1], 2)
        values['tracked in'] = frames.fixed_frame or "the camera's frame"
        width, height = frames.image_size
        values['calibration'] = f'{width}x{height} px, focal length {frames.focal_px:.1f} px'
        values['latency from stamp [s]'] = _number(frames.latency_s, 3)
        for stage, seconds in frames.stage_seconds.items():
            values[f'{stage} [ms]'] = _number(seconds * 1e3, 1)
    return values


def _number(value: float, digits: int) -> str:
    return 'unknown' if math.isnan(value) else f'{value:.{digits}f}'
