"""The tables of the ablations: mean and spread over seeds, and which differences are larger than chance."""
from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np
from scipy.stats import t as student

from hdnet_ros.evaluation.ablations import Figures
from hdnet_ros.evaluation.tables.table import Row, Table
from hdnet_ros.evaluation.variants import FULL, VARIANTS

FAMILIES = {
    'What each component brings (Table 6 of the paper)': ('regression', 'shared', 'no_gnn', 'no_pooling', FULL.name),
    'Number of depth bins': ('bins_31', 'bins_61', FULL.name, 'bins_241'),
    'Number of GNN layers': ('layers_1', FULL.name, 'layers_3', 'layers_4'),
}
# What the full network is called in each family.
_FULL_LABELS = dict(zip(FAMILIES, ('full', '121 bins (full)', '2 GNN layers (full)')))
COLUMNS = ('runs', 'MRPEz mm', '+-', 'AP25 %', '+-', 'depth %', '+-')
DECIMALS = (0, 0, 0, 1, 1, 1, 1)


def ablation_tables(figures: Mapping[str, Sequence[Figures]]) -> list[Table]:
    """One table per family of variants, with those that were run; of a single one only if there is no other table.

    figures: by variant, one per seed.
    """
    spread = pooled_spread(list(figures.values()))
    tables = []
    for title, names in FAMILIES.items():
        rows = [Row(_FULL_LABELS[title] if name == FULL.name else VARIANTS[name].label, _values(figures[name]))
                for name in names if figures.get(name)]
        if len(rows) > 1:
            tables.append(Table(title, COLUMNS, tuple(rows), DECIMALS, label='Variant', notes=_notes(figures, spread)))
    if not tables:
        rows = [Row(VARIANTS[name].label, _values(group)) for name, group in figures.items() if group]
        if rows:
            tables.append(Table('Variants', COLUMNS, tuple(rows), DECIMALS, label='Variant',
                                notes=_notes(figures, spread)))
    return tables


def pooled_spread(groups: Sequence[Sequence[Figures]]) -> tuple[np.ndarray, int]:
    """Standard deviation of one run from seed to seed, for each figure, and its degrees of freedom.

    Pooled over all variants, since a few seeds of one say little. NaN without any variant that has two runs.
    """
    groups = [np.array([astuple(each) for each in group]) for group in groups]
    squares = sum((((group - group.mean(axis=0)) ** 2).sum(axis=0) for group in groups if len(group)), np.zeros(3))
    freedom = sum(max(0, len(group) - 1) for group in groups)
    return (np.sqrt(squares / freedom) if freedom else np.full(3, math.nan)), freedom


def smallest_difference(spread: np.ndarray, freedom: int, runs: int, other_runs: int, confidence: float = 0.95
                        ) -> np.ndarray:
    """The difference of two means that chance alone exceeds in 5 % of the cases (two-sided t test)."""
    if not freedom:
        return np.full_like(spread, math.nan)
    return student.ppf(0.5 + confidence / 2, freedom) * spread * math.sqrt(1 / runs + 1 / other_runs)


def _values(runs: Sequence[Figures]) -> tuple[float, ...]:
    values = np.array([astuple(each) for each in runs])
    deviation = values.std(axis=0, ddof=1) if len(values) > 1 else np.full(values.shape[1], math.nan)
    pairs = np.column_stack([values.mean(axis=0), deviation]).ravel()
    return (len(runs), *(float(v) for v in pairs))


def _notes(figures: Mapping[str, Sequence[Figures]], spread: tuple[np.ndarray, int]) -> tuple[str, ...]:
    notes = ['Means over seeds, +-: standard deviation from seed to seed. Held-out synthetic people, all ages.']
    if spread[1]:
        runs = min(len(group) for group in figures.values() if group)
        least = smallest_difference(*spread, runs, runs)
        notes.append(f'From seed to seed, over all variants: {spread[0][0]:.0f} mm, {spread[0][1]:.1f} % and '
                     f'{spread[0][2]:.1f} %. Between means of {runs} runs, differences below {least[0]:.0f} mm, '
                     f'{least[1]:.1f} % and {least[2]:.1f} % may be chance (95 %).')
    return tuple(notes)
