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
            index, stamp_s = 0, -1 / self.fps
            while capture.grab():
                # At a variable rate the number of an image does not tell its time. Not every file and OpenCV does.
                told_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                stamp_s = told_s if told_s > stamp_s else stamp_s + 1 / self.fps
                if index >= start and (index - start) % every == 0:   # only these are decoded
                    good, image = capture.retrieve()
                    if good:
                        yield Frame(image, index, stamp_s, self.name)
                index += 1
        finally:
            capture.release()
