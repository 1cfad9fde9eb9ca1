"""A table of results before it is written in any format."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

PAPER = 'paper'
HERE = 'here'


@dataclass(frozen=True)
class Row:
    """One line of a table.

    label: the method.
    values: one number per column in the column's unit; None where there is none.
    origin: ``'paper'`` for printed figures, ``'here'`` for what was computed just now.
    """

    label: str
    values: tuple[float | None, ...]
    origin: str = HERE


@dataclass(frozen=True)
class Table:
    """Rows of numbers under named columns.

    label: heading of the column of labels.
    decimals: digits after the point, one number per column.
    columns_per_block: formats of limited width (text, LaTeX) put at most so many columns beside each other; 0: all.
    notes: sentences below the table.
    Raises ValueError for a row that does not fit the columns.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    decimals: tuple[int, ...]
    label: str = 'Method'
    columns_per_block: int = 0
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if len(self.decimals) != len(self.columns):
            raise ValueError(f'{self.title}: {len(self.columns)} columns but decimals for {len(self.decimals)}')
        for row in self.rows:
            if len(row.values) != len(self.columns):
                raise ValueError(f'{self.title}: {row.label!r} has {len(row.values)} values for '
                                 f'{len(self.columns)} columns')

    def with_rows(self, rows: Iterable[Row], notes: Sequence[str] = ()) -> Table:
        """The same table with more rows and notes at its end."""
        return replace(self, rows=(*self.rows, *rows), notes=(*self.notes, *notes))

    def cells(self, row: Row) -> list[str]:
        """The values of a row as they are written; unknown ones are a dash."""
        return [f'{value:.{digits}f}' if known(value) else '-' for value, digits in zip(row.values, self.decimals)]

    def blocks(self) -> list[range]:
        """Which columns stand beside each other where the width is limited."""
        step = self.columns_per_block or max(1, len(self.columns))
        return [range(first, min(first + step, len(self.columns))) for first in range(0, len(self.columns), step)]


def known(value: float | None) -> bool:
    """Whether there is a number to write."""
    return value is not None and math.isfinite(value)
