"""The figures that the paper prints, as tables.

They lie in ``published/``, one YAML file per table: title, columns, rows by method.
"""
from __future__ import annotations

from pathlib import Path

import yaml

from .tables.table import PAPER, Row, Table

FOLDER = Path(__file__).with_suffix('')
NUMBERS = (1, 2, 3, 4, 5, 6)


def published_table(number: int) -> Table:
    """Table ``number`` (1 to 6) of Lin and Lee, ECCV 2020, all rows of origin ``'paper'``; ValueError for others."""
    if number not in NUMBERS:
        raise ValueError(f'the paper has tables {NUMBERS[0]} to {NUMBERS[-1]}, not {number}')
    content = yaml.safe_load((FOLDER / f'table{number}.yaml').read_text(encoding='utf-8'))
    columns = tuple(content['columns'])
    return Table(title=content['title'], label=content['label'], columns=columns,
                 rows=tuple(Row(method, tuple(values), PAPER) for method, values in content['rows'].items()),
                 decimals=(content['decimals'],) * len(columns), columns_per_block=content.get('columns_per_block', 0),
                 notes=tuple(content.get('notes', ())))
