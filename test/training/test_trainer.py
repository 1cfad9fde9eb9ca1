"""Whole runs on a tiny network: what they leave behind, and that stopping changes nothing."""
from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml

from hdnet_ros.network import load_hdnet
from hdnet_ros.training.config import DataConfig, TrainingConfig
from hdnet_ros.training.datasets.registry import read_data_set
from hdnet_ros.training.distributed import Processes
from hdnet_ros.training.errors import TrainingError
from hdnet_ros.training.feeding import ValidationBatches, batches
from hdnet_ros.training.state import checkpoint_files
from hdnet_ros.training.trainer import Trainer, export_run
from hdnet_ros.training.validation import COLUMNS, figures, measure

ROOT = Path(__file__).resolve().parents[2]


def final_state(folder):
    return torch.load(checkpoint_files(folder)[0], weights_only=True)


def assert_same(a, b, where='state'):
    """Equal bit by bit."""
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b), where
    elif isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            assert_same(a[key], b[key], f'{where}.{key}')
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b)):
            assert_same(x, y, f'{where}.{i}')
    else:
        assert a == b, where


@pytest.fixture(scope='module')
def finished(tmp_path_factory):
    return {}


@pytest.fixture
def whole_run(tiny_values, finished, tmp_path_factory):
    """The folder of a run that nothing interrupted, with averaged weights."""
    tiny_values['optimiser'] = {'average': 0.9, 'weight_decay': 0.01, 'clip_norm': 5.0}
    if 'folder' not in finished:
        finished['folder'] = tmp_path_factory.mktemp('run') / 'whole'
        assert Trainer(TrainingConfig.from_dict(tiny_values), finished['folder'], progress=False).run()
    return finished['folder']


def test_what_a_run_leaves(whole_run, tiny_values):
    with (whole_run / 'train.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row['step']) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [float(row['epoch']) for row in rows] == [0, 0, 0, 1, 1, 1]
    weighted = [10 * 0.5 ** (float(r['epoch']) / 10) * float(r['heatmap']) + float(r['pose']) + float(r['index'])
                + 1e-3 * 0.5 ** (float(r['epoch']) / 10) * float(r['bins']) for r in rows]
    np.testing.assert_allclose(weighted, [float(row['total']) for row in rows], rtol=1e-4)
    with (whole_run / 'validation.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row['step']) for row in rows] == [3, 6]
    best = min(float(row['depth_median']) for row in rows)
    assert final_state(whole_run)['best'] == pytest.approx(best, rel=1e-5)
    assert [path.name for path in checkpoint_files(whole_run)] == [f'step_{n:08d}.pt' for n in (6, 4, 3)]
    for epoch in (0, 1):
        assert cv2.imread(str(whole_run / 'pictures' / f'epoch_{epoch:03d}.jpg')).shape == (256, 512, 3)
    stored = yaml.safe_load((whole_run / 'config.yaml').read_text())
    assert TrainingConfig.from_dict(stored) == TrainingConfig.from_dict(tiny_values)


def test_best_weights_are_as_good_as_the_log_says(whole_run, tiny_values):
    config = TrainingConfig.from_dict(tiny_values)
    source = batches(ValidationBatches(config), 0, 0, False)
    found = figures(measure(load_hdnet(whole_run / 'best.safetensors'), config, source, torch.device('cpu')))
    assert found['depth_median'] == pytest.approx(final_state(whole_run)['best'], rel=1e-5)


def test_best_weights_are_the_average_after_the_best_epoch(tiny_values, tmp_path, monkeypatch):
    tiny_values['schedule'].update(epochs=3, steps_per_epoch=1)
    tiny_values['optimiser'] = {'average': 0.9}
    tiny_values['run']['pictures'] = False
    scores = iter((0.3, 0.1, 0.2))
    monkeypatch.setattr('hdnet_ros.training.trainer.measure', lambda *_: np.empty((0, len(COLUMNS))))
    monkeypatch.setattr('hdnet_ros.training.trainer.figures', lambda _: {'depth_median': next(scores)})
    monkeypatch.setattr('hdnet_ros.training.trainer.export_run', lambda *_: None)
    assert Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False).run()
    third, second, first = (torch.load(path, weights_only=True) for path in checkpoint_files(tmp_path))
    assert [state['best'] for state in (first, second, third)] == [0.3, 0.1, 0.1]
    weights = [state['out_bins.weight'] for state in (first['average'], second['average'], third['average'],
                                                      second['network'])]
    assert not any(torch.equal(a, b) for a, b in combinations(weights, 2))
    assert_same(load_hdnet(tmp_path / 'best.safetensors').state_dict(), second['average'])


@pytest.mark.parametrize('rank', [0, 1])
def test_the_network_is_in_training_mode_at_every_step(tiny_values, tmp_path, monkeypatch, rank):
    """Also after validation, in the process that draws the picture and in another."""
    tiny_values['schedule'].update(epochs=2, steps_per_epoch=1)
    for name in ('export_run', 'check_people'):    # half of the validation has too few people
        monkeypatch.setattr(f'hdnet_ros.training.trainer.{name}', lambda *_: None)
    trainer = Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, Processes(rank), progress=False)
    step, training = trainer.learner.step, []

    def watched(batch, number):
        training.append(all(module.training for module in trainer.learner.net.modules()))
        return step(batch, number)
    trainer.learner.step = watched
    assert trainer.run()
    assert training == [True, True]


