from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest

from hdnet_ros.sources import open_source, video
from hdnet_ros.sources.video import Video


def test_a_video_frame_by_frame(film, levels, film_levels):
    source = open_source(str(film))
    assert isinstance(source, Video) and (source.fps, source.count, source.still) == (25, 12, False)
    frames = list(source.frames())
    np.testing.assert_allclose(levels(frames), film_levels, atol=2)
    assert [f.index for f in frames] == list(range(12))
    np.testing.assert_allclose([f.stamp_s for f in frames], np.arange(12) / 25)
    assert frames[0].image.shape == (48, 64, 3) and frames[0].name == 'film.avi' and frames[0].camera is None


def test_start_and_stride_and_again(film, levels, film_levels):
    source = open_source(str(film))
    for _ in range(2):
        frames = list(source.frames(every=4, start=3))
        assert [f.index for f in frames] == [3, 7, 11]
        np.testing.assert_allclose(levels(frames), [film_levels[i] for i in (3, 7, 11)], atol=2)
        assert frames[1].stamp_s == pytest.approx(7 / 25)


def test_a_video_that_breaks_off_ends_early(tmp_path):
    whole, half = tmp_path / 'whole.avi', tmp_path / 'half.avi'
    writer = cv2.VideoWriter(str(whole), cv2.VideoWriter_fourcc(*'MJPG'), 25, (320, 240))
    for _ in range(12):
        writer.write(np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8))
    writer.release()
    data = whole.read_bytes()
    half.write_bytes(data[:len(data) // 2])
    frames = list(open_source(str(half)).frames())
    assert 2 < len(frames) < 12


def write_compressed(path, code, fps):
    """Twelve grey frames."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), fps, (64, 48))
    for i in range(12):
        writer.write(np.full((48, 64, 3), 10 + 20 * i, np.uint8))
    writer.release()


@pytest.mark.parametrize(('suffix', 'code', 'fps'), [('.mp4', 'mp4v', 25), ('.mp4', 'mp4v', 30000 / 1001),
                                                     ('.avi', 'XVID', 15)])
def test_stamps_at_a_constant_rate_are_those_of_the_rate(tmp_path, suffix, code, fps):
    path = tmp_path / f'film{suffix}'
    write_compressed(path, code, fps)
    source = open_source(str(path))
    stamps_s = [f.stamp_s for f in source.frames(every=3, start=2)]
    np.testing.assert_allclose(stamps_s, np.array([2, 5, 8, 11]) / source.fps, atol=1e-9)


def test_stamps_at_a_variable_rate_are_those_of_the_file(tmp_path):
    path = tmp_path / 'film.mp4'
    write_compressed(path, 'mp4v', 25)
    data = bytearray(path.read_bytes())
    # The box stts has a version, and for each number of entries how many images last how long.
    at = data.index(b'stts')
    entries, count, duration = struct.unpack('>3I', data[at + 8:at + 20])
    assert (entries, count) == (1, 12)
    data[at + 8:at + 20] = struct.pack('>5I', 2, 4, duration, 8, 25 * duration)
    for box in (b'stts', b'stbl', b'minf', b'mdia', b'trak', b'moov'):      # it, and those around it, are longer now
        at = data.index(box)
        data[at - 4:at] = struct.pack('>I', struct.unpack('>I', data[at - 4:at])[0] + 8)
    path.write_bytes(data.replace(b'edts', b'free'))      # else the film is cut at its old length
    truth_s = np.concatenate([np.arange(4) / 25, 4 / 25 + np.arange(8)])
    stamps_s = [f.stamp_s for f in open_source(str(path)).frames(every=2, start=1)]
    np.testing.assert_allclose(stamps_s, truth_s[1::2], atol=1e-6)


def test_images_whose_time_is_not_told_follow_at_the_rate_of_the_film(film, monkeypatch):
    class Silent:
        """From the fourth image on."""

        def __init__(self, capture):
            self._capture, self._grabbed = capture, 0

        def __getattr__(self, name):
            return getattr(self._capture, name)

        def grab(self):
            self._grabbed += 1
            return self._capture.grab()

        def get(self, what):
            silent = what == cv2.CAP_PROP_POS_MSEC and self._grabbed > 3
            return 0.0 if silent else self._capture.get(what)
    source = open_source(str(film))
    monkeypatch.setattr(video, 'open_capture', lambda name: Silent(cv2.VideoCapture(name)))
    np.testing.assert_allclose([f.stamp_s for f in source.frames(every=2)], np.arange(0, 12, 2) / 25)
