from __future__ import annotations

import pytest

from hdnet_ros.node.parameters import BY_NAME, PARAMETERS


def test_names_are_unique():
    assert len(BY_NAME) == len(PARAMETERS)


@pytest.mark.parametrize('parameter', PARAMETERS, ids=lambda parameter: parameter.name)
def test_defaults_are_allowed_and_described(parameter):
    assert parameter.problem(parameter.default) == ''
    assert len(parameter.description) > 10 and parameter.description.rstrip(')')[-1] in '.:'
    assert (parameter.low is None) == (parameter.high is None)


@pytest.mark.parametrize(('name', 'value', 'part'), [
    ('sync.queue_size', 1, '2..1000'), ('sync.slop_s', -0.1, '0..10'),
    ('root.kind', 'guess', 'combined, hdnet, geometric')])
def test_problems_name_the_parameter_and_what_is_allowed(name, value, part):
    assert name in BY_NAME[name].problem(value) and part in BY_NAME[name].problem(value)
