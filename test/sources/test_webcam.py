from __future__ import annotations

import time

import cv2
import numpy as np
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


class QueueingCamera:
    """Takes thirty images per second and keeps them, the oldest first, in as many buffers as it is told."""

    def __init__(self):
        self.now_s, self.buffers, self.queue, self.next_s = 0.0, 4, [], 0.0

    def isOpened(self):     # noqa: N802
        return True

    def get(self, _):
        return 30.0

    def set(self, which, value):
        if which == cv2.CAP_PROP_BUFFERSIZE:
            self.buffers = int(value)
        return True

    def wait(self, seconds):
        self.now_s += seconds
        while self.next_s <= self.now_s:
            # The buffer of the image that is looked at is given back by the next grab only.
            if len(self.queue) < self.buffers - 1:
                self.queue.append(self.next_s)
            self.next_s += 1 / 30

    def grab(self):
        if not self.queue:
            self.now_s, self.taken_s = self.next_s, self.next_s
            self.wait(0)
            self.queue = [taken_s for taken_s in self.queue if taken_s > self.taken_s]
        else:
            self.taken_s = self.queue.pop(0)
        return True

    def retrieve(self):
        return True, np.full((4, 4, 3), 0, np.uint8)

    def release(self):
        pass


def test_images_are_no_older_than_their_stamp_where_they_are_wanted_seldom(monkeypatch):
    camera = QueueingCamera()
    monkeypatch.setattr(webcam, 'open_capture', lambda _: camera)
    monkeypatch.setattr(webcam.time, 'time', lambda: camera.now_s)
    frames = open_source('7').frames()
    for _ in range(5):
        assert next(frames).stamp_s - camera.taken_s < 0.04
        camera.wait(0.5)


def test_a_webcam_by_its_device_file(film, monkeypatch):
    opened = []
    monkeypatch.setattr(webcam, 'open_capture', lambda what: opened.append(what) or cv2.VideoCapture(str(film)))
    source = open_source('/dev/null')     # a character device, too
    assert isinstance(source, webcam.Webcam) and source.live and source.name == 'null' and opened == ['/dev/null']


def test_a_device_that_is_no_webcam_is_named():
    with pytest.raises(SourceError, match='no webcam /dev/null'):
        open_source('/dev/null')
