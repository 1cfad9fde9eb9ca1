"""Arguments that say how a table is written, and the writing of it."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hdnet_ros.evaluation.tables.formats import FORMATS, write
from hdnet_ros.evaluation.tables.table import Table

_SUFFIXES = {'.csv': 'csv', '.md': 'markdown', '.tex': 'latex'}


def add_table_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --format and --output."""
    parser.add_argument('--format', choices=tuple(FORMATS),
                        help='default: text, or what the suffix of --output says (.csv, .md, .tex)')
    parser.add_argument('--output', type=Path, metavar='FILE', help='write the table there instead of printing it')


def write_tables(args: argparse.Namespace, tables: Table | Sequence[Table]) -> None:
    """Print one table or several, or write them to the file; OSError if that cannot be written."""
    chosen = args.format or (_SUFFIXES.get(args.output.suffix.lower(), 'text') if args.output else 'text')
    text = FORMATS[chosen](tables) if isinstance(tables, Table) else write(tables, chosen)
    if args.output is None:
        sys.stdout.write(text)
    else:
        args.output.parent.mkdir(parents=True, exist_ok=True)
        args.output.write_text(text, encoding='utf-8')
        print(f'wrote {args.output}', file=sys.stderr)
