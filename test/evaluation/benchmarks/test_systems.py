from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.benchmarks.result import run_benchmark
from hdnet_ros.evaluation.benchmarks.synthetic import ADULTS, open_synthetic
from hdnet_ros.evaluation.benchmarks.systems import (
    BOX_HEIGHT_M,
    CONSTANT_DEPTH_M,
    LABELS,
    SystemFiles,
    hdnet_system,
    make_systems,
    names_for,
)
from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, save_hdnet

SIMPLE = ('geometric_ransac', 'geometric_all', 'geometric_trunk', 'box_size', 'constant')


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    config = HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64, alpha=0.5, beta=20.0,
                         window_policy='packed', window_size='canonical', train_focal_px=1000.0)
    save_hdnet(HDNet(config).eval(), tmp_path / 'net.safetensors')
    return str(tmp_path / 'net.safetensors')


def test_what_can_run_depends_on_the_files(checkpoint):
    assert set(names_for(SystemFiles())) == set(SIMPLE)
    assert names_for(SystemFiles(hdnet=checkpoint))[:2] == ('hdnet', 'hdnet_box')
    assert set(names_for(SystemFiles('a', 'b'))) | {'hdnet_packed'} == set(LABELS)
    assert {s.name: s.joints for s in make_systems(SystemFiles(hdnet=checkpoint), device='cpu')} == {
        'hdnet': 'own', 'hdnet_box': 'own', 'combined': 'lifter', **dict.fromkeys(SIMPLE[:3], 'lifter'),
        'box_size': 'none', 'constant': 'none'}


def test_predictions_are_told_apart_by_the_checkpoint_not_its_place(checkpoint, tmp_path):
    copy = tmp_path / 'copy.safetensors'
    copy.write_bytes(Path(checkpoint).read_bytes())
    first, second = hdnet_system(checkpoint, device='cpu'), hdnet_system(copy, device='cpu')
    assert first.about == second.about and len(first.about['sha256']) == 64
    other = HDNet(HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64))
    save_hdnet(other, copy)
    assert hdnet_system(copy, device='cpu').about != first.about


def test_the_simplest_systems_are_fitted_or_have_defaults(synthetic_folder):
    by_default = {s.name: s for s in make_systems(SystemFiles(), ['box_size', 'constant'])}
    fitted = {s.name: s for s in make_systems(SystemFiles(training=str(synthetic_folder)), ['box_size', 'constant'])}
    assert by_default['constant'].locator.depth_m == CONSTANT_DEPTH_M
    assert by_default['box_size'].about == {'height_m': BOX_HEIGHT_M}
    depth_m = open_synthetic(synthetic_folder).truth.root[:, 2]
    assert depth_m.min() < fitted['constant'].locator.depth_m < depth_m.max()
    assert fitted['constant'].about == {'depth_m': pytest.approx(fitted['constant'].locator.depth_m, abs=1e-6)}
    assert np.isfinite(fitted['box_size'].locator.log_sigma)


@pytest.mark.parametrize('name, message', [
    ('magic', "no system 'magic'; known: hdnet"), ('hdnet_box', 'needs a checkpoint of HDNet'),
    ('rootnet', 'needs a checkpoint')])
def test_what_is_wrong_is_told(name, message):
    with pytest.raises(ValueError, match=message):
        make_systems(SystemFiles(), [name])


def test_a_file_that_is_no_checkpoint(tmp_path):
    (tmp_path / 'a.safetensors').write_bytes(b'nothing')
    with pytest.raises(CheckpointError):
        hdnet_system(tmp_path / 'a.safetensors', device='cpu')


def test_a_network_runs_in_both_kinds_of_windows(synthetic_folder, checkpoint, tmp_path):
    systems = make_systems(SystemFiles(hdnet=checkpoint), ['hdnet', 'hdnet_box'], device='cpu')
    camera = Camera.pinhole(320, 240, 300)
    assert systems[0].locator.depth_range(camera) == systems[1].locator.depth_range(camera)
    result = run_benchmark(open_synthetic(synthetic_folder), systems, None, tmp_path / 'out', progress=False)
    for name in ('hdnet', 'hdnet_box'):
        scores = result.of(name, ADULTS)
        assert scores.placed == 3 and np.isfinite([scores.depth_error, scores.coverage_95, scores.joints_close]).all()
