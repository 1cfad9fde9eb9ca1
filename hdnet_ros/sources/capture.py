"""OpenCV's captures, of films and of webcams."""
from __future__ import annotations

import math

import cv2

from hdnet_ros.sources.source import USUAL_FPS


def open_capture(what: str | int) -> cv2.VideoCapture:
    """A capture, without OpenCV's own complaints on stderr: those who call tell the user."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.VideoCapture(what)
    finally:
        cv2.utils.logging.setLogLevel(level)


def fps_of(capture: cv2.VideoCapture) -> float:
    """Images per second as the capture tells them, or what is usual if it tells nonsense."""
    fps = capture.get(cv2.CAP_PROP_FPS)
    return fps if math.isfinite(fps) and 0 < fps <= 1000 else USUAL_FPS
