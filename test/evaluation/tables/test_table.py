"""Tables before they are written."""
from __future__ import annotations

import pytest

from hdnet_ros.evaluation.tables.table import HERE, Row, Table


def table(**changes):
    return Table(**{'title': 'T', 'columns': ('a', 'b', 'c'), 'decimals': (0, 1, 2), 'rows': (Row('m', (1, 2, 3)),),
                    **changes})


def test_values_are_rounded_per_column_and_unknown_ones_are_a_dash():
    assert table().cells(Row('m', (1.5001, 2.26, float('nan')))) == ['2', '2.3', '-']
    assert table().cells(Row('m', (None, 0.0, -0.125))) == ['-', '0.0', '-0.12']


def test_rows_are_added_at_the_end_and_the_table_stays_as_it_was():
    before = table(notes=('first',))
    after = before.with_rows([Row('new', (4, 5, 6))], ['second'])
    assert [row.label for row in after.rows] == ['m', 'new'] and after.notes == ('first', 'second')
    assert after.rows[-1].origin == HERE and len(before.rows) == 1


@pytest.mark.parametrize(('limit', 'blocks'), [
    (0, [[0, 1, 2]]), (2, [[0, 1], [2]]), (3, [[0, 1, 2]]), (9, [[0, 1, 2]])])
def test_blocks_hold_every_column_once(limit, blocks):
    assert [list(block) for block in table(columns_per_block=limit).blocks()] == blocks


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="'m' has 2 values for 3 columns"):
        table(rows=(Row('m', (1, 2)),))
    with pytest.raises(ValueError, match='3 columns but decimals for 1'):
        table(decimals=(1,))
