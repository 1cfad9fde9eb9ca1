from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.evaluation.benchmarks.synthetic import ADULTS, BOX_JITTER, CHILDREN, open_synthetic, samples_of
from hdnet_ros.training.errors import DataSetError


def test_grown_ups_and_children(synthetic_folder):
    benchmark = open_synthetic(synthetic_folder)
    assert benchmark.truth.image_ids == ['0000000.jpg', '0000001.jpg', '0000002.jpg']
    assert benchmark.truth.image.tolist() == [0, 1, 2, 2]
    assert benchmark.truth.age_years.tolist() == [40, 14, 30, 9]
    assert benchmark.groups[ADULTS].tolist() == [True, True, True, False]
    assert benchmark.groups[CHILDREN].tolist() == [False, False, False, True]
    assert [b.owner.tolist() for b in benchmark.boxes] == [[0], [1], [2, 3]]


def test_the_truth_is_that_of_the_annotations(synthetic_folder):
    truth = open_synthetic(synthetic_folder).truth
    annotation = json.loads((synthetic_folder / 'MuCo-3DHP.json').read_text())['annotations'][3]
    np.testing.assert_allclose(truth.root[3], np.array(annotation['keypoints_cam'][14]) / 1000, atol=1e-5)
    np.testing.assert_allclose(truth.root_px[3], annotation['keypoints_img'][14], atol=1e-3)
    assert truth.visible[3, 0] == annotation['keypoints_vis'][14]


def test_boxes_err_always_in_the_same_way(synthetic_folder):
    first, second, fewer = open_synthetic(synthetic_folder), open_synthetic(synthetic_folder), \
        open_synthetic(synthetic_folder, images=1)
    for one, other in zip(first.boxes, second.boxes):
        for a, b in zip(one.detections, other.detections):
            np.testing.assert_array_equal(a.box, b.box)
            assert a.score == b.score == pytest.approx(11 / 17, abs=0.1)
    assert len(fewer.boxes) == 1 and fewer.truth.image_ids == first.truth.image_ids[:1]
    np.testing.assert_array_equal(fewer.boxes[0].detections[0].box, first.boxes[0].detections[0].box)
    detected = np.array([d.box for given in first.boxes for d in given.detections])
    side = np.tile(first.truth.box[:, 2:] - first.truth.box[:, :2], 2)
    off = (detected - first.truth.box) / side
    assert 0 < np.abs(off).max() < 5 * BOX_JITTER


def test_without_jitter_boxes_are_true(synthetic_folder, monkeypatch):
    monkeypatch.setattr('hdnet_ros.evaluation.benchmarks.synthetic.BOX_JITTER', 0.0)
    benchmark = open_synthetic(synthetic_folder)
    for given in benchmark.boxes:
        for detection, owner in zip(given.detections, given.owner):
            np.testing.assert_allclose(detection.box, np.clip(benchmark.truth.box[owner], 0, [319, 239] * 2), atol=1e-4)


def test_frames_come_with_image_and_camera(synthetic_folder):
    benchmark = open_synthetic(synthetic_folder)
    for _ in range(2):      # anew each time
        frames = list(benchmark.frames())
        assert [f.image_id for f in frames] == benchmark.truth.image_ids
        image = frames[2].image()
        assert image.shape == (240, 320, 3)
        camera = frames[2].camera(image)
        np.testing.assert_allclose(camera.project(benchmark.truth.root[2]), benchmark.truth.root_px[2], atol=1e-2)


def test_without_ages_everybody_is_an_adult(synthetic_folder):
    path = synthetic_folder / 'MuCo-3DHP.json'
    content = json.loads(path.read_text())
    for row in content['annotations']:
        del row['age_years']
    path.write_text(json.dumps(content))
    benchmark = open_synthetic(synthetic_folder)
    assert list(benchmark.groups) == [ADULTS] and np.isnan(benchmark.truth.age_years).all()


@pytest.mark.parametrize(('info', 'title', 'caution'), [
    ({'split': 'test', 'seed': 9}, 'Synthetic people, test split', ''),
    ({'split': 'validation'}, 'Synthetic people, validation split', 'chosen and calibrated by them'),
    ({'split': 'train'}, 'Synthetic people, train split', 'learn from them'),
    ({'description': 'of others'}, 'Synthetic people, unknown split', 'does not tell the split'),
    (None, 'Synthetic people, unknown split', 'does not tell the split')])
def test_the_title_says_which_split_it_is(synthetic_folder, info, title, caution):
    path = synthetic_folder / 'MuCo-3DHP.json'
    if info is not None:
        path.write_text(json.dumps({**json.loads(path.read_text()), 'info': info}))
    benchmark = open_synthetic(synthetic_folder)
    assert benchmark.title == title and caution in benchmark.caution and bool(caution) == bool(benchmark.caution)


def test_samples_and_a_folder_that_is_not_there(synthetic_folder, tmp_path):
    assert [len(sample.people) for sample in samples_of(synthetic_folder)] == [1, 1, 2]
    with pytest.raises(DataSetError, match='MuCo-3DHP.json'):
        open_synthetic(tmp_path / 'nothing')
