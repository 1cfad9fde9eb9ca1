import hashlib

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from hdnet_ros.network import CheckpointError, PoseNet, posenet_input, save_posenet
from hdnet_ros.network.rootnet import RootNet, load_rootnet, save_rootnet

# sha256 of the lines 'name [shape]' of the published layout, sorted by name.
LAYOUT_DIGEST = '5e74f791606d20fc30a260c531f79324e3f6bc26c7c3b918ca9add7a3ef55e60'
# Heatmaps that are neither flat nor one-hot.
GAINS = {'root.xy_layer.weight': 30.0}


@pytest.fixture(scope='module')
def weights(golden_weights):
    """Weights that numpy makes again, as in golden/recipe.py."""
    with torch.device('meta'):
        layout = {name: list(value.shape) for name, value in RootNet().state_dict().items()}
    return golden_weights(layout, GAINS)


@pytest.fixture(scope='module')
def net(weights):
    net = RootNet().eval().requires_grad_(False)
    net.load_state_dict(weights)
    return net


def test_layout_is_the_published_one():
    with torch.device('meta'):
        net = RootNet()
    layout = net.state_dict()
    lines = '\n'.join(f'{name} {list(layout[name].shape)}' for name in sorted(layout))
    assert len(layout) == 340
    assert sum(p.numel() for p in net.parameters()) == 33_997_634
    assert hashlib.sha256(lines.encode()).hexdigest() == LAYOUT_DIGEST


def test_golden_numbers(net, recipe):
    """What the published implementation gives for these weights and inputs."""
    images = torch.from_numpy(recipe.noise(2000, (2, 3, 256, 256)))
    found = net(images, torch.tensor([10.0, 3.0]))
    golden = [[26.231627, 35.780632, -6.2895784], [23.196585, 15.406170, -2.0506263]]
    np.testing.assert_allclose(found, golden, rtol=1e-4)


