from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from hdnet_ros.training.errors import TrainingError
from hdnet_ros.training.run_log import RunLog
from hdnet_ros.training.state import checkpoint_files, load_state, save_state


def save(folder, config, step, keep=3, **more):
    return save_state(folder, step, {'config': config.to_dict(), 'best': 1.0, **more}, keep)


def test_all_random_states_come_back(tiny_config, tmp_path):
    random.seed(1)
    np.random.seed(2)
    torch.manual_seed(3)
    random.gauss(0, 1)
    np.random.standard_normal()
    save(tmp_path, tiny_config, 5, values=torch.arange(3))
    expected = random.random(), random.gauss(0, 1), np.random.standard_normal(3).tolist(), torch.rand(3).tolist()
    random.seed(9)
    np.random.seed(9)
    torch.manual_seed(9)
    state = load_state(tmp_path, tiny_config)
    assert state['step'] == 5 and state['values'].tolist() == [0, 1, 2]
    assert (random.random(), random.gauss(0, 1), np.random.standard_normal(3).tolist(),
            torch.rand(3).tolist()) == expected


def test_only_the_newest_are_kept(tiny_config, tmp_path):
    for step in (1, 2, 30, 400):
        save(tmp_path, tiny_config, step, keep=2)
    assert [path.name for path in checkpoint_files(tmp_path)] == ['step_00000400.pt', 'step_00000030.pt']
    assert not list((tmp_path / 'checkpoints').glob('.*'))


def test_nothing_there(tiny_config, tmp_path):
    assert load_state(tmp_path / 'nowhere', tiny_config) is None


@pytest.mark.parametrize('damage', [lambda data: data[:len(data) // 2], lambda data: b'', lambda data: b'garbage' * 99])
def test_damaged_checkpoints_are_passed_over(tiny_config, tmp_path, damage):
    save(tmp_path, tiny_config, 1)
    newest = save(tmp_path, tiny_config, 2)
    newest.write_bytes(damage(newest.read_bytes()))
    with pytest.warns(UserWarning, match='step_00000002.pt cannot be used'):
        assert load_state(tmp_path, tiny_config)['step'] == 1


def test_all_damaged(tiny_config, tmp_path):
    save(tmp_path, tiny_config, 1).write_bytes(b'')
    with pytest.warns(UserWarning), pytest.raises(TrainingError, match='none of the checkpoints'):
        load_state(tmp_path, tiny_config)


def test_a_failed_write_leaves_the_old_ones(tiny_config, tmp_path):
    save(tmp_path, tiny_config, 1)
    with pytest.raises(Exception, match='pickle|local object'):    # Python 3.13 says the latter
        save(tmp_path, tiny_config, 2, broken=lambda: None)
    assert [path.name for path in (tmp_path / 'checkpoints').iterdir()] == ['step_00000001.pt']


def test_log_drops_what_comes_again(tmp_path):
    log = RunLog(tmp_path, 0, tensorboard=False)
    for step in (10, 20, 30):
        log.training(step, {'loss': 1 / step})
    log.close()
    with (tmp_path / 'train.csv').open('a') as file:
        file.write('40,0.1')     # killed in the middle of a row
    log = RunLog(tmp_path, 20, tensorboard=False)
    log.training(30, {'loss': 7})
    assert (tmp_path / 'train.csv').read_text().split() == ['step,loss', '10,0.1', '20,0.05', '30,7']


def test_tensorboard_keeps_what_was_done_and_drops_what_comes_again(tmp_path):
    events = pytest.importorskip('tensorboard.backend.event_processing.event_accumulator')
    log = RunLog(tmp_path, 0)
    for step in (10, 20, 30):
        log.training(step, {'loss': 1 / step})
        log.picture(step, step // 10, np.full((8, 8, 3), step, np.uint8))
    log.close()
    log = RunLog(tmp_path, 20)
    log.training(30, {'loss': 7.0})
    log.close()
    board = events.EventAccumulator(str(tmp_path / 'tensorboard'))
    board.Reload()
    assert [(each.step, round(each.value, 3)) for each in board.Scalars('train/loss')] == [(10, .1), (20, .05), (30, 7)]
    assert [each.step for each in board.Images('predictions')] == [10, 20]


def test_log_works_without_tensorboard(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__('sys').modules, 'torch.utils.tensorboard', None)
    log = RunLog(tmp_path, 0)
    log.validation(1, {'loss': 1.0})
    log.picture(1, 0, np.zeros((8, 8, 3), np.uint8))
    log.close()
    assert (tmp_path / 'pictures' / 'epoch_000.jpg').is_file() and not (tmp_path / 'tensorboard').exists()
