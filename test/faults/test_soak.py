"""Seconds of the long trial, in which everything that happens in it happens once."""
from __future__ import annotations

import csv
import re

import pytest

from hdnet_ros.node.reliability import soak
from hdnet_ros.node.reliability.__main__ import main
from hdnet_ros.node.reliability.soak import SoakReport


def test_a_short_run(fetched, tmp_path, capsys, monkeypatch):
    """Too short to say whether anything grows: nothing but that may be complained of."""
    monkeypatch.setattr(soak, '_SAMPLE_S', 0.25)
    monkeypatch.setattr(soak, '_FRAMES', 10)
    code = main(['soak', '--minutes', '0.05', '--seed', '3', '--rate', '10', '--every', '0.2',
                 '--output', str(tmp_path)])
    text = capsys.readouterr().out
    complaints = re.findall('^FAILED: .*', text, re.MULTILINE)
    assert all(re.search('the (memory|latency|threads|open files).* grows? ', complaint) for complaint in complaints)
    assert code == bool(complaints)
    assert 'ids of a pool of 24' in text and ' 0 failed' in text
    happened = re.search('^happened: (.*)', text, re.MULTILINE).group(1).split(', ')
    assert happened == [f'1 x {name}' for name in (
        'a parameter changes', 'deactivate and activate', 'debug image comes or goes', 'load the models anew',
        'markers come or go', 'people leave', 'reset', 'the camera stalls', 'time jumps ahead', 'time jumps back')]
    assert text.strip() == (tmp_path / 'report.txt').read_text().strip()
    with open(tmp_path / 'samples.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 5 and all(100 < float(row['memory_mb']) < 2000 for row in rows)
    assert len({row['threads'] for row in rows}) <= 3


def test_memory_without_models_is_unknown_if_they_were_never_let_go():
    report = _report()
    assert report.unloaded_trend().slope == pytest.approx(0, abs=5)
    report.unloaded = []
    assert report.problems() == [] and 'memory without models unknown' in report.text()


def test_models_that_have_not_been_fetched(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    for trial in ('fuzz', 'soak'):
        assert main([trial, *(['--output', str(tmp_path / 'out')] if trial == 'soak' else [])]) == 2
        assert 'hdnet models fetch' in capsys.readouterr().err


def _report(**changes) -> SoakReport:
    rows = [(10.0 * i, 400.0 + i % 3, 17.0, 20.0, 50.0 + i % 5, 15.0) for i in range(200)]
    for name, grow in changes.items():
        index = ('seconds', 'memory', 'threads', 'files', 'latency').index(name)
        rows = [tuple(value + grow * i if column == index else value for column, value in enumerate(row))
                for i, row in enumerate(rows)]
    return SoakReport(samples=rows, ids={'a', 'b'}, unloaded=[(60.0 * i, 250.0 + i % 2) for i in range(33)])


def test_what_grows_is_told():
    assert _report().problems() == []
    for name, grow in (('memory', 0.2), ('threads', 0.05), ('files', 0.05), ('latency', 1.0)):
        assert name in _report(**{name: grow}).problems()[0]
    report = _report()
    report.unloaded = [(seconds, memory_mb + 0.02 * seconds) for seconds, memory_mb in report.unloaded]
    assert 'without models' in report.problems()[0] and len(report.problems()) == 1
    report = _report()
    report.failure = 'the node has ended'
    assert report.problems() == ['the node has ended']
    report = _report()
    report.failed, report.ids = 3, set(map(str, range(100)))
    assert [part in problem for part, problem in zip(('ids', 'failed'), report.problems(), strict=True)] == [True, True]
