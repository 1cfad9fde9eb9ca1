"""Results in the units and the order in which the paper prints them."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.evaluation.metrics import Mrpe
from hdnet_ros.evaluation.pck3d import JOINT_GROUPS
from hdnet_ros.evaluation.protocols.results import PckResult, SequencePck
from hdnet_ros.evaluation.published import published_table
from hdnet_ros.evaluation.root_ap import THRESHOLDS_M, RootAp
from hdnet_ros.evaluation.tables import rows


class Result:
    """What a row asks a result for."""

    def __init__(self, **values):
        vars(self).update(values)


def pck(sequences=(), total=0.5):
    each = tuple(SequencePck(f'TS{n}', 0.9, n / 100, 0.1, (0.1,) * 8, {}) for n in sequences)
    return PckResult(each, 0.9, total, 0.1, tuple(0.1 * k for k in range(1, 9)), {})


HUMAN36M = Result(overall=Result(mrpe=Mrpe(0.0776, 0.0156, 0.0136, 0.0699)))
MUPOTS = Result(roots=tuple(RootAp(t, 2 * t) for t in THRESHOLDS_M), absolute_matched=pck(range(1, 21)),
                relative_matched=pck([3, 20], 0.25))
ROOTS_ONLY = Result(absolute_matched=None, relative_matched=None)


@pytest.mark.parametrize(('number', 'row', 'expected'), [
    (1, rows.table1_row('m', HUMAN36M), [77.6, 15.6, 13.6, 69.9]),
    (2, rows.table2_row('m', MUPOTS), [25, 20, 15, 10, 50, 40, 30, 20]),
    (3, rows.table3_row('m', MUPOTS), [*range(1, 21), 50]),
    (4, rows.table4_row('m', MUPOTS), [10, 20, 30, 40, 50, 60, 70, 80, 50]),
    (5, rows.table5_row('m', MUPOTS), [None, None, 3, *[None] * 16, 20, 25]),
    (6, rows.table6_row('m', HUMAN36M, MUPOTS), [69.9, 25]),
    (6, rows.table6_row('m', None, MUPOTS), [None, 25]),
    (6, rows.table6_row('m', HUMAN36M, None), [69.9, None])])
def test_rows_fit_the_papers_columns(number, row, expected):
    table = published_table(number).with_rows([row])
    assert list(table.rows[-1].values) == pytest.approx(expected)
    assert table.cells(row) == ['-' if value is None else f'{value:.1f}' for value in expected]


def test_columns_are_those_that_rows_fill():
    centimetres = [f'{100 * threshold:.0f}' for threshold in THRESHOLDS_M]
    assert published_table(2).columns == tuple(f'{kind}{c}' for kind in ('AP', 'AR') for c in centimetres)
    groups = [name.lower() for name in published_table(4).columns[:-1]]
    assert [name.startswith(group) for name, group in zip(JOINT_GROUPS, groups)] == [True] * len(JOINT_GROUPS)
    assert published_table(3).columns[:-1] == tuple(f'S{n}' for n in range(1, rows.SEQUENCES + 1))
    assert np.array_equal(published_table(3).columns, published_table(5).columns)


def test_without_joints_there_is_no_row():
    assert rows.table3_row('m', ROOTS_ONLY) is None
    assert rows.table4_row('m', ROOTS_ONLY) is None
    assert rows.table5_row('m', ROOTS_ONLY) is None
