"""Transitions, faults of models, and parameters that may or may not change, over the node's own services."""
from __future__ import annotations

import functools
import gc
import itertools
import os
import pickle
import threading
import zipfile
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import Transition
from rclpy.parameter import Parameter
from visualization_msgs.msg import Marker

from hdnet_ros.models import model_path
from hdnet_ros.node import passing_thread
from hdnet_ros.node.parameters import DEFAULTS

CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_CLEANUP,
                                            Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_DEACTIVATE)
_clock = itertools.count(1000)


@pytest.fixture(scope='module')
def rig(footage, module_rig):
    """A node that waits to be configured."""
    return module_rig({'detector.kind': 'given', 'autostart': False})


@pytest.fixture
def good(rig, messages, footage):
    def send():
        stamp_s = float(next(_clock))
        return rig.next_people(messages.image(footage.frames[0], stamp_s),
                               messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                               messages.detections(footage.boxes, stamp_s))
    return send


@pytest.fixture
def unconfigured(rig):
    _go(rig, 'unconfigured')
    return rig


@pytest.fixture
def active(rig):
    _go(rig, 'active')
    return rig


def _go(rig, goal: str) -> None:
    """Lead the node to a state from wherever the last test left it."""
    up, down = {'unconfigured': CONFIGURE, 'inactive': ACTIVATE}, {'active': DEACTIVATE, 'inactive': CLEANUP}
    while (state := rig.state()) != goal:
        assert rig.change_state((up if goal == 'active' else down)[state])


def _resources(rig) -> tuple[int, ...]:
    node = rig.node
    return (threading.active_count(), len(list(node.subscriptions)), len(list(node.publishers)),
            len(list(node.timers)), len(list(node.services)), len(list(node.waitables)))


def test_an_old_fault_is_not_told_while_the_next_attempt_is_under_way(unconfigured):
    rig = unconfigured
    assert rig.set_parameter('root.checkpoint', '/nope.safetensors')[0]
    assert not rig.change_state(CONFIGURE)
    assert rig.set_parameter('root.checkpoint', DEFAULTS['root.checkpoint'])[0]
    rig.wait_message('nope')
    begin = len(rig.diagnostics)
    assert rig.change_state(CONFIGURE)
    rig.wait_state('inactive')
    assert not any('nope' in status.message for status in rig.diagnostics[begin + 1:])


