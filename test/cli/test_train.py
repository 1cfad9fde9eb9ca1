"""``hdnet train`` as a user meets it; whole runs are tested with the trainer."""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from hdnet_ros.cli.main import main
from hdnet_ros.cli.train import _command_to_go_on


@pytest.fixture
def folder(tmp_path):
    """Twenty-four images of nothing with one person each, and a configuration of a tiny network."""
    people = tmp_path / 'people'
    people.mkdir()
    content = {'joint_set': 'human36m_17', 'images': [], 'annotations': []}
    random = np.random.default_rng(0)
    for number in range(24):
        cv2.imwrite(str(people / f'{number}.jpg'), random.integers(0, 255, (64, 64, 3), dtype=np.uint8))
        joints = random.uniform([-300, -600, 2900], [300, 600, 3100], (17, 3))
        content['images'].append({'id': number, 'file_name': f'{number}.jpg', 'f': [64, 64], 'c': [32, 32]})
        content['annotations'].append({
            'image_id': number, 'bbox': [20, 15, 25, 35], 'keypoints_cam': joints.tolist(), 'keypoints_vis': [1] * 17,
            'keypoints_img': (joints[:, :2] / joints[:, 2:] * 64 + 32).tolist()})
    (people / 'MuCo-3DHP.json').write_text(json.dumps(content))
    data = [{'kind': 'muco', 'folder': str(people), 'split': 'all'}]
    (tmp_path / 'tiny.yaml').write_text(yaml.safe_dump({
        'network': {'preset': 'lite', 'width': 16, 'input_size': 32, 'bins': 11},
        'data': {'train': data, 'validation': data}, 'windows': {'min_height_px': 1.0},
        'schedule': {'epochs': 1, 'steps_per_epoch': 2, 'batch_size': 4},
        'run': {'tensorboard': False, 'pictures': False}}))
    return tmp_path


def train(folder, *more):
    return main(['train', str(folder / 'tiny.yaml'), '--output', str(folder / 'run'), '--device', 'cpu', '--quiet',
                 *more])


def test_train_and_export_again(folder, capsys):
    assert train(folder, '--set', 'schedule.steps_per_epoch=3', '--set', 'seed=5') == 0
    stored = yaml.safe_load((folder / 'run' / 'config.yaml').read_text())
    assert (stored['schedule']['steps_per_epoch'], stored['seed']) == (3, 5)
    exported = folder / 'run' / 'hdnet.safetensors'
    exported.unlink()
    assert train(folder, '--export') == 0
    assert exported.is_file() and 'coverage_95' in capsys.readouterr().out
    assert train(folder, '--resume', '--set', 'schedule.steps_per_epoch=3', '--set', 'seed=5') == 0


@pytest.mark.parametrize(('more', 'message'), [
    (['--set', 'schedule.epochs=0'], 'hdnet train: schedule.epochs must be at least 1'),
    (['--set', 'data.train.0.folder=/nowhere'], 'MuCo-3DHP.json is missing'),
    (['--set', 'initial.imagenet=nothing.pth'], 'there is no checkpoint nothing.pth'),
    (['--export'], 'is not there yet'),
    (['--device', 'abacus'], "device 'abacus' cannot be used")])
def test_mistakes_are_told_without_a_traceback(folder, capsys, more, message):
    assert train(folder, *more) == 2
    assert message in capsys.readouterr().err


def test_unfetched_model_names_the_command(folder, capsys, monkeypatch):
    monkeypatch.setenv('HDNET_CACHE', str(folder / 'empty'))
    assert train(folder, '--set', 'initial.imagenet=efficientnet_lite0_imagenet') == 2
    assert 'hdnet models fetch efficientnet_lite0_imagenet' in capsys.readouterr().err


def test_unknown_configuration_lists_ours(capsys):
    assert main(['train', 'latte']) == 2
    assert 'known: ablation, human36m_published, lite, lite_finish, paper' in capsys.readouterr().err


def test_stopped_run_says_how_to_go_on(folder, capsys, monkeypatch):
    monkeypatch.setattr('hdnet_ros.training.trainer.Trainer._should_stop', lambda self: True)
    assert train(folder, '--set', 'seed=5') == 130
    assert capsys.readouterr().err.endswith('--resume --device cpu --set seed=5\n')


@pytest.mark.parametrize('processes, start', [(1, 'hdnet'), (3, 'torchrun --nproc-per-node 3 -m hdnet_ros.cli.main')])
def test_the_command_to_go_on_can_be_pasted(processes, start):
    args = argparse.Namespace(config='my config.yaml', device='cuda:1', changes=['a.b=[1, 2]'])
    assert _command_to_go_on(args, Path('runs/x y'), processes) == (
        f"{start} train 'my config.yaml' --output 'runs/x y' --resume --device cuda:1 --set 'a.b=[1, 2]'")


def test_help(capsys):
    with pytest.raises(SystemExit) as done:
        main(['train', '--help'])
    assert done.value.code == 0
    said = capsys.readouterr().out
    assert 'torchrun' in said and 'one of ours: ablation, human36m_published, lite, lite_finish, paper.' in said
