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
    values = {'state': facts.state, 'models': facts.models, 'devices': facts.devices,
              **_measured(facts, rate_in_hz, rate_out_hz)}
    return DiagnosticStatus(level=level, name=f'{facts.node_name.lstrip("/")}: people', message=message,
                            values=[KeyValue(key=key, value=value) for key, value in values.items()])


def _measured(facts: NodeFacts, rate_in_hz: float, rate_out_hz: float) -> dict[str, str]:
    """The numbers; what is not known yet says so. Stages are named once an image went through them."""
    frames = facts.frames
    values = {}
    for entry in facts.inputs:
        values[f'{entry.name} topic'] = entry.topic
        values[f'{entry.name} publishers'] = ', '.join(entry.publishers) or 'none'
        values[f'{entry.name} received'] = str(entry.received)
        values[f'{entry.name} lost on the way'] = str(entry.lost)
    values['since inputs matched [s]'] = _number(facts.set_age_s, 1)
    values['rate in [Hz]'] = _number(rate_in_hz, 1)
    values['rate out [Hz]'] = _number(rate_out_hz, 1)
    values['images received'] = str(frames.received)
    values['images processed'] = str(frames.processed)
    values['images dropped'] = str(frames.dropped)
    values['dropped for a newer one'] = str(frames.dropped - frames.skipped)
    values['dropped for max_rate_hz'] = str(frames.skipped)
    values['images unmatched'] = str(facts.unmatched)
    values['images failed'] = str(frames.failed)
    values['last failure'] = frames.failure
    values['since last output [s]'] = _number(frames.success_age_s, 1)
    values['people'] = str(frames.people) if frames.processed else 'unknown'
    values['nearest depth [m]'] = _number(frames.depth_range[0], 2)
    values['farthest depth [m]'] = _number(frames.depth_range[1], 2)
    values['tracked in'] = (frames.fixed_frame or "the camera's frame") if frames.processed else 'unknown'
    values['calibration'] = frames.calibration
    values['camera roll [deg]'] = _number(frames.camera_roll_deg if frames.processed else None, 0)
    values['latency from stamp [s]'] = _number(frames.latency_s, 3)
    for stage, seconds in frames.stage_seconds.items():
        values[f'{stage} [ms]'] = _number(seconds * 1e3, 1)
    return values


def _number(value: float | None, digits: int) -> str:
    return 'unknown' if value is None or math.isnan(value) else f'{value:.{digits}f}'
