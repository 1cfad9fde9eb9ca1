from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_ind

from hdnet_ros.evaluation.ablations import Figures
from hdnet_ros.evaluation.tables.ablations import COLUMNS, ablation_tables, pooled_spread, smallest_difference

RUNS = {'full': [Figures(100, 30, 5), Figures(104, 32, 6)], 'regression': [Figures(150, 20, 9), Figures(150, 20, 9)],
        'bins_31': [Figures(120, 25, 7)]}


def test_one_table_per_family_with_the_full_network_in_each():
    components, bins = ablation_tables(RUNS)
    assert [row.label for row in components.rows] == ['direct regression', 'full']
    assert [row.label for row in bins.rows] == ['31 bins', '121 bins (full)']
    full = dict(zip(COLUMNS[:2], components.rows[1].values))
    assert full == {'runs': 2, 'MRPEz mm': 102}
    assert components.rows[1].values[2] == pytest.approx(math.sqrt(8))
    assert components.cells(components.rows[0]) == ['2', '150', '0', '20.0', '0.0', '9.0', '0.0']
    assert bins.cells(bins.rows[0]) == ['1', '120', '-', '25.0', '-', '7.0', '-']


def test_a_single_variant_has_a_table_of_its_own_only_if_there_is_no_other():
    table, = ablation_tables({'full': RUNS['full']})
    assert [row.values[:2] for row in table.rows] == [(2, 102)] and ablation_tables({}) == []
    assert 'Variants' not in [each.title for each in ablation_tables({**RUNS, 'layers_1': RUNS['bins_31']})]


def test_spread_is_pooled_over_variants():
    spread, freedom = pooled_spread(list(RUNS.values()))
    assert freedom == 2
    np.testing.assert_allclose(spread, np.sqrt([8 / 2, 2 / 2, 0.5 / 2]))
    spread, freedom = pooled_spread([RUNS['bins_31']])
    assert freedom == 0 and np.isnan(spread).all()
    assert np.isnan(smallest_difference(spread, freedom, 1, 1)).all()


def test_the_smallest_difference_is_that_of_a_t_test():
    """Moving one of two samples by it gives a probability of exactly 5 %."""
    a, b = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0])
    spread, freedom = pooled_spread([[Figures(v, v, v) for v in each] for each in (a, b)])
    least = smallest_difference(spread, freedom, len(a), len(b))[0]
    assert ttest_ind(a - a.mean(), b - b.mean() + least).pvalue == pytest.approx(0.05)


def test_notes_tell_what_may_be_chance():
    notes = ablation_tables(RUNS)[0].notes
    assert '2 mm, 1.0 % and 0.5 %' in notes[1]
    assert len(ablation_tables({'full': RUNS['full'][:1], 'bins_31': RUNS['bins_31']})[0].notes) == 1
