from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.benchmarks.result import run_benchmark
from hdnet_ros.evaluation.benchmarks.synthetic import ADULTS, open_synthetic, samples_of
from hdnet_ros.evaluation.systems.box_size import DEFAULT_HEIGHT_M
from hdnet_ros.evaluation.systems.constant import DEFAULT_DEPTH_M
from hdnet_ros.evaluation.systems.system import about_lifter, ready_system
from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, save_hdnet
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.root import RootConfig


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    config = HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64, alpha=0.5, beta=20.0,
                         window_policy='packed', window_size='canonical', train_focal_px=1000.0)
    save_hdnet(HDNet(config).eval(), tmp_path / 'net.safetensors')
    return str(tmp_path / 'net.safetensors')


def hdnet(checkpoint, **settings):
    label = settings.pop('label', '')
    return ready_system('hdnet', RootConfig(checkpoint=str(checkpoint), device='cpu', **settings), label=label)


@pytest.mark.parametrize(('name', 'joints'), [
    ('hdnet', 'own'), ('combined', 'lifter'), ('geometric_ransac', 'lifter'), ('geometric_trunk', 'lifter'),
    ('box_size', 'none'), ('constant', 'none')])
def test_whose_joints_a_system_tells(name, joints, checkpoint):
    system = ready_system(name, RootConfig(checkpoint=checkpoint, device='cpu'), label='mine')
    assert (system.name, system.joints, system.about['system']) == ('mine', joints, name)


def test_predictions_are_told_apart_by_the_checkpoint_not_its_place(checkpoint, tmp_path):
    copy = tmp_path / 'copy.safetensors'
    copy.write_bytes(Path(checkpoint).read_bytes())
    first = hdnet(checkpoint)
    assert first.about == hdnet(copy).about and len(first.about['checkpoint']) == 64
    other = HDNet(HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64))
    save_hdnet(other, copy)
    assert hdnet(copy).about != first.about


@pytest.mark.parametrize('settings', [{'window_policy': 'box'}, {'root_pixel': 'lifter'}, {'window_size': 'native'}])
def test_predictions_are_told_apart_by_settings(settings, checkpoint):
    assert hdnet(checkpoint, **settings).about != hdnet(checkpoint).about


@pytest.mark.parametrize('name', ['geometric_ransac', 'box_size', 'combined'])
def test_predictions_are_told_apart_by_the_camera_s_roll(name, checkpoint):
    level, rolled = (ready_system(name, RootConfig(checkpoint=checkpoint, device='cpu', camera_roll_deg=roll_deg))
                     for roll_deg in (0, 20))
    assert level.about != rolled.about


def test_lifters_are_told_apart_by_their_files_and_settings(tmp_path):
    for name, content in (('a', b'one'), ('copy', b'one'), ('b', b'two')):
        (tmp_path / name).write_bytes(content)
    a, copy, b = (about_lifter(LifterConfig(kind='posenet', path=str(tmp_path / name), device=device))
                  for name, device in (('a', 'cpu'), ('copy', 'cuda'), ('b', 'cpu')))
    assert a == copy != b
    assert about_lifter(LifterConfig()) != about_lifter(LifterConfig(flip_test=True))


def test_the_simplest_systems_are_fitted_or_have_defaults(synthetic_folder):
    by_default = {name: ready_system(name) for name in ('box_size', 'constant')}
    fitted = {name: ready_system(name, training=samples_of(synthetic_folder)) for name in by_default}
    assert by_default['constant'].about['depth_m'] == DEFAULT_DEPTH_M
    assert by_default['box_size'].about['height_m'] == DEFAULT_HEIGHT_M
    depth_m = open_synthetic(synthetic_folder).truth.root[:, 2]
    assert depth_m.min() < fitted['constant'].locator.depth_m < depth_m.max()
    assert fitted['constant'].about['depth_m'] == pytest.approx(fitted['constant'].locator.depth_m, abs=1e-6)
    assert np.isfinite(fitted['box_size'].locator.log_sigma)


@pytest.mark.parametrize('name, message', [
    ('magic', "no system 'magic'; known: hdnet"), ('rootnet', 'needs a checkpoint')])
def test_what_is_wrong_is_told(name, message):
    with pytest.raises(ValueError, match=message):
        ready_system(name)


def test_a_file_that_is_no_checkpoint(tmp_path):
    (tmp_path / 'a.safetensors').write_bytes(b'nothing')
    with pytest.raises(CheckpointError):
        hdnet(tmp_path / 'a.safetensors')


def test_a_network_runs_in_both_kinds_of_windows(synthetic_folder, checkpoint, tmp_path):
    systems = [hdnet(checkpoint), hdnet(checkpoint, window_policy='box', label='hdnet_box')]
    camera = Camera.pinhole(320, 240, 300)
    assert systems[0].locator.depth_range(camera) == systems[1].locator.depth_range(camera)
    result = run_benchmark(open_synthetic(synthetic_folder), systems, None, tmp_path / 'out', progress=False)
    adults = [scores for scores in result.scores if scores.group == ADULTS]
    assert [scores.system for scores in adults] == ['hdnet', 'hdnet_box']
    for scores in adults:
        assert scores.placed == 3 and np.isfinite([scores.depth_error, scores.coverage_95, scores.joints_close]).all()
