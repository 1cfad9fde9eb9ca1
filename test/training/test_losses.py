"""The losses against the published ones, closed forms, and what must not happen."""
from __future__ import annotations

import gzip
import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from hdnet_ros.network import DepthBins, HDNet, HDNetConfig, HDNetOutput
from hdnet_ros.training.losses import TERMS, Losses, LossesConfig, LossWeight, hdnet_losses
from hdnet_ros.training.targets import Targets, gaussian_heatmaps

GOLDEN = Path(__file__).resolve().parents[1] / 'network' / 'golden'
GOLDEN_TERMS = {'heatmap': 'heatmap', 'pose': 'pose', 'bins': 'bins', 'index': 'bin_idx'}


@pytest.fixture(scope='module')
def recipe():
    spec = importlib.util.spec_from_file_location('golden_recipe_for_losses', GOLDEN / 'recipe.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module', params=['h36m17', 'muco21'])
def golden_case(request, recipe):
    """Published numbers, and the output of our network and the targets for the same weights and inputs."""
    net = HDNet(HDNetConfig.preset({'h36m17': 'human36m_published', 'muco21': 'paper'}[request.param])).eval()
    names = {name: list(value.shape) for name, value in net.state_dict().items()}
    if request.param == 'h36m17':
        assert names == json.loads(gzip.decompress((GOLDEN / 'layouts.json.gz').read_bytes()))['hdnet']
    weights = recipe.make_weights(names, recipe.HDNET_GAINS)
    net.load_state_dict({name: torch.from_numpy(np.asarray(value)) for name, value in weights.items()})
    inputs = recipe.hdnet_inputs(net.config.joints)
    with torch.inference_mode():
        out = net(*map(torch.from_numpy, (inputs.images, inputs.coord_maps, inputs.box_masks)))
    pixels = inputs.center_px[:, None] + (inputs.target_cells - 32) * 1000 / 64
    joints = (pixels - inputs.principal_px[:, None]) / inputs.focal_px[:, None]
    index = net.depth_bins.encode(inputs.target_depth_mm / np.sqrt(inputs.focal_px.prod(axis=1)))
    targets = Targets(torch.from_numpy(inputs.target_cells).float(), torch.from_numpy(joints).float(),
                      torch.from_numpy(inputs.visible), torch.from_numpy(index).float())
    return np.load(GOLDEN / f'hdnet_{request.param}_seed0.npz'), out, targets, net.depth_bins


@pytest.mark.parametrize('epoch', [0, 10])
def test_golden_losses(golden_case, epoch):
    golden, out, targets, scale = golden_case
    losses = hdnet_losses(out, targets, scale, LossesConfig())
    for name in TERMS:
        expected = golden[f'loss_{GOLDEN_TERMS[name]}_epoch{epoch}']
        np.testing.assert_allclose(getattr(losses, name), expected, rtol=1e-5, err_msg=name)
    np.testing.assert_allclose(losses.total(LossesConfig(), epoch), golden[f'loss_tot_loss_epoch{epoch}'], rtol=1e-5)


def test_published_weights_halve_every_ten_epochs():
    config = LossesConfig()
    assert [config.heatmap.at(epoch) for epoch in (0, 10, 20)] == [10, 5, 2.5]
    assert config.heatmap.at(5) == pytest.approx(10 / math.sqrt(2))
    assert config.bins.at(10) == pytest.approx(5e-4)
    assert config.pose.at(50) == config.index.at(50) == 1
    assert LossWeight(3.0).at(99) == 3


@pytest.mark.parametrize('values', [{'weight': -1.0}, {'weight': 1.0, 'half_life_epochs': -1.0}])
def test_weights_are_checked(values):
    with pytest.raises(ValueError, match='must not be negative'):
        LossWeight(**values)


@pytest.mark.parametrize(('key', 'value'), [('heatmap_kind', 'best'), ('heatmap_sigma_cells', 0.0), ('epsilon', 0.0)])
def test_numbers_are_checked(key, value):
    with pytest.raises(ValueError, match=key):
        LossesConfig(**{key: value})


SCALE = DepthBins(1.0, 8.0, 5)


def random_output(people=3, joints=4, cells=8, bins=5):
    torch.manual_seed(0)
    heatmaps = torch.randn(people, joints, cells, cells, requires_grad=True)
    logits = torch.randn(people, bins, requires_grad=True)
    soft = heatmaps.flatten(2).softmax(dim=2).view_as(heatmaps)
    probabilities = logits.softmax(dim=1)
    index = (probabilities * torch.arange(bins)).sum(dim=1)
    out = HDNetOutput(soft, soft.flatten(2)[..., :2] * 3, probabilities[:, :bins], index)
    return out, heatmaps, logits


