from __future__ import annotations

import json

import cv2
import pytest

from hdnet_ros.cli.main import main
from hdnet_ros.models import find_model, problem
from hdnet_ros.training.synthetic import SyntheticConfig, assets, muco_writer


@pytest.fixture
def ready():
    pytest.importorskip('moderngl', reason='pip install anny==0.6.2 moderngl')
    if any(problem(find_model(name)) for name in assets.MODELS) or not assets.is_prepared(SyntheticConfig.load()):
        pytest.skip('assets are not fetched or not prepared')


def test_images_annotations_and_sheet_are_written(ready, tmp_path, capsys):
    sheet = tmp_path / 'sheets' / 'sheet.jpg'
    out = tmp_path / 'out'
    options = ['--count', '3', '--seed', '4', '--split', 'test', '--workers', '0', '--contact-sheet', str(sheet)]
    assert main(['synthesize', str(out), *options]) == 0
    data = json.loads((out / 'MuCo-3DHP.json').read_text())
    assert [image['id'] for image in data['images']] == [0, 1, 2] and data['annotations']
    info = data['info']
    assert (info['split'], info['seed'], info['config']['bodies']['seed']) == ('test', 4, 20201)
    for image in data['images']:
        assert cv2.imread(str(out / image['file_name'])).shape[:2] == (image['height'], image['width'])
    assert cv2.imread(str(sheet)) is not None
    assert '3 images' in capsys.readouterr().err


def test_an_interruption_leaves_no_annotations_of_other_images(ready, tmp_path, monkeypatch):
    assert main(['synthesize', str(tmp_path), '--count', '1', '--workers', '0']) == 0

    def interrupted(*arguments):
        raise KeyboardInterrupt
    monkeypatch.setattr(muco_writer, 'write_annotations', interrupted)
    main(['synthesize', str(tmp_path), '--count', '1', '--workers', '0', '--seed', '2'])
    assert not (tmp_path / 'MuCo-3DHP.json').exists()


def test_missing_assets_are_a_message_and_not_a_traceback(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    assert main(['synthesize', str(tmp_path / 'out')]) == 2
    assert 'hdnet models fetch' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_a_wrong_change_is_a_message_that_names_it(tmp_path, capsys):
    assert main(['synthesize', str(tmp_path / 'out'), '--set', 'bodies.children=0.4']) == 2
    assert 'bodies.children' in capsys.readouterr().err


def test_an_output_that_is_a_file_is_a_message(ready, tmp_path, capsys):
    (tmp_path / 'out').touch()
    for output in ('out', 'out/below'):
        assert main(['synthesize', str(tmp_path / output), '--count', '1', '--workers', '0']) == 2
        assert str(tmp_path / 'out') in capsys.readouterr().err


@pytest.mark.parametrize('wrong', [['--count', '0'], ['--split', 'all'], ['--seed', '-1'], ['--workers', '-1'],
                                   ['--contact-sheet', 'sheet.xyz'], []])
def test_wrong_usage(wrong, tmp_path):
    with pytest.raises(SystemExit) as stopped:
        main(['synthesize', *([str(tmp_path)] if wrong else []), *wrong])
    assert stopped.value.code == 2
