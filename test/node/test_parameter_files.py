from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hdnet_ros.node.parameter_files import files, markdown_table, yaml_text
from hdnet_ros.node.parameters import DEFAULTS, PARAMETERS

SOURCE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize('path', files())
def test_the_files_are_up_to_date(path):
    assert (SOURCE / path).read_text(encoding='utf-8') == files()[path], 'run python -m hdnet_ros.node.parameter_files'


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


def test_every_parameter_is_in_the_table():
    rows = markdown_table().splitlines()[2:]
    assert [row.split('`')[1] for row in rows] == [parameter.name for parameter in PARAMETERS]
    assert all(row.count('|') == 4 for row in rows)
