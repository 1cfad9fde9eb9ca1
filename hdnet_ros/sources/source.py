"""What every source of frames offers."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hdnet_ros.camera import Camera

USUAL_FPS = 30.0


class SourceError(ValueError):
    """Something that cannot be read as images; the message is the reason, in words for a user."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One image.

    image: (H, W, 3) uint8 BGR.
    index: its number in the source, counting from 0 and also those that were left out.
    stamp_s: seconds: since the start of a video, since 1970 for webcams and bags.
    name: file name of an image, else of the source.
    camera: if the source knows its calibration.
    """

    image: np.ndarray
    index: int
    stamp_s: float
    name: str
    camera: Camera | None = None


class Source(ABC):
    """Where frames come from.

    fps: images per second, of all of them; count: how many there are, None if that is not known.
    still: whether every frame is a picture by itself instead of one moment of a film.
    calibrated: whether frames come with their camera.
    live: whether frames come when they are taken, so that those are lost which nobody asks for in time.
    """

    name: str
    fps: float = USUAL_FPS
    count: int | None = None
    still: bool = False
    calibrated: bool = False
    live: bool = False

    @abstractmethod
    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        """Frames ``start``, ``start + every`` and so on; SourceError when one cannot be read."""
