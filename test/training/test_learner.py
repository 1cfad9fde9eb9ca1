from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from hdnet_ros.models import file_or_model, model_path
from hdnet_ros.network import CheckpointError, HDNet, save_hdnet
from hdnet_ros.training.config import TrainingConfig
from hdnet_ros.training.distributed import Processes
from hdnet_ros.training.errors import TrainingError
from hdnet_ros.training.feeding import TrainingBatches
from hdnet_ros.training.learner import Learner, make_net
from hdnet_ros.training.targets import Targets


def learner_of(values, **optimiser):
    values['optimiser'] = optimiser
    learner = Learner(TrainingConfig.from_dict(values), Processes())
    learner.set_mode()
    return learner


def test_it_learns(tiny_values):
    """The same batch again and again becomes known by heart."""
    tiny_values['schedule']['learning_rate'] = 0.003
    learner = learner_of(tiny_values)
    batch = TrainingBatches(learner.config)[0]
    totals = [learner.step(batch, 0)[4].item() for _ in range(40)]
    assert totals[-1] < 0.35 * totals[0]


def test_the_rate_follows_the_schedule(tiny_values):
    tiny_values['schedule'].update(kind='steps', every_epochs=1, factor=0.5)
    learner = learner_of(tiny_values)
    batch = TrainingBatches(learner.config)[0]
    for step, rate in ((0, 0.001), (2, 0.001), (3, 0.0005)):
        learner.step(batch, step)
        assert learner.optimiser.param_groups[0]['lr'] == rate


def test_without_decay_it_is_plain_adam(tiny_values):
    learner = learner_of(tiny_values)
    reference = make_net(learner.config)
    batch = TrainingBatches(learner.config)[0]
    start = {name: p.detach().clone() for name, p in learner.net.named_parameters()}
    learner.step(batch, 0)
    adam = torch.optim.Adam(reference.parameters(), lr=0.001)
    for (name, parameter), mine in zip(reference.named_parameters(), learner.net.parameters()):
        assert torch.equal(parameter, start[name]), 'the seed decides the initial weights'
        parameter.grad = mine.grad
    adam.step()
    for theirs, mine in zip(reference.parameters(), learner.net.parameters()):
        torch.testing.assert_close(theirs, mine)


def of_people(batch, people):
    """The batch with these of its people, some of them perhaps more than once."""
    given = {name: getattr(batch, name)[people]
             for name in ('window_index', 'masks', 'equivalent_focal_px', 'root_depth_m', 'root_ray')}
    return batch._replace(**given, targets=Targets(*(values[people] for values in batch.targets)))


def test_the_loss_is_the_mean_over_people(tiny_values):
    """Everybody there twice changes no gradient."""
    once, twice = learner_of(tiny_values, freeze_batchnorm=True), learner_of(tiny_values, freeze_batchnorm=True)
    batch = TrainingBatches(once.config)[0]
    people = torch.arange(len(batch.window_index))
    once.step(batch, 0)
    twice.step(of_people(batch, people.repeat(2)), 0)
    expected, found = (torch.cat([p.grad.flatten() for p in each.net.parameters()]) for each in (once, twice))
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * expected.abs().max().item())


def test_gradients_are_clipped(tiny_values):
    learner = learner_of(tiny_values, clip_norm=0.01)
    learner.step(TrainingBatches(learner.config)[0], 0)
    norm = torch.stack([p.grad.norm() for p in learner.net.parameters()]).norm()
    assert norm.item() == pytest.approx(0.01, rel=1e-3)


def test_frozen_batch_normalisation(tiny_values):
    learner = learner_of(tiny_values, freeze_batchnorm=True)
    before = {name: b.clone() for name, b in learner.net.named_buffers()}
    learner.step(TrainingBatches(learner.config)[0], 0)
    assert all(torch.equal(before[name], b) for name, b in learner.net.named_buffers())


def test_a_file_goes_before_the_model_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'hdnet_lite').mkdir()
    assert file_or_model('hdnet_lite') == model_path('hdnet_lite')
    (tmp_path / 'hdnet_lite').rmdir()
    (tmp_path / 'hdnet_lite').write_bytes(b'mine')
    assert file_or_model('hdnet_lite') == Path('hdnet_lite')
    assert file_or_model('neither.pth') == Path('neither.pth')


class OnSeveralGpus(Processes):
    """Wraps as several processes with CUDA do, but for what needs them."""

    def wrap(self, net):
        return nn.SyncBatchNorm.convert_sync_batchnorm(net)


@pytest.mark.parametrize('backbone', ['efficientnet_lite0', 'resnet50'])
def test_frozen_layers_are_those_of_the_wrapped_network(tiny_values, backbone):
    tiny_values['network']['backbone'] = backbone
    tiny_values['optimiser'] = {'frozen_stride': 4}
    learner = Learner(TrainingConfig.from_dict(tiny_values), OnSeveralGpus())
    learner.set_mode()
    frozen = [module for layer in learner.net.fpn.trunk.layers_up_to(4) for module in layer.modules()]
    assert sum(isinstance(module, nn.SyncBatchNorm) for module in frozen) > 3
    assert not any(module.training or any(p.requires_grad for p in module.parameters()) for module in frozen)
    assert learner.net.fpn.trunk.layers_up_to(32)[-1].training


