from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.node.detections_message import ClassWatch, read_detections
from hdnet_ros.perception.detector.config import DetectorConfig

_CONFIG = DetectorConfig(kind='given')


def _read(message, class_id='', config=_CONFIG):
    return read_detections(message, (640, 480), config, class_id)


def test_boxes_and_scores(messages):
    found = _read(messages.detections([(10, 20, 110, 220), (300, 50, 400, 250)], 0.0, score=0.8))
    np.testing.assert_allclose([detection.box for detection in found], [(10, 20, 110, 220), (300, 50, 400, 250)])
    assert [detection.score for detection in found] == [0.8, 0.8]


def test_nothing_detected(messages):
    assert _read(messages.detections([], 0.0)) == []


def test_only_the_class_that_was_asked_for(messages):
    message = messages.detections([(10, 20, 110, 220)], 0.0, class_id='person')
    message.detections += messages.detections([(300, 50, 400, 250)], 0.0, class_id='dog').detections
    assert len(_read(message)) == 2
    assert _read(message, 'person')[0].box[0] == 10 and len(_read(message, 'person')) == 1
    assert _read(message, 'cat') == []


def test_classes_by_other_names_are_told_until_the_wanted_one_comes(messages):
    watch = ClassWatch()

    def see(*classes, wanted='person'):
        message = messages.detections([], 0.0)
        for name in classes:
            message.detections += messages.detections([(10, 20, 110, 220)], 0.0, class_id=name).detections
        watch.see(message, wanted)
        return watch.problem
    assert see() == ''
    assert see('0', '56') == ("no box of the detector has been of class 'person' (detector.class_id) yet; "
                              "they are of '0', '56'")
    assert "'0', '56', '2'" in see('2', '0')
    assert "'2'" in see(), 'it stays true without any box'
    assert see('0', wanted='0') == see('56', wanted='0') == '', 'people are seen now and then'
    assert see('56', wanted='') == ''
    assert "class 'human'" in see('0', wanted='human')


def test_the_best_hypothesis_counts_and_none_at_all_is_certain(messages):
    message = messages.detections([(10, 20, 110, 220)], 0.0, score=0.5)
    message.detections[0].results += messages.detections([(0, 0, 1, 1)], 0.0, score=0.9).detections[0].results
    assert _read(message)[0].score == 0.9
    message.detections[0].results = []
    assert _read(message)[0].score == 1.0
    assert _read(message, 'person') == []


def test_a_box_that_is_turned_becomes_the_upright_one_around_it(messages):
    message = messages.detections([(100, 200, 300, 240)], 0.0)   # 200 x 40 around (200, 220)
    message.detections[0].bbox.center.theta = math.pi / 2
    np.testing.assert_allclose(_read(message)[0].box, (180, 120, 220, 320), atol=1e-9)


@pytest.mark.parametrize('box', [(math.nan, 0, 10, 10), (700, 10, 800, 100), (10, 10, 12, 12), (50, 50, 20, 20)])
def test_boxes_that_make_no_sense_are_dropped(messages, box):
    assert _read(messages.detections([box, (10, 20, 110, 220)], 0.0)) != []
    assert _read(messages.detections([box], 0.0)) == []


def test_thresholds_of_the_configuration_apply(messages):
    message = messages.detections([(10, 20, 110, 220), (200, 20, 310, 220)], 0.0, score=0.5)
    assert _read(message, config=DetectorConfig(kind='given', score_threshold=0.6)) == []
    assert len(_read(message, config=DetectorConfig(kind='given', max_people=1))) == 1


@pytest.mark.parametrize('theta', [math.inf, -math.inf, math.nan])
def test_a_box_turned_by_no_angle_is_left_out(messages, theta):
    message = messages.detections([(10, 20, 110, 220), (300, 50, 400, 250)], 0.0)
    message.detections[0].bbox.center.theta = theta
    assert [detection.box[0] for detection in _read(message)] == [300]
