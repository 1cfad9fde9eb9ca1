"""Frames from where people keep them: images, folders of images, videos, webcams and bags."""
from __future__ import annotations

import math
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .camera import Camera

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.ppm', '.pgm')
BAG_SUFFIXES = ('.mcap', '.db3')
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
    """

    name: str
    fps: float = USUAL_FPS
    count: int | None = None
    still: bool = False
    calibrated: bool = False

    @abstractmethod
    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        """Frames ``start``, ``start + every`` and so on; SourceError when one cannot be read."""


class ImageFiles(Source):
    """Image files in order; by themselves, or as a film if ``fps`` is given.

    as_stored: do not turn pictures as their EXIF data say.
    """

    def __init__(self, paths: list[Path], fps: float | None = None, as_stored: bool = False):
        self.name = paths[0].name if len(paths) == 1 else paths[0].parent.name
        self.fps = fps or USUAL_FPS
        self.still = fps is None
        self.count = len(paths)
        self._paths = paths
        self._flags = cv2.IMREAD_COLOR | (cv2.IMREAD_IGNORE_ORIENTATION if as_stored else 0)

    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        for index in range(start, len(self._paths), every):
            path = self._paths[index]
            image = cv2.imread(str(path), self._flags)
            if image is None:
                raise SourceError(f'{path} is damaged or not an image')
            yield Frame(image, index, index / self.fps, path.name)


class Video(Source):
    """A video file."""

    def __init__(self, path: Path):
        self.name = path.name
        self._path = path
        capture = _open(str(path))
        fps, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
        good = capture.isOpened() and capture.grab()
        capture.release()
        if not good:
            raise SourceError(f'{path} is neither an image, a video that OpenCV can decode, nor a bag '
                              f'(damaged, empty or of an unknown format)')
        self.fps = fps if math.isfinite(fps) and 0 < fps <= 1000 else USUAL_FPS
        self.count = int(count) if 0 < count < 1e9 else None

    def frames(self, every: int = 1, start: int = 0) -> Iterator[Frame]:
        capture = _open(str(self._path))
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


class Webcam(Source):
    """A camera of this computer by its number; never ends."""

    def __init__(self, number: int):
        self.name = f'webcam{number}'
        self._number = number
        self._capture = _open(number)
        if not self._capture.isOpened():
            raise SourceError(f'there is no webcam {number}, or another program uses it')
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if math.isfinite(fps) and 0 < fps <= 1000 else USUAL_FPS

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
        raise SourceError(f'webcam {self._number} stopped giving images')


def open_source(spec: str, fps: float | None = None, image_topic: str | None = None, info_topic: str | None = None,
                rectified: bool = False, as_stored: bool = False) -> Source:
    """The source of that name.

    spec: path of an image, a folder of images, a video or a bag (folder, .mcap, .db3), or the number of a webcam.
    fps: takes a folder of images as a film.
    image_topic, info_topic: in a bag, if it holds several; rectified: whether the images of the bag are.
    as_stored: image files keep the rows and columns that the camera wrote, whatever their EXIF data say of how it was
        held; a calibration is of those.
    Raises FileNotFoundError, or SourceError with the reason.
    """
    if re.fullmatch(r'\d{1,3}', spec) and not Path(spec).exists():
        return Webcam(int(spec))
    path = Path(spec).expanduser()
    if not path.exists():
        raise FileNotFoundError(2, 'no such file or folder', str(path))
    if path.suffix.lower() in BAG_SUFFIXES or (path / 'metadata.yaml').is_file():
        from .bag import Bag
        return Bag(path, image_topic, info_topic, rectified)
    if path.is_dir():
        images = sorted((p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=_natural)
        if not images:
            raise SourceError(f'the folder {path} holds no images ({", ".join(IMAGE_SUFFIXES)})')
        return ImageFiles(images, fps, as_stored)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return ImageFiles([path], as_stored=as_stored)
    return Video(path)


def _natural(path: Path) -> list:
    """Sorts 2.png before 10.png."""
    return [(int(part), '') if part.isdigit() else (-1, part.lower()) for part in re.split(r'(\d+)', path.name)]


def _open(what: str | int) -> cv2.VideoCapture:
    """A capture, without OpenCV's own complaints on stderr: those who call tell the user."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(what)
    finally:
        cv2.utils.logging.setLogLevel(level)
