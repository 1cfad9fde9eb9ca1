"""Tables as text for a terminal, as CSV, as Markdown and as LaTeX."""
from __future__ import annotations

import csv
import io
import itertools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .table import Row, Table, known

_WIDTH = 120     # of the text, characters
_LATEX_COLUMNS = 6     # more than so many are set in smaller letters, for the width of a page
_LATEX = {'\\': r'\textbackslash{}', '&': r'\&', '%': r'\%', '$': r'\$', '#': r'\#', '_': r'\_', '{': r'\{', '}': r'\}',
          '~': r'\textasciitilde{}', '^': r'\textasciicircum{}', '<': r'\textless{}', '>': r'\textgreater{}',
          '|': r'\textbar{}'}


def as_text(table: Table) -> str:
    """Aligned columns; a rule between the paper's rows and others; wide tables in blocks below each other."""
    origins = len({row.origin for row in table.rows}) > 1
    labels = [table.label, *(_label(row, origins) for row in table.rows)]
    first = max(map(len, labels))
    out = textwrap.wrap(table.title, _WIDTH)
    for block in table.blocks():
        body = [[table.columns[i] for i in block], *([table.cells(row)[i] for i in block] for row in table.rows)]
        widths = [max(len(line[i]) for line in body) for i in range(len(block))]
        lines = ['  '.join([label.ljust(first), *(cell.rjust(width) for cell, width in zip(line, widths))]).rstrip()
                 for label, line in zip(labels, body)]
        rule = '-' * max(map(len, lines))
        out += ['', lines[0], rule]
        for group in _by_origin(table.rows, lines[1:]):
            out += [*group, rule]
        out.pop()
    if table.notes:
        out.append('')
    for note in table.notes:
        out += textwrap.wrap(note, _WIDTH)
    return '\n'.join(out) + '\n'


def as_csv(*tables: Table, titles: bool = False) -> str:
    """Header and rows; a column tells whose figures they are; unknown values are empty. Notes are left out.

    Numbers are given in full, not rounded. The header comes again where the columns change.
    titles: begin with a column that tells which table a row is of.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator='\n')
    last = None
    for table in tables:
        header = [*(['table'] if titles else []), table.label, 'origin', *table.columns]
        if header != last:
            writer.writerow(header)
        last = header
        for row in table.rows:
            values = [repr(float(v)) if known(v) else '' for v in row.values]
            writer.writerow([*([table.title] if titles else []), row.label, row.origin, *values])
    return out.getvalue()


def as_markdown(table: Table) -> str:
    """A table of GitHub's Markdown under its title in bold, the notes as a list."""
    origins = len({row.origin for row in table.rows}) > 1
    out = [f'**{_markdown(table.title)}**', '', _markdown_row([table.label, *table.columns]),
           _markdown_row(['---', *('--:' for _ in table.columns)], escape=False)]
    out += [_markdown_row([_label(row, origins), *table.cells(row)]) for row in table.rows]
    if table.notes:
        out += ['', *(f'- {_markdown(note)}' for note in table.notes)]
    return '\n'.join(out) + '\n'


def as_latex(table: Table) -> str:
    """A table environment with booktabs rules, title as caption; needs \\usepackage{booktabs}."""
    origins = len({row.origin for row in table.rows}) > 1
    out = [r'\begin{table}', r'\centering', rf'\caption{{{latex_escape(table.title)}}}']
    if max(map(len, table.blocks())) > _LATEX_COLUMNS:
        out.append(r'\footnotesize\setlength{\tabcolsep}{3pt}')
    for number, block in enumerate(table.blocks()):
        lines = [_latex_row([_label(row, origins), *(table.cells(row)[i] for i in block)]) for row in table.rows]
        out += [r'\\[1ex]'] if number else []
        out += [rf'\begin{{tabular}}{{l{"r" * len(block)}}}', r'\toprule',
                _latex_row([table.label, *(table.columns[i] for i in block)])]
        for group in _by_origin(table.rows, lines):
            out += [r'\midrule', *group]
        out += [r'\bottomrule', r'\end{tabular}']
    out += [rf'\par\smallskip\footnotesize {latex_escape(note)}' for note in table.notes]
    return '\n'.join([*out, r'\end{table}']) + '\n'


FORMATS: Mapping[str, Callable[[Table], str]] = {
    'text': as_text, 'csv': as_csv, 'markdown': as_markdown, 'latex': as_latex}


def write(tables: Sequence[Table], form: str) -> str:
    """Several tables in one text, in a format of ``FORMATS``; notes that they share come once, at the end.

    In CSV the first column has their titles.
    """
    if form == 'csv':
        return as_csv(*tables, titles=True)
    shared = [replace(table, notes=()) if table.notes == after.notes else table
              for table, after in zip(tables, tables[1:])]
    return '\n'.join(FORMATS[form](table) for table in [*shared, *tables[-1:]])


def latex_escape(words: str) -> str:
    """Text in which LaTeX finds nothing to act on."""
    return ''.join(_LATEX.get(letter, letter) for letter in words)


def _label(row: Row, with_origin: bool) -> str:
    return f'{row.label} ({row.origin})' if with_origin else row.label


def _by_origin(rows: Sequence[Row], lines: Sequence[str]) -> list[list[str]]:
    """The lines in groups of neighbouring rows of one origin."""
    pairs = itertools.groupby(zip(rows, lines), key=lambda pair: pair[0].origin)
    return [[line for _, line in group] for _, group in pairs]


def _markdown(words: str) -> str:
    for letter in '\\|*_`<[':
        words = words.replace(letter, '\\' + letter)
    return words.replace('\n', ' ')


def _markdown_row(cells: Sequence[str], escape: bool = True) -> str:
    return '| ' + ' | '.join(_markdown(cell) if escape else cell for cell in cells) + ' |'


def _latex_row(cells: Sequence[str]) -> str:
    return ' & '.join(latex_escape(cell) for cell in cells) + r' \\'
