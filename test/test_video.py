from __future__ import annotations

import time

import cv2
import numpy as np
import pytest

from hdnet_ros import video
from hdnet_ros.video import ImageFiles, SourceError, Video, open_source

LEVELS = [10 + 20 * i for i in range(12)]


@pytest.fixture
def film(tmp_path):
    """Twelve frames at 25 per second, each with a grey level of its own."""
    path = tmp_path / 'film.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25, (64, 48))
    for level in LEVELS:
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


def levels(frames):
    return [round(float(f.image.mean())) for f in frames]


def test_a_video_frame_by_frame(film):
    source = open_source(str(film))
    assert isinstance(source, Video) and (source.fps, source.count, source.still) == (25, 12, False)
    frames = list(source.frames())
    np.testing.assert_allclose(levels(frames), LEVELS, atol=2)
    assert [f.index for f in frames] == list(range(12))
    np.testing.assert_allclose([f.stamp_s for f in frames], np.arange(12) / 25)
    assert frames[0].image.shape == (48, 64, 3) and frames[0].name == 'film.avi' and frames[0].camera is None


def test_start_and_stride_and_again(film):
    source = open_source(str(film))
    for _ in range(2):
        frames = list(source.frames(every=4, start=3))
        assert [f.index for f in frames] == [3, 7, 11]
        np.testing.assert_allclose(levels(frames), [LEVELS[i] for i in (3, 7, 11)], atol=2)
        assert frames[1].stamp_s == pytest.approx(7 / 25)


def test_an_image_and_a_folder_of_images(tmp_path):
    for name, level in (('b10.png', 100), ('b2.png', 50), ('B1.jpg', 20)):
        cv2.imwrite(str(tmp_path / name), np.full((20, 30, 3), level, np.uint8))
    (tmp_path / 'notes.txt').write_text('no image')
    one = open_source(str(tmp_path / 'b2.png'))
    assert isinstance(one, ImageFiles) and one.still and one.count == 1 and levels(one.frames()) == [50]
    folder = open_source(str(tmp_path))
    assert folder.still and [f.name for f in folder.frames()] == ['B1.jpg', 'b2.png', 'b10.png']
    moving = open_source(str(tmp_path), fps=4)
    assert not moving.still and [f.stamp_s for f in moving.frames(every=2)] == [0, 0.5]


def test_pictures_are_turned_as_exif_says_unless_the_camera_is_calibrated(upright_photo):
    for where in (upright_photo.parent, upright_photo):
        assert next(open_source(str(where)).frames()).image.shape == (24, 16, 3)
        assert next(open_source(str(where), as_stored=True).frames()).image.shape == (16, 24, 3)


def test_grey_images_become_colour_ones(tmp_path):
    cv2.imwrite(str(tmp_path / 'grey.png'), np.full((20, 30), 70, np.uint8))
    assert next(open_source(str(tmp_path / 'grey.png')).frames()).image.shape == (20, 30, 3)


def test_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_source(str(tmp_path / 'nothing.mp4'))
    with pytest.raises(SourceError, match='no images'):
        open_source(str(tmp_path))
    with pytest.raises(SourceError, match='no webcam 97'):
        open_source('97')


@pytest.mark.parametrize('content', [b'', b'this is text', None])
def test_damaged_files(tmp_path, film, content):
    data = film.read_bytes()[:100] if content is None else content
    (tmp_path / 'bad.mp4').write_bytes(data)
    with pytest.raises(SourceError, match='bad.mp4'):
        open_source(str(tmp_path / 'bad.mp4'))
    (tmp_path / 'bad.png').write_bytes(data)
    with pytest.raises(SourceError, match='bad.png'):
        list(open_source(str(tmp_path / 'bad.png')).frames())


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


def test_a_webcam_has_the_time_of_day_and_says_when_it_is_gone(film, monkeypatch):
    """No webcam here: a film answers in its place, through the same OpenCV capture."""
    monkeypatch.setattr(video, '_open', lambda number: cv2.VideoCapture(str(film)))
    before = time.time()
    source = open_source('7')
    assert source.name == 'webcam7' and source.fps == 25 and source.count is None and not source.still
    frames = source.frames(every=2, start=1)
    taken = [next(frames) for _ in range(6)]
    assert [f.index for f in taken] == [1, 3, 5, 7, 9, 11]
    assert before <= taken[0].stamp_s <= taken[-1].stamp_s <= time.time()
    with pytest.raises(SourceError, match='webcam 7 stopped'):
        next(frames)
