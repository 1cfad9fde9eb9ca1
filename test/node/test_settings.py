from __future__ import annotations

import pytest

from hdnet_ros.node import settings
from hdnet_ros.node.consumers.registry import check_packages
from hdnet_ros.node.outputs import OutputSettings
from hdnet_ros.node.parameters import DEFAULTS
from hdnet_ros.node.parameters import PARAMETERS as ALL_PARAMETERS
from hdnet_ros.node.settings import make_settings, refusal
from hdnet_ros.perception.pipeline import LIVE, Pipeline, PipelineConfig


def _changed(parameter):
    """Another value that is allowed."""
    fitting = {'device': 'cuda:1', 'lifter.joint_set': 'muco_21', 'tracker.id_prefix': 'a7', 'markers.max_rate_hz': 5.0}
    if parameter.name in fitting:
        return fitting[parameter.name]
    if parameter.choices:
        return next(choice for choice in parameter.choices if choice != parameter.default)
    if isinstance(parameter.default, bool):
        return not parameter.default
    if isinstance(parameter.default, str):
        return 'something'
    if parameter.name == 'root.max_zoom':
        return 2.0
    return type(parameter.default)(parameter.default + (1 if isinstance(parameter.default, int) else 0.00005))


@pytest.fixture(scope='module')
def working_pipeline(footage):
    pipeline = Pipeline.from_config(PipelineConfig())
    yield pipeline
    pipeline.close()


def _needs_what_is_absent(parameter):
    """Whether it switches on an adapter whose package of messages this machine lacks."""
    group, _, name = parameter.name.removesuffix('.enabled').partition('.')
    if group != 'consumers' or not parameter.name.endswith('.enabled'):
        return False
    try:
        check_packages([name])
    except ValueError:
        return True
    return False


PARAMETERS = [parameter for parameter in ALL_PARAMETERS if not _needs_what_is_absent(parameter)]
CHANGEABLE = [parameter for parameter in PARAMETERS if len(parameter.choices) != 1]
# What goes with an end of a range, because other parameters bound it as well.
_TOGETHER = {'root.min_depth_m': {'root.max_depth_m': 10000.0}, 'root.max_depth_m': {'root.min_depth_m': 0.001},
             'tracker.id_pool_size': {'tracker.max_people': 1}}


def test_defaults_are_those_of_the_parts():
    settings = make_settings(DEFAULTS)
    wanted = PipelineConfig()
    assert settings.pipeline.tracker == wanted.tracker
    assert settings.pipeline.root == wanted.root
    assert settings.outputs == OutputSettings()
    assert settings.pipeline.detector.kind == wanted.detector.kind and not settings.given_detections


@pytest.mark.parametrize('parameter', [p for p in CHANGEABLE if p.name not in ('autostart', 'max_rate_hz')],
                         ids=lambda p: p.name)
def test_every_parameter_that_the_node_does_not_read_itself_reaches_the_settings(parameter):
    values = {**DEFAULTS, 'root.checkpoint': 'x.safetensors'}
    assert make_settings({**values, parameter.name: _changed(parameter)}) != make_settings(values)


def test_models_are_loaded_anew_only_for_what_they_are_made_of():
    key = make_settings(DEFAULTS).model_key
    for parameter in CHANGEABLE:
        other = make_settings({**DEFAULTS, 'root.checkpoint': 'x', parameter.name: _changed(parameter)}).model_key
        plain = make_settings({**DEFAULTS, 'root.checkpoint': 'x'}).model_key
        part = parameter.name.partition('.')[0] in ('device', 'detector', 'lifter', 'root', 'tracker')
        assert (other != plain) == (part and not parameter.live), parameter.name
    assert make_settings({**DEFAULTS, 'tracker.coast_s': 9.0}).model_key == key


@pytest.mark.parametrize(('changes', 'reason'), [
    ({'tracker.max_people': 50, 'tracker.id_pool_size': 40}, 'tracker: id_pool_size'),
    ({'root.checkpoint': ''}, 'root: '), ({'device': 'tpu'}, 'device must be'), ({'lifter.joint_set': 'x'}, 'lifter: '),
    ({'root.min_depth_m': 60.0}, 'root: '), ({'detector.kind': 'haar'}, 'detector.kind must be one of'),
    ({'lifter.kind': 'posenet', 'root.kind': 'geometric'}, "kind must be 'hdnet' or 'combined'"),
    ({'lifter.model': 'heavy'}, "lifter.model must be one of full, not 'heavy'")])
def test_combinations_without_sense_are_refused_with_the_part_that_minds(changes, reason):
    with pytest.raises(ValueError, match=reason):
        make_settings({**DEFAULTS, **changes})
    assert reason in refusal(changes, DEFAULTS, active=False)


@pytest.mark.parametrize('parameter', [p for p in PARAMETERS if p.low is not None], ids=lambda p: p.name)
def test_both_ends_of_a_range_are_allowed(parameter):
    present = DEFAULTS | _TOGETHER.get(parameter.name, {})
    for value in (parameter.low, parameter.high):
        assert refusal({parameter.name: type(parameter.default)(value)}, present, active=False) == ''


