"""The node as a process of its own, and a station that feeds and hears it over DDS."""
from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from hdnet_ros.node.reliability import view  # noqa: E402
from hdnet_ros.node.reliability.node_process import NodeProcess  # noqa: E402
from hdnet_ros.node.reliability.station import Station  # noqa: E402

_domains = itertools.count(os.getpid())


class Trial:
    """A node that works, and the station beside it."""

    def __init__(self, folder: Path, shown: view.View, parameters: dict, compressed: bool = False,
                 detections: bool = False):
        self.domain = 1 + next(_domains) % 100
        self.view = shown
        self.people: list = []
        # None of these trials depends on HDNet, which takes seconds to load; the fuzzer and the soak run it.
        parameters = {'image_transport': 'compressed' if compressed else 'raw', 'root.kind': 'geometric',
                      'detector.kind': 'given' if detections else 'ssd_mobilenet', **parameters}
        self._arguments = parameters, self.domain, folder / 'node.log'
        self.child = NodeProcess(*self._arguments)
        self._compressed, self._detections = compressed, detections
        self.station = Station(self.child, self.domain, compressed, detections, self.people.append)

    def restart(self) -> None:
        """A new process after the old one has ended; the station stays."""
        self.child = self.station.child = NodeProcess(*self._arguments)

    def messages(self, stamp_s: float, frame: int = 0, info_stamp_s: float | None = None, frame_id: str = '') -> list:
        """One good set; the CameraInfo may have a stamp of its own."""
        stamp_ns, info_ns = (round((stamp_s if s is None else s) * 1e9) for s in (stamp_s, info_stamp_s))
        image = self.view.images[frame % len(self.view.images)]
        made = [(view.jpeg_message if self._compressed else view.image_message)(image, stamp_ns),
                view.info_message(*self.view.size, self.view.focal_px, info_ns)]
        if self._detections:
            made.append(view.detections_message(self.view.boxes, stamp_ns))
        for message in made:
            message.header.frame_id = frame_id or message.header.frame_id
        return made

    def show(self, stamp_s: float, timeout_s: float = 20.0, **options):
        """Send a good set once; the people that come back for its very stamp."""
        self.station.send(*self.messages(stamp_s, **options))
        return self.heard(stamp_s, timeout_s)

    def heard(self, stamp_s: float, timeout_s: float = 20.0):
        """The people of a stamp, once they have come."""
        def of_stamp():
            return next((people for people in reversed(self.people)
                         if abs(people.header.stamp.sec + people.header.stamp.nanosec * 1e-9 - stamp_s) < 1e-3), None)
        self.station.until(of_stamp, timeout_s, f'no people for the stamp {stamp_s}')
        return of_stamp()

    def told(self, part: str, timeout_s: float = 10.0) -> None:
        """Wait for diagnostics that say this."""
        self.station.until(lambda: part in self.station.message, timeout_s, f'no word of {part!r}')

    def close(self) -> int:
        self.station.close()
        return self.child.close()


@pytest.fixture(scope='session')
def shown(footage_folder) -> view.View:
    """Eight small images of two people."""
    return view.load_view(8)


@pytest.fixture(scope='module')
def module_trial(shown, tmp_path_factory):
    """Starts nodes for a module; each must end well."""
    yield from _starter(shown, tmp_path_factory)


@pytest.fixture
def start(shown, tmp_path_factory):
    """Starts nodes for a test; each must end well."""
    yield from _starter(shown, tmp_path_factory)


def _starter(shown, tmp_path_factory):
    trials: list[Trial] = []

    def start(parameters: dict | None = None, wait: bool = True, **options) -> Trial:
        trials.append(Trial(tmp_path_factory.mktemp('node'), shown, parameters or {}, **options))
        if wait:
            trials[-1].station.wait_active()
        return trials[-1]
    yield start
    ends = [SimpleNamespace(code=trial.close(), words=trial.child.last_words()) for trial in trials]
    assert all(end.code == 0 for end in ends), [end.words for end in ends]
