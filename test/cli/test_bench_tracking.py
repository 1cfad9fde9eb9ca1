"""The command prints figures for people and for machines, and refuses what makes no sense."""
from __future__ import annotations

import json

import pytest

from hdnet_ros.cli.main import main

SMALL = ['bench', 'tracking', '--seeds', '1', '--seconds', '3', '--people', '3']


def test_json(capsys):
    pytest.importorskip('motmetrics')
    assert main([*SMALL, '--json']) == 0
    report = json.loads(capsys.readouterr().out)
    assert report['seeds'] == 1 and 0.5 < report['crowd']['IDF1'][0] <= 1
    assert report['motion']['robot turns, up to 70 deg/s: speed of who stands, m/s'][0] < 0.5


def test_table(capsys):
    pytest.importorskip('motmetrics')
    assert main([*SMALL, '--raw']) == 0
    out = capsys.readouterr().out
    assert 'newcomers' not in out and '1 seeds' in out and 'MOTA' in out and 'walking across: lag, s' in out


def test_nonsense(capsys):
    assert main(['bench', 'tracking', '--seeds', '0']) == 2
    assert '--seeds' in capsys.readouterr().err
    assert main(['bench', 'tracking', '--leaving', '1.5']) == 2
    assert '--leaving' in capsys.readouterr().err


def test_people_who_leave(capsys):
    pytest.importorskip('motmetrics')
    assert main([*SMALL, '--leaving', '1', '--seconds', '60', '--json']) == 0
    crowd = json.loads(capsys.readouterr().out)['crowd']
    assert crowd['newcomers'][0] >= crowd['newcomers with the id of somebody else'][0] >= 0 < crowd['newcomers'][0]