@pytest.mark.parametrize('device', ['auto', 'cpu', 'cuda', 'cuda:0', 'cuda:12'])
def test_devices(device):
    assert refusal({'device': device}, DEFAULTS, active=False) == ''


@pytest.mark.parametrize('device', ['', 'cuda:', 'cuda:x', 'cpu:0', 'CUDA'])
def test_names_that_are_no_devices(device):
    assert 'device must be' in refusal({'device': device}, DEFAULTS, active=False)


@pytest.mark.parametrize('parameter', CHANGEABLE, ids=lambda parameter: parameter.name)
def test_only_live_parameters_change_while_active(parameter):
    present = {**DEFAULTS, 'root.checkpoint': 'x'}
    change = {parameter.name: _changed(parameter)}
    assert ('deactivate' in refusal(change, present, active=True)) == (not parameter.live)
    assert refusal(change, present, active=False) == ''
    assert refusal({parameter.name: present[parameter.name]}, present, active=True) == ''


@pytest.mark.parametrize(('changes', 'reason'), [
    ({'tracker.id_prefix': '7a'}, 'tracker: id_prefix must be'), ({'tracker.id_prefix': 'abcd'}, 'id_prefix'),
    ({'tracker.id_prefix': 'a b'}, 'id_prefix'), ({'tracker.id_prefix': 'abc', 'tracker.id_pool_size': 1297}, '1296'),
    ({'markers.max_rate_hz': 1.0}, 'markers.lifetime_s must be at least 1')])
def test_names_and_rates_without_sense(changes, reason):
    assert reason in refusal(changes, DEFAULTS, active=False)


def test_markers_that_never_expire_may_come_as_seldom_as_wanted():
    changes = {'markers.max_rate_hz': 0.1, 'markers.lifetime_s': 0.0}
    assert refusal(changes, DEFAULTS, active=True) == ''


def test_nodes_in_different_namespaces_draw_different_ids():
    seeds = {make_settings(DEFAULTS, namespace).pipeline.tracker.seed for namespace in ('', '/', '/front', '/rear')}
    assert len(seeds) == 3 and 0 in seeds


@pytest.mark.parametrize('parameter', [p for p in PARAMETERS if p.live and p.name.partition('.')[0] in (
    'detector', 'lifter', 'root', 'tracker') and p.name != 'detector.class_id'], ids=lambda parameter: parameter.name)
def test_live_parameters_reach_a_pipeline_at_work(parameter, working_pipeline):
    working_pipeline.configure(make_settings(DEFAULTS).pipeline)
    before = working_pipeline.config
    working_pipeline.configure(make_settings({**DEFAULTS, parameter.name: _changed(parameter)}).pipeline)
    part, _, field = parameter.name.partition('.')
    stage = getattr(working_pipeline, {'root': 'locator'}.get(part, part))
    assert getattr(stage.config, field) != getattr(getattr(before, part), field)
    assert getattr(working_pipeline.config, part) == stage.config


def test_what_is_live_in_the_node_is_live_in_the_pipeline_and_the_reverse():
    live = {stage: {p.name.partition('.')[2] for p in PARAMETERS if p.live and p.name.startswith(stage + '.')}
            for stage in LIVE}
    assert live.pop('detector') - {'class_id'} == set(LIVE['detector'])
    for stage, names in live.items():
        assert names == set(LIVE[stage]), stage


@pytest.mark.parametrize('name, wrong, right', [
    ('root.window_policy', 'round', 'box'), ('device', 'gpu', 'cpu'), ('consumers.people.enabled', True, False)])
def test_several_values_without_sense_can_be_put_right_one_by_one(monkeypatch, name, wrong, right):
    def nothing_installed(names):
        if names:
            raise ValueError(f'consumers.{names[0]} needs the package')
    monkeypatch.setattr(settings, 'check_packages', lambda names: nothing_installed(list(names)))
    broken = {**DEFAULTS, 'sync.slop_s': -1.0, name: wrong}
    assert refusal({name: right}, broken, active=False) == ''
    assert refusal({name: wrong}, broken, active=False)
    assert refusal({'sync.slop_s': 0.1}, broken, active=False) == ''
    assert refusal({'use_sim_time': True}, broken, active=False) == ''


@pytest.mark.parametrize('good', [{'markers.lifetime_s': 2.0, 'markers.max_rate_hz': 1.0},
                                  {'root.max_depth_m': 200.0, 'root.min_depth_m': 60.0}])
def test_good_values_that_belong_together_can_be_set_beside_one_without_sense(good):
    broken = {**DEFAULTS, 'device': 'gpu'}
    for name, value in good.items():
        assert refusal({name: value}, broken, active=False) == ''
        broken[name] = value


def test_parameters_of_others_are_left_to_them():
    assert refusal({'use_sim_time': True, 'qos_overrides./image.subscription.depth': 3}, DEFAULTS, active=True) == ''
