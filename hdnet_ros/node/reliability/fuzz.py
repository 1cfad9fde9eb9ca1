"""Sends the node damaged messages by the ten thousand, and good ones in between."""
from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from hdnet_ros.node.reliability import view
from hdnet_ros.node.reliability.mutations import SMALL_PX, Mutator
from hdnet_ros.node.reliability.node_process import NodeProcess, Usage
from hdnet_ros.node.reliability.station import Station, TrialFailed
from hdnet_ros.node.reliability.trend import Trend, trend

_TRIES = 3
_WIRE_SHARE = 0.05
_GROWTH_MB = 30.0
# Longer than sync.slop_s, or a good image might meet the damaged calibration of its neighbour.
_PERIOD_NS = 50_000_000
# Memory of the first sixth is caches, buffers of DDS and code that runs for the first time.
_SETTLED = 1 / 6


@dataclass(frozen=True)
class Mode:
    """A way to run the node; root: who places people; share: of all messages."""

    name: str
    compressed: bool
    detections: bool
    root: str
    share: float

    @property
    def parameters(self) -> dict[str, object]:
        """Of the node."""
        return {'image_transport': 'compressed' if self.compressed else 'raw',
                'detector.kind': 'given' if self.detections else 'ssd_mobilenet', 'root.kind': self.root}


# With detections from outside an image costs little, so most messages go that way. Calibrations and boxes are damaged
# alike in all modes, so one with HDNet will do: the others are there for what comes before it.
MODES = (Mode('raw', False, True, 'combined', 0.45), Mode('compressed', True, True, 'geometric', 0.45),
         Mode('own detector', False, False, 'geometric', 0.1))


@dataclass
class FuzzReport:
    """What became of the messages of one mode.

    sent: damaged messages; received, failed, processed, dropped, unmatched: images, as the node counts them.
    good, second_tries: good images that were sent, and how many of them had to be sent again.
    surprises: exceptions that the node caught, but was not written for.
    memory: of the node in MB over thousands of messages.
    """

    mode: str
    sent: int = 0
    received: int = 0
    failed: int = 0
    processed: int = 0
    dropped: int = 0
    unmatched: int = 0
    good: int = 0
    second_tries: int = 0
    surprises: list[str] = field(default_factory=list)
    usage: list[tuple[int, Usage]] = field(default_factory=list)

    @property
    def memory(self) -> Trend | None:
        """Its trend once settled; None for short runs."""
        settled = [(sent / 1000, usage.memory_mb) for sent, usage in self.usage if sent > self.sent * _SETTLED]
        return trend(*zip(*settled, strict=True)) if len(settled) >= 10 else None

    def text(self) -> str:
        """For people."""
        lines = [f'{self.mode}: {self.sent} damaged messages; of the images {self.received} arrived, '
                 f'{self.failed} were refused, {self.processed} processed, {self.dropped} dropped, '
                 f'{self.unmatched} without partners; '
                 f'{self.good} good images came out, {self.second_tries} of them at a second try']
        first, last = self.usage[0][1], self.usage[-1][1]
        lines.append(f'  threads {first.threads} to {last.threads}, files {first.files} to {last.files}, '
                     f'most memory ever {last.peak_mb:.0f} MB')
        if self.memory:
            quarters = np.array_split([usage.memory_mb for _, usage in self.usage], 4)
            lines.append(f'  memory {self.memory.text("MB", "1000 messages")}; at the end of each quarter '
                         + ', '.join(f'{quarter[-1]:.1f}' for quarter in quarters))
        lines += [f'  unexpected: {surprise}' for surprise in self.surprises]
        return '\n'.join(lines)


def fuzz(messages: int, seed: int, burst: int = 200, rate_hz: float = 300.0, domain: int | None = None,
         modes: Sequence[Mode] = MODES, progress: bool = True) -> list[FuzzReport]:
    """Send so many damaged messages in all; TrialFailed if the node dies, grows or does not use a good image.

    burst: damaged messages between two good images. rate_hz: messages per second, all topics together.
    """
    domain = random.SystemRandom().randint(1, 100) if domain is None else domain
    good = view.load_view()
    reports = []
    with tqdm(total=messages, unit='msg', disable=not progress) as bar:
        for index, mode in enumerate(modes):
            count = round(messages * mode.share / sum(each.share for each in modes))
            reports.append(_fuzz_mode(mode, count, seed + index, burst, rate_hz, domain, good, bar))
    return reports


