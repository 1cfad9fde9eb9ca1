from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from hdnet_ros.network import HDNet, load_hdnet
from hdnet_ros.training.calibrate import check_people, export, sigma_scale
from hdnet_ros.training.config import TrainingConfig
from hdnet_ros.training.errors import TrainingError
from hdnet_ros.training.feeding import ValidationBatches, batches
from hdnet_ros.training.pictures import prediction_picture
from hdnet_ros.training.validation import COLUMNS, figures, measure

CPU = torch.device('cpu')


class Oracle(HDNet):
    """Answers with the truth of the batches it is asked about, off by known amounts."""

    def tell(self, batch, depth_factor, ray_shift):
        self.batch, self.depth_factor, self.ray_shift = batch, depth_factor, ray_shift
        return self

    def decode(self, features, window_index, coord_maps, masks):
        out = super().decode(features, window_index, coord_maps, masks)
        index = self.batch.targets.bin_index + math.log(self.depth_factor) / self.depth_bins.step
        joints = self.batch.targets.joints.clone()
        joints[..., 0] += self.ray_shift
        return out._replace(joints=joints, bin_index=index)


def test_errors_are_what_they_should_be(tiny_config):
    batch = ValidationBatches(tiny_config)[0]
    net = Oracle(tiny_config.network).tell(batch, 1.1, 0.0)
    rows = measure(net, tiny_config, [batch, None], CPU)
    column = dict(zip(COLUMNS, rows.T))
    assert len(rows) == len(batch.window_index)
    np.testing.assert_allclose(column['log_error'], math.log(1.1), atol=1e-5)
    distance = (torch.nn.functional.pad(batch.root_ray, (0, 1), value=1.0).norm(dim=1) * batch.root_depth_m).numpy()
    np.testing.assert_allclose(column['root_error_m'], 0.1 * distance, rtol=1e-4)
    known = np.isfinite(column['joint_error'])
    assert known.sum() > 5
    np.testing.assert_allclose(column['joint_error'][known], 0, atol=1e-6)
    assert (column['joints_close'][known] == 1).all()
    found = figures(rows)
    assert [found[name] for name in ('depth_median', 'depth_mean', 'depth_bias')] == pytest.approx([0.1] * 3, abs=1e-5)
    assert found['people'] == len(rows)


def test_root_error_is_that_of_the_joint_sets_root(tiny_values, tiny_network):
    """The others may lie anywhere."""
    tiny_values['network'] = tiny_network.with_changes(joint_set='muco_21').to_dict()
    config = TrainingConfig.from_dict(tiny_values)
    batch = ValidationBatches(config)[0]
    net = Oracle(config.network).tell(batch, 1.0, 0.0)
    column = dict(zip(COLUMNS, measure(net, config, [batch], CPU).T))
    np.testing.assert_allclose(column['root_error_m'], 0, atol=1e-5)


def test_sideways_errors(tiny_config):
    batch = ValidationBatches(tiny_config)[0]
    net = Oracle(tiny_config.network).tell(batch, 1.0, 0.05)
    column = dict(zip(COLUMNS, measure(net, tiny_config, [batch], CPU).T))
    np.testing.assert_allclose(column['root_error_m'], 0.05 * batch.root_depth_m, rtol=1e-4)
    torso = (batch.targets.joints[:, 0] - batch.targets.joints[:, 8]).norm(dim=1).numpy()
    known = np.isfinite(column['joint_error'])
    np.testing.assert_allclose(column['joint_error'][known], (0.05 / torso)[known], rtol=1e-4)
    np.testing.assert_array_equal(column['joints_close'][known], (0.05 / torso <= 0.2)[known])


def test_2d_people_have_joint_errors_only(tiny_config):
    batch = ValidationBatches(tiny_config)[0]
    nan = torch.full_like(batch.root_depth_m, math.nan)
    flat = batch._replace(root_depth_m=nan, targets=batch.targets._replace(bin_index=nan))
    found = figures(measure(HDNet(tiny_config.network), tiny_config, [flat], CPU))
    assert math.isnan(found['depth_median']) and math.isnan(found['root_error_mean_m'])
    assert found['joint_error'] > 0 and found['loss'] > 0


def test_figures_of_nobody():
    found = figures(np.empty((0, len(COLUMNS))))
    assert found['people'] == 0 and math.isnan(found['depth_median'])


def rows_with(error, spread):
    rows = np.zeros((len(error), len(COLUMNS)))
    rows[:, 0], rows[:, 1] = error, spread
    return rows


@pytest.mark.parametrize('factor', [0.3, 1.0, 4.0])
def test_calibration_makes_the_interval_hold_95_percent(factor):
    random = np.random.default_rng(0)
    spread = random.uniform(0.02, 0.2, 20_000)
    rows = rows_with(random.standard_normal(20_000) * spread * factor, spread)
    scale = sigma_scale(rows)
    assert scale == pytest.approx(factor, rel=0.03)
    assert figures(rows, scale)['coverage_95'] == pytest.approx(0.95, abs=1e-3)


def test_calibration_needs_people_and_bins():
    with pytest.raises(TrainingError, match='3 people with known depth are too few.*at least 20'):
        sigma_scale(rows_with(np.zeros(3), np.ones(3)))
    assert sigma_scale(rows_with(np.full(50, np.nan), np.ones(50))) == 1, 'nobody in 2D data has a depth'
    assert sigma_scale(rows_with(np.zeros(50), np.full(50, np.nan))) == 1, 'direct regression tells no spread'


@pytest.mark.parametrize(('known', 'spread', 'enough'), [(3, 0.1, False), (20, 0.1, True), (0, 0.1, True),
                                                         (3, np.nan, True)])
def test_too_few_people_are_told_after_the_first_epoch(known, spread, enough):
    rows = rows_with(np.where(np.arange(50) < known, 0.1, np.nan), np.full(50, spread))
    if enough:
        check_people(rows)
    else:
        with pytest.raises(TrainingError, match='3 people'):
            check_people(rows)


def test_export_keeps_weights_and_adds_the_scale(tiny_config, tmp_path):
    torch.manual_seed(1)
    net = HDNet(tiny_config.network)
    export(net, 1.7, tmp_path / 'net.safetensors')
    loaded = load_hdnet(tmp_path / 'net.safetensors')
    assert loaded.config == tiny_config.network.with_changes(sigma_scale=1.7)
    assert net.config.sigma_scale == 1
    for name, value in net.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], value, rtol=1e-3, atol=1e-4)


def test_validation_leaves_the_network_as_it_is(tiny_config):
    net = HDNet(tiny_config.network)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    rows = [measure(net, tiny_config, batches(ValidationBatches(tiny_config), 0, 0, False), CPU) for _ in range(2)]
    np.testing.assert_array_equal(*rows)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_picture_shows_the_truth_where_it_is(tiny_config):
    batch = ValidationBatches(tiny_config)[0]
    net = Oracle(tiny_config.network).tell(batch, 1.0, 0.0)
    picture = prediction_picture(net, tiny_config, batch, CPU)
    tile = 2 * 64
    assert picture.shape == (2 * tile, 4 * tile, 3) and picture.dtype == np.uint8
    plain = prediction_picture(Oracle(tiny_config.network).tell(batch, 1.0, 9.0), tiny_config, batch, CPU)
    joint = batch.targets.cells[0, 0].numpy() * 8
    x, y = np.round(joint).astype(int)
    near = (slice(max(0, y - 3), y + 4), slice(max(0, x - 3), x + 4))
    assert (picture[near] != plain[near]).any()
