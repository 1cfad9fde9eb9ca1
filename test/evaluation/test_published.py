"""The paper's figures: typed by hand, so they are checked against each other."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.evaluation.published import FOLDER, NUMBERS, published_table
from hdnet_ros.evaluation.tables.table import PAPER


def values(number: int) -> dict[str, np.ndarray]:
    return {row.label: np.array(row.values) for row in published_table(number).rows}


@pytest.mark.parametrize(('number', 'shape'), [(1, (5, 4)), (2, (2, 8)), (3, (2, 21)), (4, (2, 9)), (5, (5, 21)),
                                               (6, (6, 2))])
def test_every_table_is_whole(number, shape):
    table = published_table(number)
    assert (len(table.rows), len(table.columns)) == shape
    assert all(row.origin == PAPER and None not in row.values for row in table.rows)
    assert f'table {number} of the paper' in table.title
    assert FOLDER / f'table{number}.yaml' in FOLDER.iterdir()


def test_numbers_are_those_of_the_paper():
    assert set(NUMBERS) == {int(path.stem.removeprefix('table')) for path in FOLDER.glob('*.yaml')}
    with pytest.raises(ValueError, match='tables 1 to 6, not 7'):
        published_table(7)


def test_the_total_error_lies_between_its_largest_part_and_the_sum_of_its_parts():
    for row in values(1).values():
        assert max(row[1:]) < row[0] < sum(row[1:])


def test_precision_and_recall_fall_with_the_threshold():
    for row in values(2).values():
        assert (np.diff(row[:4]) < 0).all() and (np.diff(row[4:]) < 0).all()


@pytest.mark.parametrize(('number', 'exceptions'), [(3, []), (5, ['Rogez et al. (LCR-Net)', 'Mehta et al.'])])
def test_averages_are_means_over_the_sequences(number, exceptions):
    """The two oldest rows of table 5 were printed with averages that theirs are not, also in the papers before."""
    off = [label for label, row in values(number).items() if abs(row[:-1].mean() - row[-1]) > 0.0501]
    assert off == exceptions


def test_the_average_over_joints_counts_both_sides_and_is_that_over_sequences():
    for label, row in values(4).items():
        assert np.average(row[:-1], weights=[1, 1, 2, 2, 2, 2, 2, 2]) == pytest.approx(row[-1], abs=0.06)
        assert row[-1] == values(3)[label][-1]


def test_the_ablation_repeats_the_main_results():
    assert values(6)['RootNet'].tolist() == [values(1)['RootNet'][3], values(2)['RootNet'][0]]
    assert values(6)['HDNet (full)'].tolist() == [values(1)['HDNet'][3], values(2)['HDNet'][0]]