@pytest.mark.parametrize('backbone', ['efficientnet_lite0', 'resnet50'])
def test_frozen_layers_stay_as_they_were_loaded(tiny_values, backbone):
    tiny_values['network']['backbone'] = backbone
    learner = learner_of(tiny_values, frozen_stride=8, weight_decay=0.1, clip_norm=1.0)
    before = {name: value.clone() for name, value in learner.net.state_dict().items()}
    learner.step(TrainingBatches(learner.config)[0], 0)
    changed = {name for name, value in learner.net.state_dict().items() if not torch.equal(before[name], value)}
    prefix = learner.net.fpn.trunk_name
    early = {'resnet50': ('conv1', 'bn1', 'layer1', 'layer2'),
             'efficientnet_lite0': ('stem', *(f'blocks.{i}' for i in range(5)))}[backbone]
    frozen = {name for name in before if name.startswith(tuple(f'fpn.{prefix}.{layer}.' for layer in early))}
    assert frozen and not changed & frozen
    assert {name for name in before if name.endswith('weight')} - frozen <= changed


def test_nan_stops_and_names_the_samples(tiny_values):
    learner = learner_of(tiny_values)
    batch = TrainingBatches(learner.config)[0]
    person = len(batch.window_index) - 1
    batch.targets.joints[person, 0] = math.nan
    batch.targets.supervised[person, 0] = True
    with pytest.raises(TrainingError, match=r'not finite at step 5 \(pose\)') as caught:
        learner.step(batch, 5)
    assert batch.sources[-1] in str(caught.value)
    assert str(caught.value).count('.jpg') == 1
    assert not learner.optimiser.state, 'nothing was learned from it'


def test_low_precision_learns_too(tiny_values):
    tiny_values['run']['precision'] = 'bfloat16'
    low = learner_of(tiny_values)
    tiny_values['run']['precision'] = 'float32'
    full = learner_of(tiny_values)
    batch = TrainingBatches(full.config)[0]
    a, b = low.step(batch, 0), full.step(batch, 0)
    assert a.isfinite().all() and not torch.equal(a, b)
    torch.testing.assert_close(a, b, rtol=0.1, atol=0.1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs CUDA')
def test_half_precision_on_cuda(tiny_values):
    tiny_values['run']['precision'] = 'float16'
    learner = Learner(TrainingConfig.from_dict(tiny_values), Processes(device=torch.device('cuda', 0)))
    learner.set_mode()
    batch = TrainingBatches(learner.config)[0]
    totals = [learner.step(batch, 0)[4].item() for _ in range(20)]
    assert all(map(math.isfinite, totals)) and learner.scaler.is_enabled()


def test_a_run_that_was_in_full_precision_goes_on_in_half(tiny_values):
    """How the work is done may change; such a run has no state of a gradient scaler."""
    learner = Learner(TrainingConfig.from_dict(tiny_values), Processes())
    state = learner.state()
    assert state['scaler'] == {}
    other = Learner(TrainingConfig.from_dict(tiny_values), Processes())
    other.scaler = torch.amp.GradScaler('cpu', enabled=True)
    other.restore(state)
    assert other.scaler.get_scale() == torch.amp.GradScaler('cpu', enabled=True).get_scale()
    assert all(torch.equal(a, b) for a, b in zip(learner.net.parameters(), other.net.parameters(), strict=True))


def test_regression_and_2d_data_train(tiny_values, tiny_network):
    for changes in ({'depth_head': 'regression'}, {'shared_features': True}, {'gnn': False},
                    {'heatmap_pooling': False}):
        tiny_values['network'] = tiny_network.with_changes(**changes).to_dict()
        learner = learner_of(tiny_values)
        batch = TrainingBatches(learner.config)[0]
        assert learner.step(batch, 0).isfinite().all()
        flat = batch._replace(targets=batch.targets._replace(bin_index=batch.targets.bin_index * math.nan))
        sums = learner.step(flat, 1)
        assert sums.isfinite().all() and sums[2] == sums[3] == 0
        assert all(p.grad.isfinite().all() for p in learner.net.parameters())


def test_start_from_a_checkpoint(tiny_values, tiny_network, tmp_path):
    torch.manual_seed(99)
    net = HDNet(tiny_network)
    save_hdnet(net, tmp_path / 'net.safetensors')
    tiny_values['initial'] = {'checkpoint': str(tmp_path / 'net.safetensors')}
    started = make_net(TrainingConfig.from_dict(tiny_values))
    for name, value in net.state_dict().items():
        assert torch.equal(started.state_dict()[name], value)
    assert all(p.requires_grad for p in started.parameters())


def test_start_from_imagenet(tiny_values, tiny_network, tmp_path):
    trunk = HDNet(tiny_network).fpn.trunk
    # The package's file has the names of the package, and a classifier.
    names = {'stem.conv': '_conv_stem', 'stem.bn': '_bn0'}
    layers = {'expand.conv': '_expand_conv', 'expand.bn': '_bn0', 'depthwise.conv': '_depthwise_conv',
              'depthwise.bn': '_bn1', 'project.conv': '_project_conv', 'project.bn': '_bn2'}

    def theirs(name):
        part, tensor = name.rsplit('.', 1)
        if part in names:
            return f'{names[part]}.{tensor}'
        _, number, layer = part.split('.', 2)
        return f'_blocks.{number}.{layers[layer]}.{tensor}'
    weights = {theirs(name): torch.full_like(value, 0.5) for name, value in trunk.state_dict().items()}
    torch.save({**weights, '_fc.bias': torch.zeros(3)}, tmp_path / 'imagenet.pth')
    tiny_values['initial'] = {'imagenet': str(tmp_path / 'imagenet.pth')}
    net = make_net(TrainingConfig.from_dict(tiny_values))
    assert (net.fpn.trunk.stem.conv.weight == 0.5).all()
    tiny_values['initial'] = {'imagenet': str(tmp_path / 'nothing.pth')}
    with pytest.raises(CheckpointError, match='there is no checkpoint'):
        make_net(TrainingConfig.from_dict(tiny_values))
