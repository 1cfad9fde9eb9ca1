"""Tiny trainings of a few variants, from the plan to the figures."""
from __future__ import annotations

import os
import signal

import pytest
import yaml

from hdnet_ros.cli.main import main
from hdnet_ros.evaluation.ablations import measure_runs, plan, train_missing
from hdnet_ros.evaluation.variants import VARIANTS
from hdnet_ros.network import HDNet, load_hdnet
from hdnet_ros.training.config import load_config
from hdnet_ros.training.errors import ConfigError, DataSetError
from hdnet_ros.training.learner import Learner
from hdnet_ros.training.state import checkpoint_files

TINY = {
    'network': {'preset': 'lite', 'input_size': 64, 'width': 16, 'window_policy': 'box', 'antialias': False},
    'data': {'train': [{'kind': 'muco', 'folder': '.', 'split': 'all'}],
             'validation': [{'kind': 'muco', 'folder': '.', 'split': 'all'}]},
    'windows': {'policies': {'box': 1.0}, 'people': 'one'},
    'schedule': {'epochs': 1, 'steps_per_epoch': 2, 'batch_size': 2},
    'validation': {'images': 24, 'batch_size': 12},
    'run': {'threads': 1, 'pictures': False, 'tensorboard': False, 'checkpoint_every_steps': 1},
}
NAMES = ('full', 'regression')


@pytest.fixture(scope='module')
def place(write_people, tmp_path_factory):
    """A folder with people to learn from, others to measure on, and a tiny configuration."""
    folder = tmp_path_factory.mktemp('ablations')
    write_people(folder / 'people', [(30.0,)] * 4)
    write_people(folder / 'held_out', [(30.0,)] * 20 + [(5.0,)] * 4, seed=1)
    (folder / 'tiny.yaml').write_text(yaml.safe_dump(TINY))
    return folder


def plan_in(place, output='runs', only=NAMES, changes=(), **more):
    return plan(place / 'people', place / 'held_out', place / output, only, config=place / 'tiny.yaml',
                changes=changes, **more)


@pytest.fixture(scope='module')
def runs(place):
    """Two variants with two seeds, trained."""
    runs = plan_in(place)
    assert [run.trained for run in runs] == [False] * 4
    assert [run.folder for run in train_missing(runs, progress=False)] == [run.folder for run in runs]
    return runs


def test_each_variant_differs_from_the_full_one_in_one_respect(place):
    runs = plan_in(place, only=(), seeds=(3,))
    assert [run.variant.name for run in runs] == list(VARIANTS)
    full = runs[0].config
    for run in runs[1:]:
        mine, theirs = run.config.network.to_dict(), full.network.to_dict()
        assert sum(mine[key] != theirs[key] for key in mine) == 1
        assert run.config.to_dict() | {'network': None} == full.to_dict() | {'network': None}
        HDNet(run.config.network)


def test_the_shipped_configuration_is_the_paper_on_small_windows():
    config = load_config('ablation')
    assert config.network.bins == 121 and config.network.gnn_layers == 2    # what the tables call full
    assert config.network.window_policy == 'box' and config.windows.people == 'one'
    # With one epoch, the held-out people choose nothing.
    assert config.schedule.epochs == 1 and config.optimiser.frozen_stride == 4


def test_all_variants_come_once_before_the_second_seed(place):
    assert [(r.seed, r.variant.name) for r in plan_in(place)] == [(s, n) for s in (0, 1) for n in NAMES]


def test_unknown_variants_and_settings(place):
    with pytest.raises(ConfigError, match='unknown variants: fuller; known: full, '):
        plan_in(place, only=['full', 'fuller'])
    with pytest.raises(ConfigError, match='schedule'):
        plan_in(place, changes=['schedule.epochs=0'])


def test_trained_runs_stay(runs):
    before = [run.weights.stat().st_mtime_ns for run in runs]
    assert len(list(train_missing(runs, progress=False))) == 4
    assert [run.weights.stat().st_mtime_ns for run in runs] == before
    assert load_hdnet(runs[1].weights).config.depth_head == 'regression'


def test_runs_with_other_settings_are_not_mixed(runs, place):
    assert plan_in(place, changes=['run.log_every_steps=7'])[0].trained     # changes nothing that is learned
    with pytest.raises(ConfigError, match='other settings'):
        list(train_missing(plan_in(place, changes=['schedule.learning_rate=0.5']), progress=False))


def test_figures_of_every_seed(runs, place):
    found = measure_runs(runs, device='cpu', progress=False)
    assert {name: len(figures) for name, figures in found.items()} == {'full': 2, 'regression': 2}
    assert measure_runs(runs, device='cpu', progress=False) == found
    for figures in found.values():
        for each in figures:
            assert each.mrpe_z_mm > 0 and each.depth_percent > 0 and 0 <= each.ap_25 <= 100
    assert found['full'][0] != found['full'][1]
    # At a depth of 4 m, the mean error in depth is about the relative one times 4 m.
    assert found['full'][0].mrpe_z_mm == pytest.approx(40 * found['full'][0].depth_percent, rel=0.5)
    assert measure_runs(plan_in(place, 'elsewhere')) == {}


def test_a_run_that_was_stopped_goes_on(place, monkeypatch):
    runs = plan_in(place, 'stopped', only=['full'])
    with monkeypatch.context() as patch:
        step = Learner.step

        def stop_after(self, batch, number):
            os.kill(os.getpid(), signal.SIGTERM)
            return step(self, batch, number)
        patch.setattr(Learner, 'step', stop_after)
        assert list(train_missing(runs, progress=False)) == []
    assert not runs[0].trained and checkpoint_files(runs[0].folder)
    steps = []
    monkeypatch.setattr(Learner, 'step', lambda self, batch, number: steps.append(number) or step(self, batch, number))
    assert len(list(train_missing(runs, progress=False))) == 2
    assert steps == [1, 0, 1]      # the second of the first seed, and both of the other


def test_no_data(place, tmp_path):
    with pytest.raises(DataSetError, match='MuCo-3DHP.json'):
        list(train_missing(plan(tmp_path / 'none', place / 'held_out', tmp_path / 'out', ['full'],
                                config=place / 'tiny.yaml'), progress=False))


def test_the_command_prints_a_table_from_what_is_there(runs, place, capsys):
    arguments = ['ablate', '--data', str(place / 'people'), '--validation', str(place / 'held_out'), '--output',
                 str(place / 'runs'), '--config', str(place / 'tiny.yaml'), '--only', *NAMES, '--device', 'cpu']
    assert main([*arguments, '--quiet', '--format', 'markdown']) == 0
    out = capsys.readouterr().out
    assert '| direct regression | 2 |' in out and '| full | 2 |' in out and 'Number of depth bins' not in out
    assert main([*arguments, '--seeds', '5', '--no-training']) == 1
    assert 'no finished run' in capsys.readouterr().err


def test_the_command_trains_what_is_missing(runs, place, capsys):
    arguments = ['ablate', '--data', str(place / 'people'), '--validation', str(place / 'held_out'), '--output',
                 str(place / 'runs'), '--config', str(place / 'tiny.yaml'), '--only', 'no_gnn', 'full', '--device',
                 'cpu', '--seeds', '0']
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert '2/2' in captured.err and 'without GNN' in captured.out
    assert main([*arguments, '--only', 'everything']) == 2
    trained = load_hdnet(place / 'runs' / 'no_gnn' / 'seed_0' / 'hdnet.safetensors')
    assert all(parameter.isfinite().all() for parameter in trained.parameters())
