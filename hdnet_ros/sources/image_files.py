"""Frames from image files and folders of them."""
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2

from hdnet_ros.sources.source import USUAL_FPS, Frame, Source, SourceError

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp', '.ppm', '.pgm')


class ImageFiles(Source):
    """Image files in order; by themselves, or as a film if ``fps`` is given.

    as_stored: do not turn pictures as their EXIF data say.
    """

    def __init__(self, paths: list[Path], fps: float | None = None, as_stored: bool = False):
        self.name = paths[0].name if len(paths) == 1 else paths[0].parent.name
        self.fps = USUAL_FPS if fps is None else fps
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


def images_in(folder: Path) -> list[Path]:
    """The images in a folder, 2.png before 10.png; SourceError if there are none."""
    images = sorted((p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES), key=_natural)
    if not images:
        raise SourceError(f'the folder {folder} holds no images ({", ".join(IMAGE_SUFFIXES)})')
    return images


def _natural(path: Path) -> list:
    return [(int(part), '') if part.isdigit() else (-1, part.lower()) for part in re.split(r'(\d+)', path.name)]
