from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from hdnet_ros.node.parameters import BY_NAME, DEFAULTS, PARAMETERS, markdown_table, yaml_text
from hdnet_ros.resources import share_folder


def test_the_file_with_the_defaults_is_up_to_date():
    """To renew it: python -c 'from hdnet_ros.node.parameters import yaml_text; print(yaml_text(), end="")'."""
    assert (Path(share_folder('config')) / 'hdnet.yaml').read_text() == yaml_text()


def test_the_file_reads_as_the_defaults():
    nested = yaml.safe_load(yaml_text())['/**/hdnet']['ros__parameters']

    def flat(tree, prefix=''):
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f'{prefix}{key}.')
            else:
                yield prefix + key, value
    read = dict(flat(nested))
    assert read == dict(DEFAULTS)
    assert {name: type(value) for name, value in read.items()} == {n: type(v) for n, v in DEFAULTS.items()}


def test_every_parameter_is_in_the_table_and_names_are_unique():
    assert len(BY_NAME) == len(PARAMETERS)
    rows = markdown_table().splitlines()[2:]
    assert [row.split('`')[1] for row in rows] == [parameter.name for parameter in PARAMETERS]
    assert all(row.count('|') == 4 for row in rows)


@pytest.mark.parametrize('parameter', PARAMETERS, ids=lambda parameter: parameter.name)
def test_defaults_are_allowed_and_described(parameter):
    assert parameter.problem(parameter.default) == ''
    assert len(parameter.description) > 10 and parameter.description.rstrip(')')[-1] in '.:'
    assert {field.name for field in fields(parameter)} >= {'low', 'high'}
    assert (parameter.low is None) == (parameter.high is None)


@pytest.mark.parametrize(('name', 'value', 'part'), [
    ('sync.queue_size', 1, '2..1000'), ('sync.slop_s', -0.1, '0..10'), ('root.kind', 'guess', 'auto, geometric')])
def test_problems_name_the_parameter_and_what_is_allowed(name, value, part):
    assert name in BY_NAME[name].problem(value) and part in BY_NAME[name].problem(value)