def _resident_mb() -> float:
    gc.collect()
    return int(Path('/proc/self/statm').read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6


def test_says_that_it_is_not_configured(unconfigured):
    status = unconfigured.wait_message('ros2 lifecycle set /hdnet configure')
    assert status.level == DiagnosticStatus.WARN


def test_goes_on_to_report_while_the_models_load(unconfigured, monkeypatch):
    """The executor's thread waits for them, so its timer cannot."""
    monkeypatch.setattr(passing_thread, '_EVERY_S', 0.02)
    begin = len(unconfigured.diagnostics)
    assert unconfigured.change_state(CONFIGURE)
    unconfigured.wait_message('inactive')
    said = [status.message for status in unconfigured.diagnostics[begin:]]
    assert said.count('configuring') > 3


def test_says_that_it_is_inactive(unconfigured):
    assert unconfigured.change_state(CONFIGURE)
    assert unconfigured.wait_message('ros2 lifecycle set /hdnet activate').level == DiagnosticStatus.WARN


def test_transitions_that_do_not_exist_are_refused(unconfigured):
    for transition in (ACTIVATE, CLEANUP, 77):
        assert not unconfigured.change_state(transition)
    assert unconfigured.state() == 'unconfigured'
    assert unconfigured.change_state(CONFIGURE)
    assert not unconfigured.change_state(CONFIGURE)
    assert unconfigured.state() == 'inactive'


def test_twenty_activations_leave_nothing_behind(active, good):
    assert good().persons
    before = _resources(active)
    for _ in range(20):
        assert active.change_state(DEACTIVATE)
        assert 'hdnet_worker' not in {thread.name for thread in threading.enumerate()}
        assert active.change_state(ACTIVATE)
    assert _resources(active) == before
    assert len(good().persons) == 2


def test_twenty_whole_cycles_leave_nothing_behind(unconfigured, good):
    before, memory_mb = _resources(unconfigured), []
    for kind in ['combined'] * 5 + ['geometric'] * 13 + ['combined'] * 2:   # without HDNet it takes a third of the time
        assert unconfigured.set_parameter('root.kind', kind) == (True, '')
        for transition in (CONFIGURE, ACTIVATE, DEACTIVATE, CLEANUP):
            assert unconfigured.change_state(transition)
        assert _resources(unconfigured) == before
        memory_mb.append(_resident_mb())
    # One set of models has more. A single cycle may show what the C library gives back a moment later.
    assert min(memory_mb[-4:]) - memory_mb[4] < 20
    _go(unconfigured, 'active')
    assert len(good().persons) == 2


def test_a_subscription_that_cannot_be_made_leaves_the_others_not_behind(make_rig):
    rig = make_rig({'detector.kind': 'given', 'root.kind': 'geometric', 'autostart': False,
                    'qos_overrides./camera_info.subscription.reliability': 'perhaps'})
    assert rig.change_state(CONFIGURE)
    before = _resources(rig)
    assert not rig.change_state(ACTIVATE)
    assert 'activating failed' in rig.wait_message('perhaps').message
    assert _resources(rig) == before
    rig.node._on_rewind()   # a message that was under way all the while must do no harm


def test_a_publisher_that_cannot_be_made_leaves_the_others_not_behind(make_rig):
    rig = make_rig({'root.kind': 'geometric', 'autostart': False,
                    'qos_overrides./hdnet/markers.publisher.reliability': 'perhaps'})
    before = _resources(rig)
    for _ in range(2):
        assert not rig.change_state(CONFIGURE)
        assert 'configuring failed' in rig.wait_message('perhaps').message
        assert _resources(rig) == before and rig.node._pipeline is None


def test_deactivation_tells_that_nobody_is_there_any_more(active, good):
    """Else people would stay in lists for ever, and in RViz with markers.lifetime_s 0."""
    assert active.set_parameter('markers.lifetime_s', 0.0) == (True, '')
    subscription = active.watch('markers')
    active.until(lambda: bool(good().persons and active.markers))
    last = active.people[-1]
    active.until(lambda: active.markers[-1].markers[0].header == last.header)
    shown = {(marker.ns, marker.id) for marker in active.markers[-1].markers}
    assert active.change_state(DEACTIVATE)
    active.until(lambda: active.people[-1] is not last and active.markers[-1].markers[0].action == Marker.DELETE)
    assert active.people[-1].header == last.header and active.people[-1].persons == []
    assert active.people[-1].keypoint_names == last.keypoint_names
    assert {(marker.ns, marker.id, marker.action) for marker in active.markers[-1].markers} == {
        (*marker, Marker.DELETE) for marker in shown}
    active.probe.destroy_subscription(subscription)
    assert active.set_parameter('markers.lifetime_s', 0.5) == (True, '')


def test_deactivation_before_the_first_image_publishes_nothing(active):
    assert active.change_state(DEACTIVATE) and active.change_state(ACTIVATE)
    heard = len(active.people)
    assert active.change_state(DEACTIVATE)
    active.spin(0.2)
    assert len(active.people) == heard


def test_counts_start_anew_with_each_activation(active, good):
    good()
    assert active.change_state(DEACTIVATE)
    assert active.change_state(ACTIVATE)
    active.wait_message('')
    assert active.values()['images processed'] == '0'


def _missing(folder: Path) -> Path:
    return folder / 'missing'


def _empty(folder: Path) -> Path:
    (folder / 'empty').write_bytes(b'')
    return folder / 'empty'


def _text(folder: Path) -> Path:
    (folder / 'notes.txt').write_text('not a model')
    return folder / 'notes.txt'


def _truncated(folder: Path) -> Path:
    data = next(path for path in _files('blazepose_full') if path.suffix == '.tflite').read_bytes()
    (folder / 'cut.tflite').write_bytes(data[:len(data) // 2])
    return folder / 'cut.tflite'


def _files(name: str) -> list[Path]:
    path = model_path(name)
    return sorted(path.iterdir()) if path.is_dir() else [path]


class _Hostile:
    def __init__(self, victim: Path):
        self.victim = victim

    def __reduce__(self):
        return os.mkdir, (str(self.victim),)


def _hostile(folder: Path) -> Path:
    """What torch.save writes, but the pickle inside would make a folder."""
    with zipfile.ZipFile(folder / 'hostile.pth.tar', 'w') as archive:
        archive.writestr('archive/data.pkl', pickle.dumps({'model': _Hostile(folder / 'harm'), 'epoch': 1}, protocol=2))
        archive.writestr('archive/version', '3\n')
        archive.writestr('archive/byteorder', 'little')
    return folder / 'hostile.pth.tar'


@pytest.mark.parametrize(('parameter', 'make'), [
    ('lifter.path', _missing), ('lifter.path', _empty), ('lifter.path', _text), ('lifter.path', _truncated),
    ('root.checkpoint', _missing), ('root.checkpoint', _empty), ('root.checkpoint', _text),
    ('root.checkpoint', _truncated), ('root.checkpoint', _hostile),
])
def test_bad_model_file(unconfigured, parameter, make, tmp_path):
    """Configure fails with a reason that names the file; once the fault is mended, it works."""
    path = make(tmp_path)
    assert unconfigured.set_parameter(parameter, str(path)) == (True, '')
    try:
        assert not unconfigured.change_state(CONFIGURE)
        status = unconfigured.wait_message('configuring failed')
        assert status.level == DiagnosticStatus.ERROR
        assert path.name in status.message
        assert unconfigured.values()['state'] == 'unconfigured'
        assert not (tmp_path / 'harm').exists()
    finally:
        assert unconfigured.set_parameter(parameter, DEFAULTS[parameter]) == (True, '')
    assert unconfigured.change_state(CONFIGURE)


def test_missing_model_in_an_otherwise_active_node_keeps_the_old_ones(active, good, tmp_path):
    assert active.change_state(DEACTIVATE)
    assert active.set_parameter('lifter.path', str(tmp_path / 'missing.tflite')) == (True, '')
    assert not active.change_state(ACTIVATE)
    assert 'missing.tflite' in active.wait_message('activating failed').message
    assert active.values()['state'] == 'inactive'
    assert active.set_parameter('lifter.path', '') == (True, '')
    assert active.change_state(ACTIVATE)
    assert good().persons


def test_missing_models_fail_and_name_the_command(make_rig, monkeypatch, tmp_path):
    monkeypatch.setenv('HDNET_CACHE', str(tmp_path))
    rig = make_rig()
    assert 'hdnet models fetch' in rig.wait_message('configuring failed', 20.0).message
    assert rig.values()['state'] == 'unconfigured'
    monkeypatch.delenv('HDNET_CACHE')
    assert rig.change_state(CONFIGURE)
    assert rig.change_state(ACTIVATE)


@pytest.mark.parametrize(('name', 'value'), [
    ('detector.kind', 'ssd_mobilenet'), ('device', 'cuda'), ('image_transport', 'compressed'), ('rectified', True),
    ('sync.slop_s', 0.5), ('tracker.id_pool_size', 500)])
def test_input_and_model_parameters_are_fixed_while_active(active, name, value):
    taken, reason = active.set_parameter(name, value)
    assert not taken and 'deactivate' in reason and name in reason


@pytest.mark.parametrize(('name', 'value', 'reason'), [
    ('detector.score_threshold', 1.5, ''), ('tracker.coast_s', -1.0, ''), ('tracker.coast_s', 'long', ''),
    ('root.window_policy', 'round', 'one of checkpoint, box, principal, packed'), ('device', 'gpu', "'cuda:N'"),
    ('root.checkpoint', '', 'checkpoint'), ('tracker.max_people', 1000, ''), ('root.min_depth_m', 60.0, 'max_depth_m'),
    ('image_transport', 'h264', 'raw, compressed')])
def test_values_that_make_no_sense_are_refused(unconfigured, name, value, reason):
    if name == 'tracker.max_people':
        unconfigured.set_parameter('tracker.id_pool_size', 40)
    before = unconfigured.node.get_parameter(name).value
    taken, why = unconfigured.set_parameter(name, value)
    assert not taken and why and reason in why
    assert unconfigured.node.get_parameter(name).value == before
    unconfigured.set_parameter('tracker.id_pool_size', 1000)


def test_live_parameters_count_from_the_next_image(active, good):
    assert len(good().persons) == 2
    assert active.set_parameter('detector.score_threshold', 0.95) == (True, '')
    active.reset()
    assert good().persons == []   # their score is 0.9
    assert active.set_parameter('detector.score_threshold', 0.4) == (True, '')
    assert active.set_parameter('detector.class_id', 'dog') == (True, '')
    assert good().persons == []
    assert active.set_parameter('detector.class_id', 'person') == (True, '')
    assert len(good().persons) == 2
    assert active.set_parameter('detector.class_id', '') == (True, '')
    assert active.set_parameter('detector.max_people', 1) == (True, '')
    active.reset()
    assert len(good().persons) == 1
    assert active.set_parameter('detector.max_people', 20) == (True, '')


def test_a_change_of_several_parameters_is_never_seen_by_halves(active, good, messages, footage, monkeypatch):
    """An image whose turn comes when one of two is set, which alone would make no sense."""
    good()
    begun, halfway, done = threading.Event(), threading.Event(), threading.Event()

    class Slow(dict):
        def __setitem__(self, name, parameter):
            super().__setitem__(name, parameter)
            if name == 'root.min_depth_m':
                halfway.set()
                done.wait(10.0)

    def work(item, as_ever=active.node._worker._work):
        begun.set()
        halfway.wait(10.0)
        as_ever(item)
        done.set()
    monkeypatch.setattr(active.node, '_parameters', Slow(active.node._parameters))
    monkeypatch.setattr(active.node._worker, '_work', work)
    stamp_s = float(next(_clock))
    active.send(messages.image(footage.frames[0], stamp_s),
                messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                messages.detections(footage.boxes, stamp_s))
    active.until(begun.is_set)
    names, far = ('root.min_depth_m', 'root.max_depth_m'), (60.0, 100.0)
    assert DEFAULTS[names[1]] < far[0]
    for values in (far, [DEFAULTS[name] for name in names]):
        parameters = [Parameter(name, value=value) for name, value in zip(names, values, strict=True)]
        assert active.node.set_parameters_atomically(parameters).successful
    assert done.is_set() and active.node._statistics.facts().failure == ''
    assert len(good().persons) == 2


def test_models_changed_while_inactive_are_loaded_on_activation(active, good, tmp_path):
    copy = tmp_path / 'copy.tflite'
    copy.write_bytes(_files('blazepose_full')[0].read_bytes())
    pipeline = active.node._pipeline
    assert active.change_state(DEACTIVATE)
    assert active.set_parameter('lifter.path', str(copy)) == (True, '')
    assert active.change_state(ACTIVATE)
    assert active.node._pipeline is not pipeline and pipeline.lifter is None
    assert good().persons
    assert active.change_state(DEACTIVATE)
    assert active.set_parameter('lifter.path', '') == (True, '')


def test_reset_without_work_to_do(unconfigured):
    response = unconfigured.reset()
    assert response.success and response.message == 'nobody is tracked'


def test_a_worker_that_hangs_leads_to_unconfigured_and_back(active, good, messages, footage):
    release = threading.Event()
    active.node._pipeline.process = lambda *arguments: release.wait(20)
    stamp_s = float(next(_clock))
    active.send(messages.image(footage.frames[0], stamp_s),
                messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                messages.detections([], stamp_s))
    active.until(lambda: active.node._processor.busy_s is not None)
    worker = active.node._worker
    worker.stop = functools.partial(worker.stop, 0.2)
    assert not active.change_state(DEACTIVATE)
    assert 'does not end' in active.wait_message('unconfigured').message
    release.set()
    _go(active, 'active')
    assert len(good().persons) == 2


@pytest.mark.parametrize(('steps', 'shutdown'), [
    ((), Transition.TRANSITION_UNCONFIGURED_SHUTDOWN), ((CONFIGURE,), Transition.TRANSITION_INACTIVE_SHUTDOWN),
    ((CONFIGURE, ACTIVATE), Transition.TRANSITION_ACTIVE_SHUTDOWN)])
def test_shutdown_from_every_state(make_rig, steps, shutdown):
    rig = make_rig({'detector.kind': 'given', 'autostart': False})
    bare = _resources(rig)
    for step in steps:
        assert rig.change_state(step)
    assert rig.change_state(shutdown)
    rig.wait_state('finalized')
    assert _resources(rig) == bare
