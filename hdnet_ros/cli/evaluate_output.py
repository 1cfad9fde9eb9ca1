"""How tables and pictures are written: the arguments, and the writing."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

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


def picture_file(text: str) -> Path:
    """A file name whose suffix is that of an image, for argparse."""
    if not cv2.haveImageWriter(text):
        raise argparse.ArgumentTypeError(f'{text!r} does not end like an image; use .png or .jpg')
    return Path(text)


def write_picture(path: Path, image: np.ndarray) -> None:
    """Write an image, (H, W, 3) uint8 BGR, and say so; OSError if it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(path), image):
        raise PermissionError(13, 'cannot write the picture', str(path))
    print(f'wrote {path}', file=sys.stderr)