def _fuzz_mode(mode: Mode, messages: int, seed: int, burst: int, rate_hz: float, domain: int, good: view.View,
               bar: tqdm) -> FuzzReport:
    with tempfile.TemporaryDirectory() as folder:
        child = NodeProcess(mode.parameters, domain, Path(folder) / 'node.log')
        station = Station(child, domain, mode.compressed, mode.detections)
        try:
            station.wait_active()
            report = _Bursts(mode, station, child, good, seed).run(messages, burst, rate_hz, bar)
        finally:
            station.close()
            exit_code = child.close()
        if exit_code:
            raise TrialFailed(f'the node ends with exit code {exit_code}; its last words:\n{child.last_words()}')
        return report


class _Bursts:
    def __init__(self, mode: Mode, station: Station, child: NodeProcess, good: view.View, seed: int):
        self._mode, self._station, self._child, self._good = mode, station, child, good
        self._mutator = Mutator(seed, good.focal_px)
        self._stamp_ns = 1_000_000_000_000
        self.report = FuzzReport(mode.name)

    def run(self, messages: int, burst: int, rate_hz: float, bar: tqdm) -> FuzzReport:
        report = self.report
        self._send_good()
        while report.sent < messages:
            for damaged in self._damaged(min(burst, messages - report.sent)):
                self._station.send(*damaged)
                self._station.spin(len(damaged) / rate_hz)
                report.sent += len(damaged)
                bar.update(len(damaged))
            self._send_good()
            report.usage.append((report.sent, self._child.usage()))
        self._station.values.clear()   # for fresh counters
        self._station.until(lambda: bool(self._station.values), 3.0)
        for name in ('received', 'failed', 'processed', 'dropped', 'unmatched'):
            setattr(report, name, self._station.count(f'images {name}'))
        report.surprises = self._child.surprises()
        if report.memory and report.memory.last - report.memory.first > _GROWTH_MB and report.memory.low > 0:
            raise TrialFailed(f'the memory grows: {report.text()}')
        return report

    def _damaged(self, messages: int) -> Iterator[tuple[Any, ...]]:
        """Sets of messages with one stamp, so that they meet in the synchroniser, unless the stamp is damaged too."""
        mutator, pick = self._mutator, self._mutator.random
        for _ in range(-(-messages // (3 if self._mode.detections else 2))):
            self._stamp_ns += _PERIOD_NS
            image = mutator.compressed(self._stamp_ns) if self._mode.compressed else mutator.image(self._stamp_ns)
            # The calibration often fits the image, so that what comes after it is reached, too.
            size = (SMALL_PX, SMALL_PX) if self._mode.compressed else (image.width, image.height)
            damaged = [image, mutator.info(self._stamp_ns, size if pick.random() < 0.7 else self._good.size)]
            if self._mode.detections:
                damaged.append(mutator.detections(self._stamp_ns))
            yield tuple(mutator.on_the_wire(m) if pick.random() < _WIRE_SHARE else m for m in damaged)

    def _send_good(self) -> None:
        width, height = self._good.size
        for attempt in range(_TRIES):
            self._stamp_ns += _PERIOD_NS
            stamp_ns, image = self._stamp_ns, self._good.images[0]
            messages = [(view.jpeg_message if self._mode.compressed else view.image_message)(image, stamp_ns),
                        view.info_message(width, height, self._good.focal_px, stamp_ns)]
            if self._mode.detections:
                messages.append(view.detections_message(self._good.boxes, stamp_ns))
            self._station.send(*messages)
            if self._station.until(lambda stamp_ns=stamp_ns: stamp_ns in self._station.stamps_ns, 10.0):
                self.report.good += 1
                self.report.second_tries += attempt > 0
                self._station.stamps_ns.clear()
                return
        raise TrialFailed(f'{_TRIES} good images after {self.report.sent} damaged messages, and no people come out; '
                          f'the node says: {self._station.message}\n{self._child.last_words()}')


def summary(reports: Sequence[FuzzReport], seconds: float) -> str:
    """Everything in words."""
    total = sum(report.sent for report in reports)
    return '\n'.join([f'{total} damaged messages in {seconds:.0f} s, no crash, every good image used',
                      *(report.text() for report in reports)])


def run(messages: int, seed: int, burst: int, rate_hz: float) -> int:
    """The command; 1 if a trial failed or the node was surprised."""
    begin = time.monotonic()
    try:
        reports = fuzz(messages, seed, burst, rate_hz)
        print(summary(reports, time.monotonic() - begin))
    except TrialFailed as error:
        print(f'FAILED (seed {seed}): {error}')
        return 1
    return 1 if any(report.surprises for report in reports) else 0