def test_exported_network_is_calibrated_and_usable(whole_run):
    best, exported = load_hdnet(whole_run / 'best.safetensors'), load_hdnet(whole_run / 'hdnet.safetensors')
    assert best.config.sigma_scale == 1
    assert exported.config.sigma_scale != 1
    assert exported.config.with_changes(sigma_scale=1.0) == best.config
    for name, value in best.state_dict().items():
        torch.testing.assert_close(exported.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_export_again_measures_what_was_written(whole_run, tiny_values):
    found = export_run(TrainingConfig.from_dict(tiny_values), whole_run, torch.device('cpu'))
    assert 0.9 <= found['coverage_95'] <= 1


@pytest.mark.parametrize(('change', 'named'), [({'network': {'bins': 41}}, 'network.bins is 31, not 41'),
                                               ({'windows': {'box_jitter': 0.2}}, 'windows.box_jitter is 0.03')])
def test_export_with_another_configuration_than_the_run_s_is_refused(whole_run, tiny_values, change, named):
    before = (whole_run / 'hdnet.safetensors').read_bytes()
    for part, values in change.items():
        tiny_values[part] = {**tiny_values[part], **values}
    with pytest.raises(TrainingError, match=named):
        export_run(TrainingConfig.from_dict(tiny_values), whole_run, torch.device('cpu'))
    assert (whole_run / 'hdnet.safetensors').read_bytes() == before


def test_too_few_people_to_calibrate_by_end_the_run_after_its_first_epoch(tiny_values, tmp_path):
    tiny_values['validation'] = {'images': 1, 'batch_size': 1}
    trainer = Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)
    with pytest.raises(TrainingError, match='too few to calibrate'):
        trainer.run()
    assert trainer.step == 3


def test_a_validation_that_sees_the_training_s_people_is_told(tiny_values, tmp_path):
    with pytest.warns(UserWarning, match='validation sees in .* what training learns from'):
        Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)
    for part, split in (('train', 'train'), ('validation', 'validation')):
        tiny_values['data'][part][0]['split'] = split
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)


@pytest.mark.parametrize('kind, train, validation, seen', [
    ('muco', {}, {}, False),
    ('muco', {'validation_every': 500}, {}, True),
    ('muco', {'split': 'all'}, {}, True),
    ('muco', {'split': 'all'}, {'folder': 'there'}, False),
    ('synthetic', {'seed': 1}, {'seed': 2}, False),
    ('coco2d', {'split': 'all'}, {'split': 'all', 'annotations': 'annotations/val2017.json'}, False),
    ('coco2d', {'split': 'all'}, {'split': 'all', 'focal_px': 1000.0}, True),
    ('muco', {'split': 'all', 'folder': 'there/../here'}, {}, True),
])
def test_which_entries_have_images_in_common(kind, train, validation, seen):
    entries = [read_data_set({'kind': kind, 'folder': 'here', 'split': split, **changes}, 'data')
               for split, changes in (('train', train), ('validation', validation))]
    assert DataConfig(*((entry,) for entry in entries)).seen_before == (['here'] if seen else [])


def test_validation_on_other_images_of_the_training_split_is_warned_of(tiny_values, muco_writer, tmp_path):
    for part, seed in (('train', 1), ('validation', 2)):
        folder = muco_writer(tmp_path / part, seed=seed)
        content = json.loads((folder / 'MuCo-3DHP.json').read_text())
        (folder / 'MuCo-3DHP.json').write_text(json.dumps({'info': {'split': 'train'}, **content}))
        tiny_values['data'][part][0]['folder'] = str(folder)
    with pytest.warns(UserWarning, match='the same bodies, poses and clothes; draw others'):
        Trainer(TrainingConfig.from_dict(tiny_values), tmp_path / 'run', progress=False)


