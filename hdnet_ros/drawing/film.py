"""Figures one after the other as an MP4 file."""
from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

_LONGEST_PAUSE_S = 10.0     # no image is shown for longer; a clock that is set may leap by years


class Film:
    """Writes a film; the file can be played after ``close``.

    path: ends in .mp4; its folder is made if need be.
    fps: images per second.
    """

    def __init__(self, path: str | Path, fps: float):
        self.path = Path(path)
        self._fps = fps
        self._writer: cv2.VideoWriter | None = None
        self._size = (0, 0)
        self._last: np.ndarray | None = None
        self._written = 0
        self._start_s = 0.0

    def add(self, image: np.ndarray, stamp_s: float | None = None) -> None:
        """Append (H, W, 3) uint8 BGR; the first one sets the size of all.

        stamp_s: the image is shown so many seconds after the first one as their stamps differ, and the one before until
            then; where images come faster than the film's, some are left out. None: it follows at once.
        Raises OSError if the file cannot be written.
        """
        if stamp_s is None or self._keep_time(stamp_s):
            self._write(image)

    def _keep_time(self, stamp_s: float) -> bool:
        """Show the last image up to the stamp; whether there is room for another one yet."""
        behind_s = stamp_s - self._start_s - self._written / self._fps
        if self._last is None or abs(behind_s) > _LONGEST_PAUSE_S:
            self._start_s += behind_s
            return True
        for _ in range(math.ceil(behind_s * self._fps - 1e-3)):     # stamps of today are rounded
            self._write(self._last)
        return behind_s * self._fps > -1.5

    def _write(self, image: np.ndarray) -> None:
        size = image.shape[1::-1]
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter_fourcc(*'mp4v'), self._fps, size)
            if not self._writer.isOpened():
                raise PermissionError(13, 'cannot write the film', str(self.path))
            self._size = size
        self._last = image if size == self._size else cv2.resize(image, self._size, interpolation=cv2.INTER_AREA)
        self._writer.write(self._last)
        self._written += 1

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
