"""Lets the node work for long while everything happens to it, and looks whether anything grows."""
from __future__ import annotations

import csv
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from hdnet_ros import msg
from hdnet_ros.node.reliability import view
from hdnet_ros.node.reliability.camera import Camera
from hdnet_ros.node.reliability.happenings import Happenings
from hdnet_ros.node.reliability.node_process import NodeProcess
from hdnet_ros.node.reliability.station import Station, TrialFailed
from hdnet_ros.node.reliability.trend import Trend, trend

# A small pool and few people: an id that is not given back would soon be missed.
_PARAMETERS = {'tracker.max_people': 8, 'tracker.id_pool_size': 24}
_SAMPLE_S = 1.0
# Images that fit the half megabyte of shared memory that Fast DDS has by default; most larger ones get lost on the way.
_FRAMES, _SCALE = 60, 1 / 4
# The first tenth is caches, buffers of DDS and code that runs for the first time.
_SETTLED = 0.1
_GROWTH_MB = 15.0
# With so many samples a trial that failed is reported all the same.
_WORTH_A_LOOK = 60


@dataclass
class SoakReport:
    """Samples over time and what happened.

    samples: rows of (seconds, memory MB, threads, files, latency ms, images/s out); latency is the median since the
        last sample, from sending an image to hearing the people, NaN if there were none.
    failure: what ended the trial early; '' if nothing did.
    unloaded: seconds and memory in MB whenever the models were let go: what leaks stays then, while the scratch memory
        of the networks, which depends on the images that they happened to see, is gone.
    """

    samples: list[tuple[float, ...]] = field(default_factory=list)
    unloaded: list[tuple[float, float]] = field(default_factory=list)
    happened: Counter = field(default_factory=Counter)
    sent: int = 0
    heard: int = 0
    failed: int = 0
    failure: str = ''
    ids: set[str] = field(default_factory=set)
    id_pool_size: int = _PARAMETERS['tracker.id_pool_size']

    def column(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Hours and values of one column, once settled and where known."""
        rows = self._settled(self.samples)
        rows = rows[np.isfinite(rows[:, index])]
        return rows[:, 0] / 3600, rows[:, index]

    def trend(self, index: int) -> Trend:
        """Of one column, per hour."""
        return trend(*self.column(index))

    def unloaded_trend(self) -> Trend | None:
        """Of the memory without models, per hour; None if they were let go fewer than three times."""
        rows = self._settled(self.unloaded)
        return trend(rows[:, 0] / 3600, rows[:, 1]) if len(rows) >= 3 else None

    def _settled(self, rows: list[tuple[float, ...]]) -> np.ndarray:
        return np.array([row for row in rows if row[0] >= _SETTLED * self.samples[-1][0]])

    def problems(self) -> list[str]:
        """What must not be."""
        hours = self.samples[-1][0] / 3600
        found = [self.failure] if self.failure else []
        for name, memory in (('memory', self.trend(1)), ('memory without models', self.unloaded_trend())):
            if memory is not None and memory.low * hours > _GROWTH_MB:
                found.append(f'the {name} grows by {memory.text("MB", "h")}')
        for name, index in (('threads', 2), ('open files', 3)):
            values = self.column(index)[1]
            half = len(values) // 2
            if values[half:].min() > values[:half].max():
                found.append(f'the {name} grow from {values[:half].max():.0f} to {values[half:].min():.0f}')
        latency = self.trend(4)
        if latency.low * hours > 0.5 * latency.first:
            found.append(f'the latency grows by {latency.text("ms", "h")}')
        if len(self.ids) > self.id_pool_size:
            found.append(f'{len(self.ids)} ids from a pool of {self.id_pool_size}')
        if self.failed:
            found.append(f'{self.failed} images failed')
        return found

    def text(self) -> str:
        """For people."""
        threads, files = self.column(2)[1], self.column(3)[1]
        unloaded = self.unloaded_trend()
        happened = ', '.join(f'{count} x {name}' for name, count in sorted(self.happened.items()))
        return '\n'.join([
            f'{self.samples[-1][0] / 60:.1f} minutes, {self.sent} images sent, {self.heard} results, '
            f'{self.failed} failed, {len(self.ids)} ids of a pool of {self.id_pool_size}',
            f'happened: {happened}',
            f'memory {self.trend(1).text("MB", "h")}',
            f'memory without models {unloaded.text("MB", "h") if unloaded else "unknown"}',
            f'latency {self.trend(4).text("ms", "h")}; median {np.median(self.column(4)[1]):.0f} ms',
            f'threads {threads.min():.0f} to {threads.max():.0f}, at the end {threads[-1]:.0f}; '
            f'open files {files.min():.0f} to {files.max():.0f}, at the end {files[-1]:.0f}'])


class Soak:
    """One node under observation."""

    def __init__(self, child: NodeProcess, station: Station, camera: Camera, seed: int):
        self.report = SoakReport()
        self._child, self._station, self._camera = child, station, camera
        self._happenings = Happenings(station, camera, seed, self._note_unloaded)
        self._latencies_ms: list[float] = []
        self._begin_s = time.monotonic()
        self._sampled_s = 0.0

    def hear(self, people: msg.PersonArray) -> None:
        """Take note of what the node publishes."""
        self.report.heard += 1
        self.report.ids.update(person.id for person in people.persons)
        stamp = people.header.stamp
        # The empty list of a deactivation has the stamp of the image before it.
        sent_s = self._camera.sent_s.pop(stamp.sec * 1_000_000_000 + stamp.nanosec, None)
        if sent_s is not None:
            self._latencies_ms.append(1e3 * (time.monotonic() - sent_s))

    def run(self, seconds: float, every_s: float, tell: Callable[[float], None]) -> SoakReport:
        """Let it work so long, and until everything has happened once, with something that happens so often.

        tell: called with the seconds passed.
        """
        try:
            self._endure(seconds, every_s, tell)
        except (TrialFailed, ProcessLookupError) as error:
            if len(self.report.samples) < _WORTH_A_LOOK:
                raise TrialFailed(str(error)) from error
            self.report.failure = str(error)
        self.report.sent = self._camera.count
        return self.report

    def _endure(self, seconds: float, every_s: float, tell: Callable[[float], None]) -> None:
        order, next_s = self._happenings.order(), every_s
        while (passed_s := self._passed_s()) < seconds or len(self.report.happened) < len(self._happenings.names):
            if passed_s >= next_s:
                name = next(order)
                self._happenings.happen(name)
                self.report.happened[name] += 1
                next_s = self._passed_s() + every_s
            self._station.spin(_SAMPLE_S)
            self._station.stamps_ns.clear()
            self._sample()
            tell(passed_s)
        heard = self.report.heard
        self._station.until(lambda: self.report.heard > heard + 3, 20.0, 'no people at the end')

    def _passed_s(self) -> float:
        return time.monotonic() - self._begin_s

    def _note_unloaded(self) -> None:
        self.report.unloaded.append((self._passed_s(), self._child.usage().memory_mb))

    def _sample(self) -> None:
        usage = self._child.usage()
        latencies, self._latencies_ms = self._latencies_ms, []
        self.report.samples.append((self._passed_s(), usage.memory_mb, usage.threads, usage.files,
                                    float(np.median(latencies)) if latencies else float('nan'),
                                    len(latencies) / (self._passed_s() - self._sampled_s)))
        self._sampled_s = self._passed_s()
        self.report.failed = max(self.report.failed, self._station.count('images failed'))


def soak(minutes: float, seed: int, rate_hz: float, log: Path, every_s: float = 6.0,
         domain: int | None = None) -> SoakReport:
    """Run it, with something that happens every so many seconds.

    TrialFailed if the node fails before there is anything to report, ModelError if models or footage are missing.
    """
    domain = random.SystemRandom().randint(1, 100) if domain is None else domain
    shown = view.load_view(_FRAMES, _SCALE)
    child = NodeProcess(_PARAMETERS, domain, log)
    trial: list[Soak] = []
    station = Station(child, domain, on_people=lambda people: trial[0].hear(people) if trial else None)
    try:
        station.wait_active()
        camera = Camera(station, shown, rate_hz)
        trial.append(Soak(child, station, camera, seed))
        with tqdm(total=round(60 * minutes), unit='s') as bar:
            report = trial[0].run(60 * minutes, every_s, lambda passed_s: bar.update(round(passed_s) - bar.n))
        camera.stop()
        return report
    finally:
        station.close()
        child.close()


def run(minutes: float, seed: int, rate_hz: float, every_s: float, output: Path) -> int:
    """The command: writes samples.csv and report.txt; 1 if something grows or the node fails."""
    output.mkdir(parents=True, exist_ok=True)
    try:
        report = soak(minutes, seed, rate_hz, output / 'node.log', every_s)
    except TrialFailed as error:
        print(f'FAILED (seed {seed}): {error}')
        return 1
    with open(output / 'samples.csv', 'w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(['seconds', 'memory_mb', 'threads', 'files', 'latency_ms', 'results_per_s'])
        writer.writerows(report.samples)
    problems = report.problems()
    text = report.text() + ''.join(f'\nFAILED: {problem}' for problem in problems)
    (output / 'report.txt').write_text(text + '\n', encoding='utf-8')
    print(text)
    return 1 if problems else 0
