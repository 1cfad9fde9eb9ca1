from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.config import DetectorConfig
from hdnet_ros.perception.detector.ssd_classes import layout_for_classes
from hdnet_ros.perception.detector.ssd_mobilenet import GRAPH, LAYOUT, SsdMobilenetDetector

PERSON, SPORTS_BALL = 1, 37


@pytest.fixture(scope='module')
def files(fetched):
    folder = model_path('ssd_mobilenet_v2')
    return folder / GRAPH, folder / LAYOUT


@pytest.fixture(scope='module')
def whole(files):
    return cv2.dnn.readNetFromTensorflow(*map(str, files))


def rows(network: cv2.dnn.Net, image: np.ndarray) -> np.ndarray:
    network.setInput(cv2.dnn.blobFromImage(image, size=(300, 300), swapRB=True))
    found = network.forward()[0, 0]
    found = found[found[:, 2] > 0]      # fewer than 100 are followed by zeros
    return found[np.lexsort((found[:, 3], -found[:, 2]))]


def cut(files, classes):
    whole = cv2.dnn.readNetFromTensorflow(*map(str, files))
    layout = layout_for_classes(whole, files[1].read_text(), classes)
    return cv2.dnn.readNetFromTensorflow(np.fromfile(files[0], np.uint8), np.frombuffer(layout.encode(), np.uint8))


@pytest.mark.parametrize('classes', [[0, PERSON], [0, SPORTS_BALL, PERSON]])
def test_what_stays_is_the_same(files, whole, frame, classes):
    some = cut(files, classes)
    for camera, number in (('cam01', 0), ('cam03', 40)):
        image = frame(camera, number)
        expected, found = rows(whole, image), rows(some, image)
        assert set(found[:, 1]) <= set(range(1, len(classes)))
        for new, old in enumerate(classes[1:], start=1):
            of_class, same = expected[expected[:, 1] == old], found[found[:, 1] == new]
            assert len(of_class) or old != PERSON
            # The whole network gives its 100 best of all classes, and so fewer of each.
            assert len(same) >= len(of_class)
            np.testing.assert_allclose(same[:len(of_class), 2:], of_class[:, 2:], atol=1e-5)


def test_the_detector_asks_for_people_only(files, frame):
    detector = SsdMobilenetDetector(DetectorConfig())
    assert set(rows(detector._network, frame('cam01', 0))[:, 1]) == {PERSON}


@pytest.mark.parametrize(('old', 'new'), [('"num_classes"', '"classes"'), ('ClassPredictor/weights', 'C/weights'),
                                          ('BoxPredictor_3/ClassPredictor/biases', 'BoxPredictor_3/biases')])
def test_another_layout_is_refused(files, whole, old, new):
    with pytest.raises(ValueError, match='class|convolution'):
        layout_for_classes(whole, files[1].read_text().replace(old, new), [0, PERSON])


def test_no_such_class(files, whole):
    with pytest.raises(ValueError, match='not that many classes'):
        layout_for_classes(whole, files[1].read_text(), [0, 91])


def test_a_detector_with_another_layout_still_finds_people(files, frame, tmp_path):
    (tmp_path / GRAPH).symlink_to(files[0])
    text = files[1].read_text()
    (tmp_path / LAYOUT).write_text(text.replace('key: "num_classes"', 'key:  "num_classes"'))    # the same to OpenCV
    usual = SsdMobilenetDetector(DetectorConfig()).detect(frame('cam03', 0))
    detector = SsdMobilenetDetector(DetectorConfig(path=str(tmp_path)))
    assert len(set(rows(detector._network, frame('cam01', 0))[:, 1])) > 1, 'all classes'
    other = detector.detect(frame('cam03', 0))
    assert len(usual) == len(other) == 2
    for a, b in zip(usual, other, strict=True):
        np.testing.assert_allclose(a.box, b.box, atol=1e-3)
