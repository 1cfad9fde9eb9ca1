from __future__ import annotations

import json

import pytest
import yaml

from hdnet_ros.network import HDNetConfig
from hdnet_ros.resources import share_folder
from hdnet_ros.training.config import TrainingConfig, load_config
from hdnet_ros.training.config_reading import read_yaml, with_changes
from hdnet_ros.training.errors import ConfigError

OURS = sorted(path.stem for path in (share_folder('config') / 'training').glob('*.yaml'))


@pytest.mark.parametrize('name', OURS)
def test_ours_can_be_read_and_written(name):
    config = load_config(name)
    assert TrainingConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert TrainingConfig.from_dict(yaml.safe_load(yaml.safe_dump(config.to_dict()))) == config


def test_a_folder_of_the_same_name_is_no_configuration(tmp_path, monkeypatch):
    (tmp_path / 'paper').mkdir()
    monkeypatch.chdir(tmp_path)
    assert load_config('paper').network == HDNetConfig.preset('paper')
    with pytest.raises(ConfigError, match='no file people'):
        (tmp_path / 'people').mkdir()
        load_config('people')


def test_ours_are_what_the_paper_says():
    assert OURS == ['ablation', 'human36m_published', 'lite', 'lite_finish', 'paper']
    for name in ('paper', 'human36m_published'):
        config = load_config(name)
        schedule, losses = config.schedule, config.losses
        assert (schedule.epochs, schedule.steps_per_epoch, schedule.batch_size) == (100, 2000, 16)
        assert (schedule.learning_rate, schedule.kind) == (1e-4, 'steps')
        assert (schedule.every_epochs, schedule.factor) == (10, 0.8)
        assert [(w.weight, w.half_life_epochs) for w in (losses.heatmap, losses.pose, losses.bins, losses.index)] == [
            (10, 10), (1, 0), (1e-3, 10), (1, 0)]
        assert (losses.heatmap_sigma_cells, losses.epsilon, losses.heatmap_kind) == (0.75, 1e-8, 'squared')
        assert config.augmentation == type(config.augmentation)()
    assert load_config('paper').network == HDNetConfig.preset('paper')
    published = load_config('human36m_published')
    assert published.network == HDNetConfig.preset('human36m_published').with_changes(window_policy='principal')
    assert not published.network.box_mask and load_config('paper').network.box_mask
    kept = {entry.validation_sequences for entry in (*published.data.train, *published.data.validation)}
    assert len(kept) == 1, 'what validates is not trained on'
    assert load_config('lite').network == load_config('lite_finish').network == HDNetConfig.preset('lite')


