from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.sources import open_source
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
