"""Two processes against one: the same gradient, the same weights, the same figures."""
from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import yaml

from hdnet_ros.training.config import TrainingConfig
from hdnet_ros.training.distributed import Processes, start
from hdnet_ros.training.errors import TrainingError
from hdnet_ros.training.feeding import TrainingBatches
from hdnet_ros.training.learner import Learner
from hdnet_ros.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]

# One step in each process, with gradients and weights of rank 0 written at the end.
ONE_STEP = '''
import sys, torch
from hdnet_ros.training.config import load_config
from hdnet_ros.training.distributed import start
from hdnet_ros.training.feeding import TrainingBatches
from hdnet_ros.training.learner import Learner
torch.set_num_threads(1)
config, processes = load_config(sys.argv[1]), start('cpu')
learner = Learner(config, processes)
learner.set_mode()
data = TrainingBatches(config, processes.rank, processes.world)
sums = processes.total(learner.step(data[0], 0))
gradients = {name: p.grad.clone() for name, p in learner.net.named_parameters()}
same = processes.gather(float(sum(g.double().sum() for g in gradients.values())))
people = processes.gather(len(data[0].window_index))
if processes.is_main:
    torch.save({'gradients': gradients, 'weights': learner.net.state_dict(), 'sums': sums, 'ranks': same,
                'people': people}, sys.argv[2])
processes.close()
'''


def torchrun(processes, *command, timeout=100):
    env = dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(ROOT))
    command = [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', str(processes),
               *map(str, command)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


@pytest.fixture
def frozen(tiny_values):
    """Without statistics over the batch, which processes on CPUs cannot share."""
    tiny_values['optimiser'] = {'freeze_batchnorm': True}
    return tiny_values


def test_two_processes_give_the_gradient_of_one(frozen, tmp_path):
    (tmp_path / 'config.yaml').write_text(yaml.safe_dump(frozen))
    (tmp_path / 'step.py').write_text(ONE_STEP)
    torchrun(2, tmp_path / 'step.py', tmp_path / 'config.yaml', tmp_path / 'two.pt')
    two = torch.load(tmp_path / 'two.pt', weights_only=True)

    config = TrainingConfig.from_dict(frozen)
    learner = Learner(config, Processes())
    learner.set_mode()
    sums = learner.step(TrainingBatches(config)[0], 0)
    assert two['ranks'][0] == pytest.approx(two['ranks'][1], abs=1e-9)
    assert two['people'][0] != two['people'][1], 'the test is about parts with different numbers of people'
    torch.testing.assert_close(two['sums'], sums, rtol=1e-5, atol=1e-6)
    largest = max(parameter.grad.abs().max() for parameter in learner.net.parameters())
    difference = max((two['gradients'][name] - parameter.grad).abs().max()
                     for name, parameter in learner.net.named_parameters())
    print(f'largest gradient {largest:.3g}, largest difference {difference:.3g}')
    assert difference < 1e-5 * largest


def test_a_run_of_two_processes(frozen, tmp_path):
    """The same losses, validation and best weights as in one process; then a third process goes on alone."""
    frozen['schedule'].update(learning_rate=1e-6)
    (tmp_path / 'config.yaml').write_text(yaml.safe_dump(frozen))
    torchrun(2, '-m', 'hdnet_ros.cli.main', 'train', tmp_path / 'config.yaml', '--output', tmp_path / 'two', '--device',
             'cpu', '--quiet')
    assert Trainer(TrainingConfig.from_dict(frozen), tmp_path / 'one', progress=False).run()
    for name in ('train', 'validation'):
        rows = []
        for folder in ('one', 'two'):
            with (tmp_path / folder / f'{name}.csv').open() as file:
                rows.append([{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)])
        for one, two in zip(*rows, strict=True):
            one.pop('seconds_per_step', None), two.pop('seconds_per_step', None)
            assert two == pytest.approx(one, rel=1e-4)
    assert (tmp_path / 'two' / 'hdnet.safetensors').is_file()
    assert Trainer(TrainingConfig.from_dict(frozen), tmp_path / 'two', resume=True, progress=False).step == 6


def test_a_validation_is_of_the_network_that_is_kept(frozen, tmp_path):
    """On CPUs each process has statistics of its own; all validate with those of the first."""
    frozen['optimiser'] = {'average': 0.9}
    (tmp_path / 'config.yaml').write_text(yaml.safe_dump(frozen))
    (tmp_path / 'step.py').write_text(ONE_STEP.replace('if processes.is_main:', '''
def total(): return float(sum(b.double().sum() for b in learner.best_guess.buffers()))
before = processes.gather(total())
processes.share_buffers(learner.best_guess)
same = before + processes.gather(total())
if processes.is_main:'''))
    torchrun(2, tmp_path / 'step.py', tmp_path / 'config.yaml', tmp_path / 'two.pt')
    first, second, *shared = torch.load(tmp_path / 'two.pt', weights_only=True)['ranks']
    assert first != second, 'the test is about processes that have seen different people'
    assert shared == [first, first]


def test_alone():
    processes = start('cpu')
    assert (processes.rank, processes.world, processes.is_main) == (0, 1, True)
    assert processes.gather(3) == [3] and processes.total(torch.tensor(2.0)) == 2
    net = torch.nn.Linear(1, 1)
    assert processes.wrap(net) is net
    processes.share_buffers(net)
    processes.close()


@pytest.mark.parametrize('device', ['abacus', 'cuda:77'])
def test_unusable_devices_are_named(device):
    with pytest.raises(TrainingError, match=f"device '{device}' cannot be used"):
        start(device)


@pytest.mark.parametrize('device, rank, reason', [
    ('cuda:0', 0, 'several processes cannot share a GPU'), ('cuda', 2, 'start no more than 2 processes here')])
def test_more_processes_than_gpus(monkeypatch, device, rank, reason):
    if torch.cuda.device_count() > 2:
        pytest.skip('there are GPUs enough here')
    for name, value in (('RANK', rank), ('LOCAL_RANK', rank), ('WORLD_SIZE', 3)):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr(torch.cuda, 'device_count', lambda: 2)
    with pytest.raises(TrainingError, match=reason):
        start(device)