def reference(w, images, k):
    """The network again from its weights alone, step by step in double precision, without any of torch's layers."""
    w = {name: value.double() for name, value in w.items()}

    def norm(x, name):
        shape = (1, -1, 1, 1)
        scale = w[f'{name}.weight'] / torch.sqrt(w[f'{name}.running_var'] + 1e-5)
        return (x - w[f'{name}.running_mean'].view(shape)) * scale.view(shape) + w[f'{name}.bias'].view(shape)

    def convolve(x, kernel, stride, padding):
        columns = F.unfold(x, kernel.shape[2:], padding=padding, stride=stride)
        side = [(n + 2 * padding - kernel.shape[2]) // stride + 1 for n in x.shape[2:]]
        return (kernel.flatten(1) @ columns).view(len(x), len(kernel), *side)

    def upsample(x, kernel):
        """A deconvolution of stride 2 spreads the input with zeros between, then convolves with the turned kernel."""
        spread = torch.zeros(*x.shape[:2], 2 * x.shape[2] - 1, 2 * x.shape[3] - 1, dtype=x.dtype)
        spread[:, :, ::2, ::2] = x
        return convolve(spread, kernel.flip(2, 3).transpose(0, 1), 1, 2)

    x = convolve(images.double(), w['backbone.conv1.weight'], 2, 3)
    x = F.max_pool2d(norm(x, 'backbone.bn1').clamp(min=0), 3, 2, 1)
    for stage, blocks in enumerate((3, 4, 6, 3), 1):
        for block in range(blocks):
            name = f'backbone.layer{stage}.{block}'
            stride = 2 if stage > 1 and block == 0 else 1
            shortcut = x
            if block == 0:
                shortcut = norm(convolve(x, w[f'{name}.downsample.0.weight'], stride, 0), f'{name}.downsample.1')
            x = norm(convolve(x, w[f'{name}.conv1.weight'], 1, 0), f'{name}.bn1').clamp(min=0)
            x = norm(convolve(x, w[f'{name}.conv2.weight'], stride, 1), f'{name}.bn2').clamp(min=0)
            x = (norm(convolve(x, w[f'{name}.conv3.weight'], 1, 0), f'{name}.bn3') + shortcut).clamp(min=0)
    gamma = [sum(w['root.depth_layer.weight'].flatten() * c5.mean(dim=(1, 2))) + w['root.depth_layer.bias'] for c5 in x]
    for layer in (0, 3, 6):
        up = upsample(x, w[f'root.deconv_layers.{layer}.weight'])
        x = norm(up, f'root.deconv_layers.{layer + 1}').clamp(min=0)
    logits = convolve(x, w['root.xy_layer.weight'], 1, 0) + w['root.xy_layer.bias']
    rows = []
    for person, scores in enumerate(logits[:, 0].numpy()):
        p = np.exp(scores - scores.max())
        p /= p.sum()
        y, x = np.indices(p.shape)
        rows.append([(p * x).sum(), (p * y).sum(), float(gamma[person]) * float(k[person])])
    return np.array(rows)


def test_agrees_with_a_slow_reference(net, weights, recipe):
    images = torch.from_numpy(recipe.noise(7, (2, 3, 64, 96)))
    k = torch.tensor([9.0, 4.5])
    np.testing.assert_allclose(net(images, k), reference(weights, images, k), rtol=2e-4)


def test_depth_is_proportional_to_k(net, recipe):
    images = torch.from_numpy(recipe.noise(8, (1, 3, 64, 64))).expand(2, -1, -1, -1)
    near, far = net(images, torch.tensor([2.0, 6.0]))
    assert far[2] == pytest.approx(3 * near[2].item(), rel=1e-5)
    torch.testing.assert_close(near[:2], far[:2])


def test_input_is_not_scaled_to_one():
    crops = np.zeros((1, 256, 256, 3), np.uint8)
    crops[..., 2] = 200     # red
    expected = [(200 - 0.485) / 0.229, -0.456 / 0.224, -0.406 / 0.225]
    np.testing.assert_allclose(posenet_input(crops)[0, :, 3, 5], expected, rtol=1e-5)


@pytest.mark.parametrize(('prefix', 'zipped'), [('module.', True), ('', True), ('module.', False)])
def test_published_snapshots_load(tmp_path, weights, prefix, zipped):
    content = {'epoch': 18, 'network': {prefix + name: value for name, value in weights.items()},
               'optimizer': {'state': {0: {'step': 3}}, 'param_groups': [{'lr': 1e-3}]}}
    path = tmp_path / 'snapshot_18.pth.tar'
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    loaded = load_rootnet(path)
    assert not loaded.training
    assert all(torch.equal(value, weights[name]) for name, value in loaded.state_dict().items())


def test_our_files_load(tmp_path, net, weights):
    save_rootnet(net, tmp_path / 'full.safetensors')
    assert all(torch.equal(value, weights[name])
               for name, value in load_rootnet(tmp_path / 'full.safetensors').state_dict().items())
    save_rootnet(net, tmp_path / 'half.safetensors', half=True)
    half = load_rootnet(tmp_path / 'half.safetensors').root.depth_layer.weight
    assert half.dtype == torch.float32
    torch.testing.assert_close(half.data, weights['root.depth_layer.weight'], rtol=1e-3, atol=1e-6)


class Dangerous:
    """What it would run when unpickled writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), 'w')


def test_bad_files_say_why(tmp_path, weights):
    path = tmp_path / 'snapshot_1.pth.tar'

    def refused(network, match):
        torch.save({'epoch': 1, 'network': network, 'optimizer': {}}, path)
        with pytest.raises(CheckpointError, match=match):
            load_rootnet(path)
    without = {name: value for name, value in weights.items() if name != 'root.xy_layer.bias'}
    refused(without, '1 missing: root.xy_layer.bias')
    refused({**weights, 'head.bias': torch.zeros(1)}, '1 extra: head.bias')
    refused({**weights, 'root.xy_layer.bias': torch.zeros(2)}, r'root.xy_layer.bias is \(2,\), not \(1,\)')
    refused({**weights, 'root.xy_layer.bias': torch.full((1,), torch.nan)}, 'NaN or infinite')
    refused(None, "no weights under 'network'")
    with pytest.raises(CheckpointError, match='no checkpoint'):
        load_rootnet(tmp_path / 'none.pth.tar')
    torch.save({'network': Dangerous(tmp_path / 'written')}, path)
    with pytest.raises(CheckpointError, match='more than tensors'):
        load_rootnet(path)
    assert not (tmp_path / 'written').exists()


def test_another_network_of_ours_is_refused(tmp_path):
    save_posenet(PoseNet('muco_21'), tmp_path / 'posenet.safetensors')
    with pytest.raises(CheckpointError, match='holds a PoseNet, not a RootNet'):
        load_rootnet(tmp_path / 'posenet.safetensors')
