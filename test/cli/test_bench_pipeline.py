from __future__ import annotations

import json

import pytest

from hdnet_ros.cli.main import main


def test_stages_add_up(photo, capsys):
    assert main(['bench', 'pipeline', str(photo), '--focal', '1680', '--max-frames', '3', '--json']) == 0
    report = json.loads(capsys.readouterr().out)
    stages = report['stages_ms']
    assert set(stages) == {'detect', 'lift', 'root', 'track', 'total'}
    assert report['frames'] == 3 and report['people_per_frame'] >= 2 and report['size_px'] == [1088, 1920]
    assert all(0 < s['median'] <= s['p95'] for s in stages.values())
    parts = sum(s['median'] for name, s in stages.items() if name != 'total')
    assert parts == pytest.approx(stages['total']['median'], rel=0.4)


def test_table_over_the_footage(footage_folder, capsys):
    assert main(['bench', 'pipeline', '--max-frames', '2']) == 0
    text = capsys.readouterr().out
    assert 'detect' in text and '1088 x 1920' in text and 'frames per second' in text


@pytest.mark.parametrize('option', ['--max-frames', '--every'])
def test_wrong_usage(option, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['bench', 'pipeline', option, '0'])
    assert f'{option}: must be 1 or more' in capsys.readouterr().err
