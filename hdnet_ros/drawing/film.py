"""Figures one after the other as an MP4 file."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


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

    def add(self, image: np.ndarray) -> None:
        """Append (H, W, 3) uint8 BGR; the first one sets the size of all; OSError if the file cannot be written."""
        size = image.shape[1::-1]
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = cv2.VideoWriter(str(self.path), cv2.VideoWriter_fourcc(*'mp4v'), self._fps, size)
            if not self._writer.isOpened():
                raise PermissionError(13, 'cannot write the film', str(self.path))
            self._size = size
        self._writer.write(image if size == self._size else cv2.resize(image, self._size, interpolation=cv2.INTER_AREA))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.release()
            self._writer = None