def random_targets(people=3, joints=4):
    torch.manual_seed(1)
    return Targets(torch.rand(people, joints, 2) * 7, torch.randn(people, joints, 2),
                   torch.ones(people, joints, dtype=torch.bool), torch.rand(people) * 4)


def test_nobody_visible_gives_zero_and_finite_gradients():
    out, heatmaps, logits = random_output()
    targets = random_targets()
    targets.supervised[1] = False
    targets.joints[1] = torch.nan
    targets.cells[1] = torch.nan
    losses = hdnet_losses(out, targets, SCALE, LossesConfig())
    assert losses.heatmap[1] == losses.pose[1] == 0
    assert (losses.heatmap[[0, 2]] > 0).all() and losses.bins[1] > 0
    losses.total(LossesConfig(), 0).sum().backward()
    assert heatmaps.grad.isfinite().all() and logits.grad.isfinite().all()


def test_unknown_depth_trains_the_pose_branch_alone():
    out, heatmaps, logits = random_output()
    targets = random_targets()._replace(bin_index=torch.tensor([math.nan, 2.0, math.nan]))
    losses = hdnet_losses(out, targets, SCALE, LossesConfig())
    assert losses.bins[0] == losses.index[0] == 0 and losses.index[1] > 0
    losses.total(LossesConfig(), 0).sum().backward()
    assert heatmaps.grad.isfinite().all() and heatmaps.grad.abs().sum() > 0
    assert (logits.grad[[0, 2]] == 0).all() and logits.grad[1].abs().sum() > 0


def test_invisible_joints_do_not_count():
    out, _, _ = random_output()
    targets = random_targets()
    targets.supervised[:, 2:] = False
    few = hdnet_losses(out, targets, SCALE, LossesConfig())
    cut = out._replace(heatmaps=out.heatmaps[:, :2], joints=out.joints[:, :2])
    alone = Targets(targets.cells[:, :2], targets.joints[:, :2], targets.supervised[:, :2], targets.bin_index)
    for ours, theirs in zip(few, hdnet_losses(cut, alone, SCALE, LossesConfig())):
        torch.testing.assert_close(ours, theirs)


def test_direct_regression_learns_from_the_index_alone():
    index = torch.tensor([1.0, 7.0], requires_grad=True)
    out, _, _ = random_output(people=2)
    out = out._replace(bins=torch.zeros(2, 0), bin_index=index)
    targets = random_targets(people=2)._replace(bin_index=torch.tensor([2.0, 3.0]))
    losses = hdnet_losses(out, targets, SCALE, LossesConfig())
    assert losses.index.tolist() == [0.25, 1.0] and losses.bins.tolist() == [0, 0]
    losses.index.sum().backward()
    assert index.grad.tolist() == [-0.25, 0.25]


def test_perfect_bins_cost_their_entropy():
    targets = random_targets(people=1)._replace(bin_index=torch.tensor([2.25]))
    out, _, _ = random_output(people=1)
    out = out._replace(bins=torch.tensor([[0, 0, 0.75, 0.25, 0]]), bin_index=torch.tensor([2.25]))
    losses = hdnet_losses(out, targets, SCALE, LossesConfig())
    assert losses.index.item() == 0
    assert losses.bins.item() == pytest.approx(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)), rel=1e-5)


def test_cross_entropy_of_heatmaps_is_least_at_the_truth():
    cells = torch.tensor([[[3.3, 4.1]]])
    truth = gaussian_heatmaps(cells, 8, 0.75)
    targets = Targets(cells, torch.zeros(1, 1, 2), torch.ones(1, 1, dtype=torch.bool), torch.zeros(1))
    config = LossesConfig(heatmap_kind='cross_entropy')

    def loss(heatmaps):
        out = HDNetOutput(heatmaps, torch.zeros(1, 1, 2), torch.full((1, 5), 0.2), torch.zeros(1))
        return hdnet_losses(out, targets, SCALE, config).heatmap.item()
    entropy = -(truth * (truth + 1e-30).log()).sum().item()
    assert loss(truth) == pytest.approx(entropy, rel=1e-4)
    assert loss(gaussian_heatmaps(cells + 0.3, 8, 0.75)) > loss(truth)
    assert loss(torch.full_like(truth, 1 / 64)) == pytest.approx(math.log(64), rel=1e-4)


def test_terms_are_named_as_in_the_configuration():
    assert TERMS == Losses._fields == ('heatmap', 'pose', 'bins', 'index')
