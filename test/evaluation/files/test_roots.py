from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.evaluation.files.roots import read_roots, write_roots
from hdnet_ros.evaluation.people_table import PeopleTable, PredictionError

NAMES = {3: 'TS1/img_000000', 4: 'TS1/img_000001', 9: 'TS2/img_000000'}
GOOD = {'image_id': 4, 'bbox': [10, 20, 30, 40], 'root_cam': [100.0, -200.0, 3000.0], 'score': 0.5}


def read(tmp_path, content):
    path = tmp_path / 'bbox_root_mupots_output.json'
    path.write_text(json.dumps(content))
    return read_roots(path, NAMES)


def test_millimetres_become_metres_and_rows_are_sorted_by_image(tmp_path):
    people = read(tmp_path, [GOOD, {**GOOD, 'image_id': 3, 'score': 0.9}, {**GOOD, 'root_cam': [1, 2, 4000]}])
    assert people.image_ids == list(NAMES.values()) and people.image.tolist() == [0, 1, 1]
    np.testing.assert_allclose(people.root, [[0.1, -0.2, 3], [0.1, -0.2, 3], [0.001, 0.002, 4]])
    np.testing.assert_array_equal(people.box, np.tile([10, 20, 40, 60], (3, 1)))
    assert people.score.tolist() == [0.9, 0.5, 0.5] and people.joints is None


def test_an_empty_file_and_files_without_scores(tmp_path):
    assert len(read(tmp_path, [])) == 0
    assert read(tmp_path, [{key: GOOD[key] for key in ('image_id', 'bbox', 'root_cam')}]).score.tolist() == [1.0]


@pytest.mark.parametrize(('record', 'message'), [
    ({key: GOOD[key] for key in ('image_id', 'bbox', 'score')}, "'root_cam' must be 3 finite numbers, not None"),
    ({**GOOD, 'root_cam': [0, float('inf'), 5]}, "'root_cam' must be 3 finite numbers"),
    ({**GOOD, 'image_id': 1}, 'the annotations have no image 1'),
])
def test_malformed_records_are_named(tmp_path, record, message):
    with pytest.raises(PredictionError, match=f'bbox_root_mupots_output.json: record 1: {message}'):
        read(tmp_path, [GOOD, record])


def test_what_is_written_can_be_read(tmp_path):
    random = np.random.default_rng(0)
    corner = random.uniform(0, 500, (6, 2))
    people = PeopleTable(list(NAMES.values()), [0, 0, 1, 1, 2, 2], random.uniform(1, 5, (6, 3)),
                         np.hstack([corner, corner + random.uniform(1, 90, (6, 2))]), score=random.uniform(0, 1, 6))
    write_roots(people, tmp_path / 'roots.json', NAMES)
    again = read_roots(tmp_path / 'roots.json', NAMES)
    for name in ('image', 'root', 'box', 'score'):
        np.testing.assert_allclose(getattr(again, name), getattr(people, name))
    with pytest.raises(ValueError, match="the annotations have no image 'TS2/img_000000'"):
        write_roots(people, tmp_path / 'roots.json', {3: 'TS1/img_000000', 4: 'TS1/img_000001'})
