import numpy as np
import pytest

from hdnet_ros.evaluation.people_table import PeopleTable, TruthTable, concatenate

IDS = ['a', 'b', 'c']


def table(image=(0, 0, 2), **columns):
    count = len(image)
    columns.setdefault('root', np.arange(3 * count, dtype=float).reshape(count, 3))
    return PeopleTable(columns.pop('image_ids', IDS), np.array(image, dtype=int), **columns)


def test_unknown_values_have_defaults():
    people = table()
    assert len(people) == 3
    assert np.isnan(people.box).all() and people.box.shape == (3, 4)
    assert np.isnan(people.root_px).all() and people.root_px.shape == (3, 2)
    assert np.isnan(people.log_sigma).all()
    assert people.score.tolist() == [1, 1, 1]
    assert people.joints is None and people.joints_px is None
    assert repr(people) == 'PeopleTable(3 people in 3 images)'


def test_rows_are_brought_into_the_order_of_images_and_otherwise_stay():
    people = table((2, 0, 2, 0), score=[.1, .2, .3, .4])
    assert people.image.tolist() == [0, 0, 2, 2]
    assert people.score.tolist() == [.2, .4, .1, .3]
    assert people.root[:, 0].tolist() == [3, 9, 0, 6]
    many = np.random.default_rng(0).integers(0, 3, 500)
    people = table(many)
    assert all((np.diff(people.root[people.image == number, 0]) > 0).all() for number in range(3))


def test_nobody():
    people = PeopleTable(IDS, [], [], joints=[], joint_set='mupots_17')
    assert len(people) == 0
    assert people.joints.shape == (0, 17, 3)
    assert people.box.shape == (0, 4)


@pytest.mark.parametrize('columns, message', [
    ({'image': (0, 3)}, 'image'),
    ({'image': (-1, 0)}, 'image'),
    ({'root': np.zeros((2, 3))}, r'root: expected shape \(3, 3\), not \(2, 3\)'),
    ({'root': [[0, 0, 1], [0, np.nan, 1], [0, 0, 1]]}, 'root: row 1'),
    ({'box': np.zeros((3, 3))}, 'box'),
    ({'score': [1, np.nan, 1]}, 'score: row 1'),
    ({'joints': np.zeros((3, 17, 3))}, 'joint_set'),
    ({'joints': np.zeros((3, 16, 3)), 'joint_set': 'mupots_17'}, 'joints: expected'),
    ({'joints_px': np.zeros((3, 17, 3)), 'joint_set': 'mupots_17'}, 'joints_px: expected'),
    ({'joints': np.zeros((3, 17, 3)), 'joint_set': 'dog_17'}, 'dog_17'),
])
def test_columns_that_do_not_fit_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        table(**columns)


def test_take_and_of_images():
    people = table((0, 1, 1, 2), score=[.1, .2, .3, .4])
    assert people.take(people.score > 0.15).score.tolist() == [.2, .3, .4]
    turned = people.of_images(['c', 'x', 'b'])
    assert turned.image_ids == ['c', 'x', 'b']
    assert turned.image.tolist() == [0, 2, 2]
    assert turned.score.tolist() == [.4, .2, .3]
    nobody = people.of_images(['x'])
    assert len(nobody) == 0 and nobody.image_ids == ['x']


def test_truth_knows_more():
    truth = TruthTable(IDS, [1, 0], np.ones((2, 3)), joints=np.zeros((2, 17, 3)), joint_set='human36m_17',
                       visible=np.eye(2, 17), who=['man', 'woman'], age_years=[30, np.nan])
    assert truth.who.tolist() == ['woman', 'man']
    assert truth.visible.dtype == bool and truth.visible[:, :2].tolist() == [[False, True], [True, False]]
    assert truth.take([1]).who.tolist() == ['man']
    with pytest.raises(ValueError, match='visible'):
        TruthTable(IDS, [1], np.ones((1, 3)), visible=np.ones((1, 17), bool))


def test_concatenate_tables_of_the_same_images_and_of_others():
    first, second = table((0, 2), score=[.1, .2]), table((1,), score=[.3])
    assert concatenate([first, second]).score.tolist() == [.1, .3, .2]
    other = table((0, 1), image_ids=['x', 'y'], score=[.4, .5])
    both = concatenate([first, other])
    assert both.image_ids == [*IDS, 'x', 'y']
    assert both.image.tolist() == [0, 2, 3, 4]


def test_tables_that_do_not_belong_together_stay_apart():
    with pytest.raises(ValueError, match='no table'):
        concatenate([])
    with pytest.raises(ValueError, match='share some'):
        concatenate([table(), table(image_ids=['c', 'd', 'e'])])
    with pytest.raises(ValueError, match='different joints'):
        concatenate([table(), table(joints=np.zeros((3, 17, 3)), joint_set='mupots_17')])
