"""Every format is read back, by means that share nothing with what wrote it."""
from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.published import NUMBERS, published_table
from hdnet_ros.evaluation.tables.formats import FORMATS, as_csv, as_latex, as_markdown, as_text, latex_escape, write
from hdnet_ros.evaluation.tables.table import HERE, PAPER, Row, Table

LATEX_NAMES = {'textbackslash': '\\', 'textasciitilde': '~', 'textasciicircum': '^', 'textless': '<',
               'textgreater': '>', 'textbar': '|'}

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
numbers = st.none() | st.floats(-1e4, 1e4)


@st.composite
def tables(draw):
    count = draw(st.integers(1, 7))
    rows = draw(st.lists(st.builds(Row, words, st.tuples(*[numbers] * count), st.sampled_from([PAPER, HERE])),
                         min_size=1, max_size=5))
    return Table(title=draw(words), columns=tuple(draw(st.lists(words, min_size=count, max_size=count))),
                 rows=tuple(rows), decimals=(2,) * count, columns_per_block=draw(st.integers(0, 4)),
                 notes=tuple(draw(st.lists(words, max_size=2))))


def latex_unescape(text: str) -> str:
    text = re.sub(r'\\(text[a-z]+)\{\}', lambda match: f'\x00{LATEX_NAMES[match[1]]}\x00', text)
    return re.sub(r'\\([&%$#_{}])', r'\1', text).replace('\x00', '')


def number(cell: str) -> float | None:
    return None if cell == '-' else float(cell)


def labels(table: Table) -> list[str]:
    mixed = len({row.origin for row in table.rows}) > 1
    return [table.label, *(f'{row.label} ({row.origin})' if mixed else row.label for row in table.rows)]


def rounded(table: Table) -> list[list[float | None]]:
    return [[None if v is None else float(f'{v:.2f}') for v in row.values] for row in table.rows]


@given(tables())
def test_csv_gives_every_number_back_in_full(table):
    header, *rows = csv.reader(io.StringIO(as_csv(table)))
    assert header == [table.label, 'origin', *table.columns]
    assert [row[:2] for row in rows] == [[row.label, row.origin] for row in table.rows]
    assert [tuple(float(cell) if cell else None for cell in row[2:]) for row in rows] == [r.values for r in table.rows]


def split_markdown(line: str) -> list[str]:
    """Cells between bars; a backslash takes the meaning from what follows it."""
    cells, escaped = [''], False
    for letter in line:
        if escaped or letter not in '\\|':
            cells[-1] += letter
            escaped = False
        elif letter == '|':
            cells.append('')
        else:
            escaped = True
    return [cell.strip() for cell in cells[1:-1]]


@given(tables())
def test_markdown_has_the_same_cells(table):
    lines = [line for line in as_markdown(table).splitlines() if line.startswith('|')]
    assert len(lines) == len(table.rows) + 2 and set(lines[1]) <= set('| -:')
    cells = [split_markdown(line) for line in lines]
    assert cells[0] == [table.label, *table.columns]
    assert [row[0] for row in cells[2:]] == labels(table)[1:]
    assert [[number(cell) for cell in row[1:]] for row in cells[2:]] == rounded(table)


def split_latex(row: str) -> list[str]:
    assert row.endswith(r' \\')
    return [latex_unescape(cell.strip()) for cell in re.split(r'(?<!\\)&', row.removesuffix(r' \\'))]


@given(tables())
def test_latex_has_the_same_cells_and_nothing_else_for_latex_to_act_on(table):
    text = as_latex(table)
    blocks = re.findall(r'\\begin\{tabular\}\{l(r+)\}\n(.*?)\\end\{tabular\}', text, re.DOTALL)
    assert [len(columns) for columns, _ in blocks] == [len(block) for block in table.blocks()]
    found = {label: [] for label in range(len(table.rows) + 1)}
    for _, body in blocks:
        lines = body.splitlines()
        assert lines[0] == r'\toprule' and lines[-1] == r'\bottomrule' and lines[2] == r'\midrule'
        rows = [split_latex(line) for line in lines if line.endswith(r'\\')]
        assert [row[0] for row in rows] == labels(table)
        for index, row in enumerate(rows):
            found[index] += row[1:]
    assert found[0] == list(table.columns)
    assert [[number(cell) for cell in found[i + 1]] for i in range(len(table.rows))] == rounded(table)
    assert text.count(r'\begin{') == text.count(r'\end{')


@given(words)
def test_latex_escapes_can_be_undone(text):
    assert latex_unescape(latex_escape(text)) == text
    assert not re.search(r'(?<!\\)[&%$#_]', latex_escape(text))


@given(tables())
def test_text_lines_the_same_cells_up(table):
    text = as_text(table)
    found = [[] for _ in range(len(table.rows) + 1)]
    width = max(map(len, labels(table)))
    for block in text.split('\n\n')[1:len(table.blocks()) + 1]:
        lines = [line for line in block.splitlines() if not re.fullmatch('-{3,}', line) or len(line) <= width]
        assert len(lines) == len(table.rows) + 1
        assert [line[:width].rstrip() for line in lines] == labels(table)
        assert len({len(line) for line in lines}) == 1     # numbers are flush right
        for cells, line in zip(found, lines):
            cells += line[width:].split()
    assert [[number(cell) for cell in cells] for cells in found[1:]] == rounded(table)


@pytest.mark.parametrize('form', sorted(FORMATS))
@pytest.mark.parametrize('of', NUMBERS)
def test_all_published_numbers_are_in_every_format(of, form):
    table = published_table(of)
    text = FORMATS[form](table)
    for row in table.rows:
        for value in row.values:
            assert re.search(rf'(?<![\d.]){value:.1f}(?![\d])', text)


def test_a_rule_parts_the_papers_rows_from_ours():
    table = published_table(1).with_rows([Row('mine', (1.0, 2.0, 3.0, 4.0))])
    lines = as_text(table).splitlines()
    at = lines.index(next(line for line in lines if line.startswith('mine (here)')))
    assert set(lines[at - 1]) == {'-'} and lines[at - 2].startswith('HDNet (paper)')
    assert as_latex(table).count(r'\midrule') == 2


def test_several_tables_in_one_text():
    first, second = published_table(3), replace(published_table(5), notes=('shared',))
    third = replace(published_table(1), notes=('shared',))
    lines = list(csv.reader(io.StringIO(write([first, second, third], 'csv'))))
    headers = [number for number, line in enumerate(lines) if line[0] == 'table']
    assert len(lines) == 2 + 5 + 5 + len(headers) and len(headers) == 2, 'the same columns once'
    assert {line[0] for line in lines} == {'table', first.title, second.title, third.title}
    for form in ('text', 'markdown', 'latex'):
        text = write([first, second, third], form)
        assert text.count('shared') == 1 and text.index('shared') > text.index('HDNet') and text.count('Mehta') >= 1


def test_only_wide_tables_are_set_in_small_letters():
    assert r'\footnotesize\setlength' in as_latex(published_table(3))
    assert r'\footnotesize\setlength' not in as_latex(published_table(1))