def test_export_needs_a_run(tiny_config, tmp_path):
    with pytest.raises(TrainingError, match='best.safetensors is not there yet'):
        export_run(tiny_config, tmp_path, torch.device('cpu'))


@pytest.mark.parametrize('stop_after', [3, 5])
def test_resumed_run_equals_the_whole_one(whole_run, tiny_values, tmp_path, stop_after):
    """Broken off between checkpoints, so that steps must be done again."""
    config = TrainingConfig.from_dict(tiny_values)
    broken = Trainer(config, tmp_path, progress=False)
    step = broken.learner.step

    def failing(batch, number):
        if number == stop_after:
            raise RuntimeError('the power is gone')
        return step(batch, number)
    broken.learner.step = failing
    with pytest.raises(RuntimeError, match='the power is gone'):
        broken.run()
    resumed = Trainer(config, tmp_path, resume=True, progress=False)
    assert resumed.step == (3 if stop_after == 3 else 4)
    assert resumed.run()
    assert_same(final_state(tmp_path), final_state(whole_run))
    ours, theirs = (load_hdnet(folder / 'hdnet.safetensors') for folder in (tmp_path, whole_run))
    assert ours.config == theirs.config
    assert_same(ours.state_dict(), theirs.state_dict())
    assert (tmp_path / 'validation.csv').read_text() == (whole_run / 'validation.csv').read_text()
    with (tmp_path / 'train.csv').open() as file:
        assert [int(row['step']) for row in csv.DictReader(file)] == [1, 2, 3, 4, 5, 6]


def test_the_first_row_after_a_resume_is_over_its_own_steps(whole_run, tiny_values, tmp_path):
    tiny_values['run'].update(log_every_steps=4, checkpoint_every_steps=1)
    config = TrainingConfig.from_dict(tiny_values)
    broken = Trainer(config, tmp_path, progress=False)
    step = broken.learner.step

    def failing(batch, number):
        if number == 3:
            raise RuntimeError('the power is gone')
        return step(batch, number)
    broken.learner.step = failing
    with pytest.raises(RuntimeError, match='the power is gone'):
        broken.run()
    assert Trainer(config, tmp_path, resume=True, progress=False).run()
    (row,) = read_log(tmp_path)
    alone = read_log(whole_run)[3]
    assert row['step'] == alone['step'] == '4'
    for name in ('people_per_step', 'total', 'learning_rate'):
        assert row[name] == alone[name], name


def test_validation_is_no_part_of_the_steps_time(tiny_values, tmp_path, monkeypatch):
    tiny_values['schedule'].update(epochs=2, steps_per_epoch=1)
    tiny_values['run']['log_every_steps'] = 2
    trainer = Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)
    end = trainer._end_epoch
    monkeypatch.setattr(trainer, '_end_epoch', lambda epoch: (time.sleep(2 - 2 * epoch), end(epoch)))
    trainer.run()
    (row,) = read_log(tmp_path)
    assert float(row['seconds_per_step']) < 1


def read_log(folder):
    with (folder / 'train.csv').open() as file:
        return list(csv.DictReader(file))


def test_only_workers_open_the_data(tiny_values, tmp_path, monkeypatch):
    """Synthetic people bring OpenGL along, and what of it the main process has, the next epoch's workers inherit."""
    tiny_values['run']['workers'] = 1
    trainer = Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)
    main = os.getpid()
    for data in (*trainer._data.sets, *trainer._validation.sets):
        monkeypatch.setattr(data, 'sample', lambda index, sample=data.sample: (
            pytest.fail('the main process looks at the data') if os.getpid() == main else sample(index)))
    monkeypatch.setattr('hdnet_ros.training.trainer.export_run', lambda *_: None)    # it opens the sets anew
    assert trainer.run()
    assert len(list((tmp_path / 'pictures').iterdir())) == 2


def start_process(config_file, output, *more):
    env = dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT))
    command = [sys.executable, '-m', 'hdnet_ros.cli.main', 'train', str(config_file), '--output', str(output),
               '--device', 'cpu', '--quiet', '--resume', *more]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for_checkpoint(process, folder, least=1):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if len(checkpoint_files(folder)) >= least:
            return
        time.sleep(0.02)
    raise AssertionError(f'no checkpoint came: {process.communicate()[1]}')


