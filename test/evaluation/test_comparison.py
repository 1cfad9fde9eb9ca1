"""Files of predictions of all layouts, told apart by what is in them."""
from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.io import savemat

from hdnet_ros.evaluation.comparison import check_labels, read_predictions
from hdnet_ros.evaluation.people_file import PeopleWriter
from hdnet_ros.evaluation.people_record import EstimatedPerson
from hdnet_ros.evaluation.people_table import PredictionError

ROOT = np.array([0.1, -0.2, 4.0])


@pytest.fixture
def files(tmp_path):
    """The same person in the three layouts."""
    with PeopleWriter(tmp_path / 'ours') as writer:
        writer.write('TS1/img_000000', [EstimatedPerson(ROOT)])
    (tmp_path / 'theirs').write_text(' \n' + json.dumps(
        [{'image_id': 7, 'root_cam': (1000 * ROOT).tolist(), 'bbox': [1, 2, 3, 4], 'score': 0.5}]))
    joints = np.tile(1000 * ROOT, (1, 17, 1))
    savemat(tmp_path / '3d.mat', {'TS1_img_000000': joints})
    savemat(tmp_path / '2d.mat', {'TS1_img_000000': joints[..., :2]})
    return tmp_path


@pytest.mark.parametrize('names', [['ours'], ['theirs'], ['2d.mat', '3d.mat']])
def test_every_layout_gives_the_same_person(files, names):
    people = read_predictions([files / name for name in names], lambda: {7: 'TS1/img_000000'})
    assert people.image_ids == ['TS1/img_000000'] and np.allclose(people.root, [ROOT])


def test_the_meaning_of_numbers_is_only_looked_up_where_there_are_any(files):
    def names():
        raise AssertionError
    assert len(read_predictions([files / 'ours'], names)) == 1
    with pytest.raises(PredictionError, match='mean nothing for this data set'):
        read_predictions([files / 'theirs'])


@pytest.mark.parametrize(('names', 'message'), [
    (['2d.mat'], 'give both: 2D.mat,3D.mat'), (['ours', 'theirs'], 'only .mat files come in pairs'),
    (['nothing'], 'nothing: cannot be read')])
def test_what_cannot_be_read_is_told(files, names, message):
    with pytest.raises(PredictionError, match=message):
        read_predictions([files / name for name in names])


def test_two_of_one_label_are_refused():
    check_labels(['a', 'b'])
    with pytest.raises(PredictionError, match="are called 'b'; give each a name of its own"):
        check_labels(['a', 'b', 'c', 'b'])
