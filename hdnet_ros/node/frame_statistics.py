"""Counts of what became of the images: written by the worker, read by the diagnosis."""
from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class FrameFacts:
    """What became of the images since activation.

    received: arrived, with or without a matching CameraInfo; failed: could not be decoded or processed.
    dropped: not looked at, because newer ones came before their turn or, ``skipped`` of them, because of max_rate_hz.
    failure: reason of the last failure; '' once an image has gone well again.
    warning: what is wrong with the last image although it was processed; '' if nothing is.
    success_age_s: seconds since the last image that went well; None if there was none.
    people, depth_range (m), stage_seconds, latency_s, camera_roll_deg: of the last image that went well.
    calibration: of the last image, or why it cannot be used; distorted: it has a distortion that is taken out.
    fixed_frame: in which frame people were tracked in that image; '' if the camera's.
    """

    received: int = 0
    processed: int = 0
    dropped: int = 0
    skipped: int = 0
    failed: int = 0
    failure: str = ''
    warning: str = ''
    success_age_s: float | None = None
    people: int = 0
    depth_range: tuple[float, float] = (float('nan'), float('nan'))
    stage_seconds: dict[str, float] = field(default_factory=dict)
    latency_s: float = float('nan')
    camera_roll_deg: float = 0.0
    calibration: str = 'none yet'
    distorted: bool = False
    fixed_frame: str = ''


class FrameStatistics:
    """Thread-safe bookkeeping behind ``FrameFacts``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._facts = FrameFacts()
        self._success_s: float | None = None

    def clear(self) -> None:
        """Start counting anew."""
        with self._lock:
            self._facts = FrameFacts()
            self._success_s = None

    def received(self) -> None:
        """An image arrived."""
        with self._lock:
            self._facts = replace(self._facts, received=self._facts.received + 1)

    def dropped(self) -> None:
        """An image was replaced by a newer one."""
        with self._lock:
            self._facts = replace(self._facts, dropped=self._facts.dropped + 1)

    def skipped(self) -> None:
        """An image was one too many for max_rate_hz."""
        with self._lock:
            self._facts = replace(self._facts, dropped=self._facts.dropped + 1, skipped=self._facts.skipped + 1)

    def failed(self, reason: str, **last_image: object) -> None:
        """An image could not be decoded or processed; keywords are fields of ``FrameFacts`` known all the same."""
        with self._lock:
            self._facts = replace(self._facts, failed=self._facts.failed + 1, failure=reason, **last_image)

    def succeeded(self, **last_image: object) -> None:
        """An image went well; keywords are the fields of ``FrameFacts`` that describe it."""
        with self._lock:
            self._facts = replace(self._facts, processed=self._facts.processed + 1, failure='', **last_image)
            self._success_s = time.monotonic()

    def facts(self) -> FrameFacts:
        """What is known now."""
        with self._lock:
            age_s = None if self._success_s is None else time.monotonic() - self._success_s
            return replace(self._facts, success_age_s=age_s)
