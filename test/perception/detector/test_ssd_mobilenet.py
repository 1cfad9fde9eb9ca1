from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.boxes import box_overlap
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.detector import make_detector
from hdnet_ros.perception.detector.error import DetectorError
from hdnet_ros.perception.detector.ssd_mobilenet import GRAPH, LAYOUT

# Drawn by hand around the two people in the first frame of each camera: x_min, y_min, x_max, y_max.
PEOPLE = {
    'cam01': [(256, 345, 585, 1130), (455, 780, 985, 1850)],
    'cam03': [(160, 500, 375, 1035), (475, 410, 805, 1330)],
}


@pytest.fixture(scope='module')
def detector(fetched):
    return make_detector(DetectorConfig())


@pytest.mark.parametrize('camera', PEOPLE)
def test_finds_the_people_of_the_footage(detector, frame, camera):
    found = detector.detect(frame(camera, 0))
    assert all(0.4 <= detection.score <= 1 for detection in found)
    boxes = np.array([detection.box for detection in found])
    for person in PEOPLE[camera]:
        assert box_overlap(np.array(person, float), boxes).max() > 0.75
    assert len(found) <= len(PEOPLE[camera]) + 1, 'at most the bystander besides'


def test_people_stay_where_they_are_when_the_image_is_halved(detector, frame):
    image = frame('cam03', 0)
    full = detector.detect(image)
    half = detector.detect(image.reshape(960, 2, 544, 2, 3).mean(axis=(1, 3)).astype(np.uint8))
    assert len(full) == len(half) == 2
    for detection in half:
        assert box_overlap(detection.box * 2 + 0.5, np.array([d.box for d in full])).max() > 0.9


def test_thresholds_may_change_between_images(detector, frame):
    image = frame('cam03', 0)
    try:
        detector.config = DetectorConfig(max_people=1)
        assert len(detector.detect(image)) == 1
    finally:
        detector.config = DetectorConfig()


def test_nobody_in_an_empty_image(detector):
    assert detector.detect(np.full((480, 640, 3), 90, np.uint8)) == []


@pytest.mark.parametrize('shape', [(1, 1), (1, 500), (500, 1), (7, 3)])
def test_any_size(detector, shape):
    assert detector.detect(np.zeros((*shape, 3), np.uint8)) == []


def test_views_that_are_not_contiguous(detector, frame):
    image = frame('cam03', 0)
    mirrored = detector.detect(image[:, ::-1])
    assert [d.box.tolist() for d in mirrored] == [d.box.tolist() for d in detector.detect(image[:, ::-1].copy())]
    assert len(mirrored) == 2


def test_refuses_what_is_no_image(detector):
    with pytest.raises(ValueError, match='uint8'):
        detector.detect(np.zeros((480, 640), np.uint8))


@pytest.mark.parametrize(('damage', 'reason'), [
    (lambda data: b'', 'is empty'), (lambda data: data[:20_000_000], 'cannot be read'),
    (lambda data: b'<html>' + data[:5000], 'cannot be read'), (None, 'no such file')])
def test_damaged_graph(fetched, tmp_path, damage, reason):
    source = model_path('ssd_mobilenet_v2')
    (tmp_path / LAYOUT).write_bytes((source / LAYOUT).read_bytes())
    if damage:
        (tmp_path / GRAPH).write_bytes(damage((source / GRAPH).read_bytes()))
    with pytest.raises(DetectorError, match=reason):
        make_detector(DetectorConfig(path=str(tmp_path)))


def test_damaged_layout(fetched, tmp_path):
    source = model_path('ssd_mobilenet_v2')
    (tmp_path / GRAPH).symlink_to(source / GRAPH)
    (tmp_path / LAYOUT).write_text('node { name: "half of')
    with pytest.raises(DetectorError, match=str(tmp_path)):
        make_detector(DetectorConfig(path=str(tmp_path)))


def test_shares_of_the_image_become_pixels_whose_centres_are_integers(detector, monkeypatch):
    rows = np.array([[0, 1, 0.9, 0.25, 0.25, 0.5, 0.75]])
    monkeypatch.setattr(detector, '_forward', lambda image: rows[None, None])
    found, = detector.detect(np.zeros((40, 80, 3), np.uint8))
    np.testing.assert_allclose(found.box, [19.5, 9.5, 39.5, 29.5])
