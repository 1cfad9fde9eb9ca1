"""Every live parameter changes in mid-stream, and no image is lost by it; the others are refused with the reason."""
from __future__ import annotations

import itertools

import pytest

from hdnet_ros.node.parameters import PARAMETERS

_OTHER = {'detector.class_id': 'person', 'markers.max_rate_hz': 5.0, 'max_rate_hz': 500.0,
          'debug_image.max_rate_hz': 3.0}


def _other(parameter):
    """Another value that is allowed, if there is one."""
    if parameter.name in _OTHER:
        return _OTHER[parameter.name]
    if parameter.choices:
        return next((choice for choice in parameter.choices if choice != parameter.default), 'other')
    if isinstance(parameter.default, (bool, str)):
        return not parameter.default if isinstance(parameter.default, bool) else 'other'
    step = 1 if isinstance(parameter.default, int) else 0.0009
    return parameter.default + (step if parameter.default + step <= parameter.high else -step)


@pytest.fixture(scope='module')
def trial(module_trial):
    trial = module_trial({'root.kind': 'combined'}, detections=True)   # all that has parameters
    trial.stamps_s = (1000 + index / 10 for index in itertools.count())
    trial.show(next(trial.stamps_s))
    return trial


def test_live_ones_change_without_a_lost_image(trial):
    live, sent = [parameter for parameter in PARAMETERS if parameter.live], 1
    assert len(live) > 30
    for old, new in itertools.pairwise([None, *live, None]):
        trial.station.send(*trial.messages(stamp_s := next(trial.stamps_s)))   # under way while they change
        changes = ({old.name: old.default} if old else {}) | ({new.name: _other(new)} if new else {})
        for name, value in changes.items():
            assert trial.station.set_parameter(name, value), name
        trial.heard(stamp_s)
        sent += 1
    assert len(trial.show(next(trial.stamps_s)).persons) == 2
    trial.station.values.clear()
    trial.station.until(lambda: trial.station.count('images processed') == sent + 1, 10.0, 'an image is missing')
    assert [trial.station.count(f'images {fate}') for fate in ('dropped', 'unmatched', 'failed')] == [0, 0, 0]


def test_all_others_are_refused_while_active(trial):
    fixed = [parameter for parameter in PARAMETERS if not parameter.live]
    assert len(fixed) > 15
    taken = [parameter.name for parameter in fixed
             if trial.station.set_parameter(parameter.name, {'device': 'cpu'}.get(parameter.name, _other(parameter)))]
    assert taken == []
    assert trial.show(next(trial.stamps_s)).persons
