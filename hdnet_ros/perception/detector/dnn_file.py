"""Opens a network file with OpenCV, turning every way this can fail into one clear error."""
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from hdnet_ros.perception.detector.error import DetectorError


def open_network(what: str, reader: Callable[..., cv2.dnn.Net], *paths: Path) -> cv2.dnn.Net:
    """``reader(*paths)``; DetectorError if a file is absent or empty, or if OpenCV cannot read it.

    what: the kind of file that is expected, for the message.
    """
    for path in paths:
        if not path.is_file():
            raise DetectorError(f'no such file: {path} ({what})')
        if path.stat().st_size == 0:
            raise DetectorError(f'{path} is empty; expected {what}')
    names = ', '.join(str(path) for path in paths)
    try:
        network = reader(*map(str, paths))
    except (cv2.error, MemoryError, SystemError) as error:   # what broken protobuf data ends in, depending on OpenCV
        raise DetectorError(f'{names} cannot be read as {what}; truncated, or of another kind? '
                            f'({_reason(error)})') from error
    if network.empty():
        raise DetectorError(f'{names} holds no network; expected {what}')
    return network


def run_network(what: str, action: Callable):
    """``action()``, with OpenCV's errors as DetectorError: the file was readable, but does not do what it should."""
    try:
        return action()
    except cv2.error as error:
        raise DetectorError(f'{what} fails when it runs: {_reason(error)}') from error


def _reason(error: BaseException) -> str:
    text = getattr(error, 'err', '') or str(error)
    return ' '.join(text.split())[:300]
