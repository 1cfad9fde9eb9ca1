"""``hdnet evaluate`` without data: what anybody sees first."""
from __future__ import annotations

import csv
import io
import subprocess
import sys

import pytest

from hdnet_ros.cli.evaluate import COMMANDS
from hdnet_ros.cli.main import main
from hdnet_ros.evaluation.published import NUMBERS, published_table


@pytest.mark.parametrize('number', NUMBERS)
def test_every_table_prints_the_papers_figures_and_says_what_ours_need(number, capsys):
    assert main(['evaluate', f'table{number}', '--format', 'csv']) == 0
    printed = capsys.readouterr()
    _, *rows = csv.reader(io.StringIO(printed.out))
    expected = published_table(number).rows
    assert [row[0] for row in rows] == [row.label for row in expected]
    assert [tuple(map(float, row[2:])) for row in rows] == [row.values for row in expected]
    assert ('Human3.6M is free' in printed.err) == (number in (1, 6))
    assert ('MuPoTS-3D is free' in printed.err) == (number != 1)


@pytest.mark.parametrize('what', COMMANDS)
def test_every_command_has_help(what, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(['evaluate', what, '--help'])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert f'usage: hdnet evaluate {what}' in text and '%(' not in text


def test_the_overview_names_every_command(capsys):
    with pytest.raises(SystemExit):
        main(['evaluate', '--help'])
    text = capsys.readouterr().out
    assert all(what in text for what in COMMANDS)


@pytest.mark.parametrize(('suffix', 'sign'), [('.tex', r'\toprule'), ('.md', '| --- |'), ('.csv', 'Method,origin'),
                                              ('.txt', 'Method   ')])
def test_the_suffix_chooses_the_format(tmp_path, suffix, sign, capsys):
    path = tmp_path / 'new folder' / f'table{suffix}'
    assert main(['evaluate', 'table2', '--output', str(path)]) == 0
    assert sign in path.read_text() and capsys.readouterr().out == ''
    assert main(['evaluate', 'table2', '--output', str(path), '--format', 'latex']) == 0
    assert r'\toprule' in path.read_text()


@pytest.mark.parametrize('options', [['--data', 'nowhere'], ['--system', 'constant=3'],
                                     ['--data', 'nowhere', '--system', 'box_size']])
def test_data_that_were_asked_for_and_are_missing(options, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(['evaluate', 'table3', *options]) == 1
    printed = capsys.readouterr()
    assert 'RootNet  59.5' in printed.out, "the paper's rows come all the same"
    assert 'MultiPersonTestSet/TS1/annot.mat' in printed.err and 'vcai.mpi-inf.mpg.de' in printed.err


def test_a_folder_that_cannot_be_written_is_told(capsys, tmp_path):
    (tmp_path / 'file').touch()
    assert main(['evaluate', 'table1', '--output', str(tmp_path)]) == 2
    assert 'Is a directory' in capsys.readouterr().err


@pytest.mark.parametrize('arguments', [
    ['table7'], [], ['table1', '--format', 'word'], ['table1', '--predictions', 'x']])
def test_wrong_usage(arguments):
    with pytest.raises(SystemExit) as stopped:
        main(['evaluate', *arguments])
    assert stopped.value.code == 2


def test_published_figures_need_no_torch():
    """They appear at once."""
    code = ("import sys; from hdnet_ros.cli.main import main; main(['evaluate', 'table1']); "
            "sys.exit('torch' in sys.modules)")
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, timeout=100, check=False).returncode == 0
