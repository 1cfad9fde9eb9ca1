"""A camera that shows people, nobody, or nothing, with a clock of its own."""
from __future__ import annotations

import time

import cv2

from hdnet_ros.node.reliability import view
from hdnet_ros.node.reliability.station import Station


class Camera:
    """Plays a view to and fro at a steady rate through a station's timer, as long as the station spins.

    sent_s: when (monotonic seconds) the image of each stamp was sent; the newest few hundred, for
        listeners to take out.
    """

    def __init__(self, station: Station, shown: view.View, rate_hz: float):
        self.sent_s: dict[int, float] = {}
        self.count = 0
        self._station, self._view = station, shown
        self._images = [*shown.images, *shown.images[-2:0:-1]]   # there and back, so that nobody leaps
        self._empty = cv2.GaussianBlur(shown.images[0], (0, 0), 60)
        self._offset_ns = 0
        self._nobody_until_s = self._stalled_until_s = 0.0
        self._timer = station.node.create_timer(1 / rate_hz, self._tick)

    def show_nobody(self, seconds: float) -> None:
        """People leave for a while."""
        self._nobody_until_s = time.monotonic() + seconds

    def stall(self, seconds: float) -> None:
        """Send nothing for a while."""
        self._stalled_until_s = time.monotonic() + seconds

    def jump(self, seconds: float) -> None:
        """Stamps leap from now on."""
        self._offset_ns += round(seconds * 1e9)

    def stop(self) -> None:
        """Send no more."""
        self._timer.cancel()

    def _tick(self) -> None:
        now_s = time.monotonic()
        if now_s < self._stalled_until_s:
            return
        # Far from zero, so that no jump leads to a negative stamp.
        stamp_ns = 1_000_000 * 1_000_000_000 + self._offset_ns + time.monotonic_ns()
        image = self._empty if now_s < self._nobody_until_s else self._images[self.count % len(self._images)]
        self.count += 1
        self.sent_s[stamp_ns] = now_s
        while len(self.sent_s) > 300:
            del self.sent_s[next(iter(self.sent_s))]
        self._station.send(view.image_message(image, stamp_ns), view.info_message(*self._view.size,
                                                                                 self._view.focal_px, stamp_ns))
