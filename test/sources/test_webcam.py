from __future__ import annotations

import time

import cv2
import pytest

from hdnet_ros.sources import SourceError, open_source, webcam


def test_a_webcam_has_the_time_of_day_and_says_when_it_is_gone(film, monkeypatch):
    """No webcam here: a film answers in its place, through the same OpenCV capture."""
    monkeypatch.setattr(webcam, 'open_capture', lambda number: cv2.VideoCapture(str(film)))
    before = time.time()
    source = open_source('7')
    assert source.name == 'webcam7' and source.fps == 25 and source.count is None and not source.still
    frames = source.frames(every=2, start=1)
    taken = [next(frames) for _ in range(6)]
    assert [f.index for f in taken] == [1, 3, 5, 7, 9, 11]
    assert before <= taken[0].stamp_s <= taken[-1].stamp_s <= time.time()
    with pytest.raises(SourceError, match='webcam 7 stopped'):
        next(frames)


def test_a_webcam_by_its_device_file(film, monkeypatch):
    opened = []
    monkeypatch.setattr(webcam, 'open_capture', lambda what: opened.append(what) or cv2.VideoCapture(str(film)))
    source = open_source('/dev/null')     # a character device, too
    assert isinstance(source, webcam.Webcam) and source.live and source.name == 'null' and opened == ['/dev/null']


def test_a_device_that_is_no_webcam_is_named():
    with pytest.raises(SourceError, match='no webcam /dev/null'):
        open_source('/dev/null')
