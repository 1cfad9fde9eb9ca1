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
    (lambda v: v['bodies'].update(count=2), 'bodies.count must be at least 3'),
    (lambda v: v['bodies'].update(child_share=1.2), 'bodies.child_share must lie in 0..1'),
    (lambda v: v['bodies'].update(girls_median_height_m=[1.0, 1.1]), 'as many as growth_age_years'),
    (lambda v: v['poses'].update(random_weights={}), 'poses.random_weights must be weights'),
    (lambda v: v['scene'].update(people=[]), 'scene.people must be weights'),
    (lambda v: v['scene'].update(people=[0.0, 0.0]), 'scene.people must be weights'),
    (lambda v: v['scene'].update(depth_m=[5.0, 1.0]), 'scene.depth_m must be two ascending'),
    (lambda v: v['scene'].update(depth_m=[0.0, 1.0]), 'scene.depth_m must be positive'),
    (lambda v: v['view'].update(horizontal_fov_deg=[40, 190]), 'between 0 and 180'),
    (lambda v: v['view'].update(image_sizes=[]), 'image_sizes must be at least one'),
    (lambda v: v.update(split_shares=[0.5, 0.5]), 'split_shares must be positive'),
])
def test_a_wrong_entry_is_named(tmp_path, values, change, says):
    change(values)
    with pytest.raises(ConfigError, match=says):
        SyntheticConfig.load(write(tmp_path / 'c.yaml', values))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r'absent\.yaml'):
        SyntheticConfig.load(tmp_path / 'absent.yaml')
