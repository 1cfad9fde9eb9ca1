from __future__ import annotations

import dataclasses

import pytest
import yaml

from hdnet_ros.resources import share_folder
from hdnet_ros.training.errors import ConfigError
from hdnet_ros.training.synthetic import SyntheticConfig


@pytest.fixture
def values():
    return yaml.safe_load((share_folder('config') / 'synthetic.yaml').read_text())


def write(path, values):
    path.write_text(yaml.safe_dump(values))
    return path


def test_reads_nested_values_of_the_right_kind(config):
    assert config.bodies.men_height_m == (1.76, 0.075)
    assert all(isinstance(side, int) for size in config.view.image_sizes for side in size)
    assert config.poses.random_weights['stand'] > 0


def test_single_values_can_be_changed(config):
    changed = SyntheticConfig.load(changes=['bodies.child_share=0.4', 'bodies.men_height_m=[1.8, 0.05]'])
    assert (changed.bodies.child_share, changed.bodies.men_height_m) == (0.4, (1.8, 0.05))
    assert dataclasses.replace(changed, bodies=config.bodies) == config


@pytest.mark.parametrize(('change', 'says'), [
    (lambda v: v['bodies'].pop('count'), 'count'),
    (lambda v: v['scene'].update(colour=1), 'colour'),
    (lambda v: v['bodies'].update(count='many'), 'many'),
    (lambda v: v['bodies'].update(men_height_m=[1.76]), 'men_height_m'),
    (lambda v: v.update(light=3), 'light must be a mapping'),
])
def test_a_wrong_entry_is_named(tmp_path, values, change, says):
    change(values)
    with pytest.raises(ConfigError, match=says):
        SyntheticConfig.load(write(tmp_path / 'c.yaml', values))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r'absent\.yaml'):
        SyntheticConfig.load(tmp_path / 'absent.yaml')
