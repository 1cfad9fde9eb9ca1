"""Frames from a camera of this computer."""
from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2

from hdnet_ros.sources.capture import fps_of, open_capture
from hdnet_ros.sources.source import Frame, Source, SourceError


class Webcam(Source):
    """A camera of this computer by its number or its device file, such as /dev/video0; never ends."""

    live = True

    def __init__(self, which: int | Path):
        self.name = f'webcam{which}' if isinstance(which, int) else which.name
        self._which = which
        self._capture = open_capture(which if isinstance(which, int) else str(which))
        if not self._capture.isOpened():
            raise SourceError(f'there is no webcam {which}, or another program uses it')
        # Drivers fill a queue of several images, so that whoever is slower than the camera gets old ones.
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self.fps = fps_of(self._capture)

    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        index = 0
        try:
            while self._capture.grab():
                stamp_s = time.time()
                if index >= start and (index - start) % every == 0:
                    good, image = self._capture.retrieve()
                    if good:
                        yield Frame(image, index, stamp_s, self.name)
                index += 1
        finally:
            self._capture.release()
        raise SourceError(f'webcam {self._which} stopped giving images')