@pytest.mark.parametrize(('change', 'message'), [
    ('colour=red', 'unknown key colour; known: network, data'),
    ('schedule.speed=3', 'unknown key schedule.speed; known: epochs'),
    ('schedule.epochs=many', "schedule.epochs must be an integer, not 'many'"),
    ('schedule.epochs=true', 'schedule.epochs must be an integer, not True'),
    ('schedule.epochs=0', 'schedule.epochs must be at least 1, not 0'),
    ('schedule.learning_rate=1e-4', r"learning_rate must be a number, not '1e-4' \(write 1.0e-4"),
    ('schedule.learning_rate=.nan', 'schedule.learning_rate must be a number'),
    ('schedule=fast', "schedule must be a mapping, not 'fast'"),
    ('windows.policies.sideways=1.0', 'windows.policies must be of box, principal, packed'),
    ('windows.policies.box=-1.0', 'windows.policies.box must be positive'),
    ('windows.policies={}', 'windows.policies must name at least one'),
    ('windows.policies=[box]', 'windows.policies must be a mapping'),
    ('windows.people=some', 'windows.people must be all or one'),
    ('windows.off_centre=2', 'windows.off_centre must lie in 0..1'),
    ('windows.box_jitter=0.7', 'windows.box_jitter must lie in'),
    ('windows.hidden_joints=1', 'windows.hidden_joints must be true or false, not 1'),
    ('network.box_mask=1', 'box_mask must be true or false'),
    ('windows.min_height_px=-1', 'windows.min_height_px must not be negative'),
    ('network.preset=giant', "network: unknown preset 'giant'"),
    ('network.depth=3', 'network: unknown fields in the network configuration: depth'),
    ('network=paper', "network must be a mapping, not 'paper'"),
    ('losses.heatmap.weight=-1', 'losses.heatmap.weight must not be negative'),
    ('losses.heatmap=3', 'losses.heatmap must be a mapping'),
    ('augmentation.zoom_range=[1.0]', 'augmentation.zoom_range must have 2 values, not 1'),
    ('augmentation.zoom_range=1.0', 'augmentation.zoom_range must be a list'),
    ('optimiser.average=1.0', 'optimiser.average must lie in 0..1'),
    ('optimiser.weight_decay=-1', 'optimiser.weight_decay must not'),
    ('optimiser.clip_norm=-1', 'optimiser.clip_norm must not'),
    ('initial={imagenet: a, checkpoint: b}', 'initial.imagenet and checkpoint exclude each other'),
    ('initial.imagenet=3', 'initial.imagenet must be a text, not 3'),
    ('validation.select=luck', 'validation.select must be one of depth_median'),
    ('validation.images=0', 'validation.images must be at least 1'),
    ('validation.batch_size=0', 'validation.batch_size must be at least 1'),
    ('run.precision=float8', 'run.precision must be one of'),
    ('run.workers=-1', 'run.workers must be at least 0'),
    ('seed=-1', 'seed must be a small natural number'),
    ('data=everything', "data must be a mapping, not 'everything'"),
    ('data.train=[]', 'data.train must list at least one'),
    ('data.train={}', 'data.train must be a list'),
    ('data.train.0.kind=films', r'data.train.0.kind must be one of human36m, '),
    ('data.train.0.weight=0', r'data.train.0.weight must be positive'),
    ('data.train.0.split=night', r'data.train.0.split must be one of'),
    ('data.train.0.split=test', r'data.train: a test set is for testing'),
    ('data.validation.0.split=test', r'data.validation: a test set is for testing'),
    ('data.train.0.min_visibility=2.0', r'data.train.0.min_visibility must lie'),
    ('data.train.0.validation_every=1', r'data.train.0.validation_every must be'),
    ('data.train.3.kind=muco', 'data.train.3.kind: \'3\' must be a number below 1'),
    ('data.train.x=muco', 'data.train.x: \'x\' must be a number'),
    ('seed.deep.er=1', 'there is no mapping around'),
    ('seed.deep=1', 'seed.deep: there is nothing inside seed to change'),
    ('seed', 'must look like key=value'),
    ('seed=[', 'is not YAML'),
])
def test_wrong_values_are_refused_by_name(tiny_values, tmp_path, change, message):
    tiny_values['seed'] = 3
    file = tmp_path / 'config.yaml'
    file.write_text(yaml.safe_dump(tiny_values))
    with pytest.raises(ConfigError, match=message):
        load_config(file, [change])


@pytest.mark.parametrize('key', ['network', 'data', 'schedule'])
def test_missing_parts_are_named(tiny_values, key):
    del tiny_values[key]
    with pytest.raises(ConfigError, match=f'^{key} is missing'):
        TrainingConfig.from_dict(tiny_values)


def test_missing_keys_deeper_down(tiny_values):
    del tiny_values['schedule']['epochs']
    with pytest.raises(ConfigError, match='schedule.epochs is missing'):
        TrainingConfig.from_dict(tiny_values)
    tiny_values['schedule']['epochs'] = 1
    del tiny_values['data']['train'][0]['folder']
    with pytest.raises(ConfigError, match='data.train.0.folder is missing'):
        TrainingConfig.from_dict(tiny_values)


def test_changes_reach_everything(tiny_values):
    changed = with_changes(tiny_values, ['schedule.epochs=7', 'data.train.0.weight=2.5', 'optimiser.average=0.5',
                                         'initial.imagenet=null', 'run.precision=bfloat16'])
    config = TrainingConfig.from_dict(changed)
    assert (config.schedule.epochs, config.data.train[0].weight, config.optimiser.average) == (7, 2.5, 0.5)
    assert config.run.precision == 'bfloat16' and config.initial.imagenet is None
    assert tiny_values['schedule']['epochs'] == 2, 'the original stays'
    assert with_changes({'a': [1, 2]}, ['a.1=5']) == {'a': [1, 5]}


def test_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match='known: ablation, human36m_published, lite, lite_finish, paper'):
        load_config('latte')
    file = tmp_path / 'config.yaml'
    for content, message in (('[1, 2]', 'must hold a mapping, not list'), ('a: [', 'is not YAML')):
        file.write_text(content)
        with pytest.raises(ConfigError, match=message):
            load_config(file)
    with pytest.raises(ConfigError, match='cannot read'):
        read_yaml(tmp_path)
