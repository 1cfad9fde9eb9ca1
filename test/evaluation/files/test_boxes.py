from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.evaluation.files.boxes import read_boxes
from hdnet_ros.evaluation.people_table import PredictionError

NAMES = {3: 'TS1/img_000000', 4: 'TS1/img_000001'}
GOOD = {'image_id': 3, 'bbox': [10, 20, 30, 40], 'score': 0.5}


def read(tmp_path, content):
    path = tmp_path / 'bbox_mupots_output.json'
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_boxes(path, NAMES)


def test_boxes_become_corners_and_keep_their_order(tmp_path):
    boxes = read(tmp_path, [GOOD, {'image_id': 3, 'bbox': [1, 2, 3, 4]}])
    assert list(boxes) == list(NAMES.values()) and boxes['TS1/img_000001'] == []
    first, second = boxes['TS1/img_000000']
    np.testing.assert_array_equal(first.box, [10, 20, 40, 60])
    np.testing.assert_array_equal(second.box, [1, 2, 4, 6])
    assert (first.score, second.score) == (0.5, 1.0)


def test_files_of_roots_are_refused(tmp_path):
    with pytest.raises(PredictionError, match='record 0 .* made square and larger already. Use the detections'):
        read(tmp_path, [{**GOOD, 'root_cam': [0, 0, 3000]}])


@pytest.mark.parametrize(('record', 'message'), [
    ('text', "record 1 must be a mapping, not 'text'"),
    ({**GOOD, 'image_id': '3'}, "record 1 must have an integer 'image_id', not '3'"),
    ({**GOOD, 'image_id': True}, "record 1 must have an integer 'image_id', not True"),
    ({**GOOD, 'image_id': 77}, 'record 1: the annotations have no image 77; do they belong to the same data set'),
    ({**GOOD, 'bbox': [1, 2, 3]}, "record 1: 'bbox' must be 4 finite numbers"),
    ({**GOOD, 'bbox': [1, 2, 3, None]}, "record 1: 'bbox' must be 4 finite numbers"),
    ({**GOOD, 'bbox': {'x': list(range(90))}}, "record 1: 'bbox' must be 4 finite numbers, not .*\\.\\.\\."),
    ({**GOOD, 'bbox': [1, 2, 'x', 4]}, "record 1: 'bbox' must be 4 finite numbers"),
    ({**GOOD, 'bbox': [10, 20, 5, 0]}, '.* width 5 and height 0 are not both positive'),
    ({**GOOD, 'score': 'high'}, "record 1: 'score' must be a finite number, not 'high'"),
    ({**GOOD, 'score': float('nan')}, "record 1: 'score' must be a finite number, not nan"),
])
def test_malformed_records_are_named(tmp_path, record, message):
    with pytest.raises(PredictionError, match=f'bbox_mupots_output.json: {message}'):
        read(tmp_path, [GOOD, record])


def test_other_files_are_refused(tmp_path):
    with pytest.raises(PredictionError, match='is no JSON file .* boxes of people were expected there'):
        read(tmp_path, '[{')
    with pytest.raises(PredictionError, match='must hold a list .*, not a dict'):
        read(tmp_path, {})
    with pytest.raises(PredictionError, match='cannot be read'):
        read_boxes(tmp_path / 'none.json', NAMES)
