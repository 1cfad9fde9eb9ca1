from __future__ import annotations

import argparse

import pytest

from hdnet_ros.cli import models as command
from hdnet_ros.models import find_model, manifest


def hdnet_models(*arguments: str) -> int:
    parser = argparse.ArgumentParser(prog='hdnet models')
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and a package index that cannot be reached."""
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    monkeypatch.setenv('PIP_NO_INDEX', '1')
    return tmp_path


def fill(cache, name: str, byte: bytes = b'x') -> None:
    """Files of the right size and the wrong content."""
    for file in find_model(name).files:
        path = cache / name / file.name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(byte * file.size)


@pytest.mark.parametrize('arguments', [(), ('list',)])
def test_list(cache, capsys, arguments):
    fill(cache, 'blazepose_full')
    (cache / 'pose2sim_footage').mkdir()
    (cache / 'pose2sim_footage' / 'cam01.mp4').write_bytes(b'half of it')
    assert hdnet_models(*arguments) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert set(manifest()) <= set(rows)
    assert 'not here' in rows['ssd_mobilenet_v2'] and '69.8 MB' in rows['ssd_mobilenet_v2']
    assert ' here ' in rows['blazepose_full'] and 'not here' not in rows['blazepose_full']
    assert 'damaged' in rows['pose2sim_footage'] and 'BSD-3-Clause' in rows['pose2sim_footage']


def test_path(cache, capsys):
    assert hdnet_models('path', 'blazepose_full') == 1
    assert 'hdnet models fetch blazepose_full' in capsys.readouterr().err
    fill(cache, 'blazepose_full')
    assert hdnet_models('path', 'blazepose_full') == 0
    assert capsys.readouterr().out.strip() == str(cache / 'blazepose_full' / 'pose_landmark_full.tflite')


def test_verify(cache, capsys):
    assert hdnet_models('verify') == 0
    assert 'hdnet_lite: good' in capsys.readouterr().out
    assert hdnet_models('verify', 'blazepose_full') == 1
    assert 'is missing; run: hdnet models fetch blazepose_full' in capsys.readouterr().out
    fill(cache, 'blazepose_full')
    assert hdnet_models('verify') == 1
    lines = capsys.readouterr().out.splitlines()
    told, = (line for line in lines if line.startswith('blazepose_full: '))
    assert 'sha256 differs' in told and told.endswith('run: hdnet models fetch blazepose_full')


def test_a_model_of_ours_is_not_to_be_fetched(cache, capsys, monkeypatch):
    monkeypatch.setattr(command, 'problem', lambda model, thorough=False: 'it is changed')
    assert hdnet_models('verify', 'hdnet_lite') == 1
    assert capsys.readouterr().out == 'hdnet_lite: it is changed; it is part of hdnet_ros: reinstall it\n'


@pytest.mark.parametrize('action', ['fetch', 'verify', 'path'])
def test_unknown_name_is_wrong_usage(cache, capsys, action):
    assert hdnet_models(action, 'nonsense') == 2
    assert 'known: hdnet_lite, ssd_mobilenet_v2' in capsys.readouterr().err


@pytest.mark.parametrize('arguments', [('fetch', '--quiet'), ('fetch', '--all', '--quiet'),
                                       ('fetch', 'blazepose_full', '--quiet')])
def test_failed_fetch(cache, capsys, arguments):
    assert hdnet_models(*arguments) == 1
    output = capsys.readouterr()
    assert output.out == '' and output.err.startswith('cannot fetch')
    assert not any(path.is_file() for path in cache.rglob('*'))


def test_wrong_action():
    with pytest.raises(SystemExit) as exit_code:
        hdnet_models('nonsense')
    assert exit_code.value.code == 2