def test_killed_and_stopped_processes_go_on_as_if_nothing_had_happened(whole_run, tiny_values, tmp_path):
    """One process is killed without warning, one is asked to stop, the third finishes; workers make the batches."""
    tiny_values['run'].update(threads=1, workers=1, checkpoint_every_steps=1)
    file = tmp_path / 'config.yaml'
    file.write_text(yaml.safe_dump(tiny_values))
    output = tmp_path / 'run'
    first = start_process(file, output)
    wait_for_checkpoint(first, output)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL
    second = start_process(file, output)
    time.sleep(0.5)
    wait_for_checkpoint(second, output, 2)
    second.send_signal(signal.SIGTERM)
    _, said = second.communicate(timeout=60)
    assert second.returncode in (0, 130), said
    third = start_process(file, output)
    _, said = third.communicate(timeout=100)
    assert third.returncode == 0, said
    ours, theirs = final_state(output), final_state(whole_run)
    for part in ('network', 'optimiser', 'average', 'best', 'step'):
        assert_same(ours[part], theirs[part], part)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_whole_group_saves_the_state(tiny_values, tmp_path, number):
    """As from a terminal or a scheduler; the processes that make the batches get it too."""
    tiny_values['schedule'].update(epochs=1, steps_per_epoch=100_000)
    tiny_values['run'].update(threads=1, workers=2, checkpoint_every_steps=5)
    file = tmp_path / 'config.yaml'
    file.write_text(yaml.safe_dump(tiny_values))
    process = start_process(file, tmp_path / 'run')
    wait_for_checkpoint(process, tmp_path / 'run')
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and 'Error' not in said, said
    assert final_state(tmp_path / 'run')['step'] >= 5


def test_asked_to_stop(tiny_config, tmp_path):
    trainer = Trainer(tiny_config, tmp_path, progress=False)
    step = trainer.learner.step

    def interrupted(batch, number):
        if number == 0:
            os.kill(os.getpid(), signal.SIGINT)
        return step(batch, number)
    trainer.learner.step = interrupted
    before = signal.getsignal(signal.SIGINT)
    assert trainer.run() is False
    assert signal.getsignal(signal.SIGINT) is before
    assert final_state(tmp_path)['step'] == 1
    assert not (tmp_path / 'hdnet.safetensors').exists()


def test_a_second_run_in_the_same_folder_is_refused(whole_run, tiny_config):
    with pytest.raises(TrainingError, match='already holds a run.*--resume'):
        Trainer(tiny_config, whole_run, progress=False)


def test_resuming_with_another_configuration_is_refused(whole_run, tiny_values):
    tiny_values['schedule']['learning_rate'] = 0.5
    with pytest.raises(TrainingError, match=r'another configuration: schedule.learning_rate is 0.001, not 0.5'):
        Trainer(TrainingConfig.from_dict(tiny_values), whole_run, resume=True, progress=False)
    tiny_values['schedule']['learning_rate'] = 0.001
    tiny_values['run']['log_every_steps'] = 77
    assert Trainer(TrainingConfig.from_dict(tiny_values), whole_run, resume=True, progress=False).step == 6


def test_selection_without_truth_is_refused(tiny_values, tmp_path, monkeypatch):
    trainer = Trainer(TrainingConfig.from_dict(tiny_values), tmp_path, progress=False)
    validation = trainer._validation

    def without_depth(number):
        batch = type(validation).__getitem__(validation, number)
        return batch._replace(root_depth_m=batch.root_depth_m * float('nan'))

    class NoDepth(type(validation)):
        __getitem__ = staticmethod(without_depth)
    trainer._validation = object.__new__(NoDepth)
    trainer._validation.__dict__.update(validation.__dict__)
    with pytest.raises(TrainingError, match="validation.select is 'depth_median', but nobody"):
        trainer.run()


def test_progress_bar_and_tensorboard(tiny_values, tmp_path, capfd):
    pytest.importorskip('tensorboard')
    tiny_values['schedule'].update(epochs=1, steps_per_epoch=2)
    tiny_values['run']['tensorboard'] = True
    assert Trainer(TrainingConfig.from_dict(tiny_values), tmp_path).run()
    out, err = capfd.readouterr()
    assert 'epoch 0: people' in out and '2/2' in err
    assert list((tmp_path / 'tensorboard').glob('events.*'))
