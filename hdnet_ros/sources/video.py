"""Frames from video files."""
from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2

from hdnet_ros.sources.capture import fps_of, open_capture
from hdnet_ros.sources.source import Frame, Source, SourceError


class Video(Source):
    """A video file."""

    def __init__(self, path: Path):
        self.name = path.name
        self._path = path
        capture = open_capture(str(path))
        fps, count = fps_of(capture), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        good = capture.isOpened() and capture.grab()
        capture.release()
        if not good:
            raise SourceError(f'{path} is neither an image, a video that OpenCV can decode, nor a bag '
                              f'(damaged, empty or of an unknown format)')
        self.fps = fps
        self.count = int(count) if 0 < count < 1e9 else None

    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        capture = open_capture(str(self._path))
        try:
            index = 0
            while capture.grab():
                if index >= start and (index - start) % every == 0:   # only these are decoded
                    good, image = capture.retrieve()
                    if good:
                        yield Frame(image, index, index / self.fps, self.name)
                index += 1
        finally:
            capture.release()
