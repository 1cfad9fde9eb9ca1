import json

import pytest
import safetensors.torch
import torch

from hdnet_ros.network import (
    CheckpointError,
    HDNet,
    HDNetConfig,
    PoseNet,
    load_hdnet,
    load_posenet,
    save_hdnet,
    save_posenet,
)


@pytest.fixture(scope='module')
def posenet():
    torch.manual_seed(0)
    return PoseNet('muco_21').eval()


def rewrite_metadata(path, **changes):
    tensors = safetensors.torch.load_file(path)
    with safetensors.safe_open(path, framework='pt') as file:
        metadata = {**file.metadata(), **changes}
    safetensors.torch.save_file(tensors, path, metadata)


def test_our_file_says_all(tmp_path, small_net, small_inputs):
    save_hdnet(small_net, tmp_path / 'net.safetensors')
    loaded = load_hdnet(tmp_path / 'net.safetensors')
    assert loaded.config == small_net.config and not loaded.training
    with torch.inference_mode():
        for a, b in zip(loaded(*small_inputs), small_net(*small_inputs)):
            assert torch.equal(a, b)


def test_half_the_size(tmp_path, small_net, small_inputs):
    save_hdnet(small_net, tmp_path / 'full')
    save_hdnet(small_net, tmp_path / 'half', half=True)
    assert (tmp_path / 'half').stat().st_size < 0.6 * (tmp_path / 'full').stat().st_size
    loaded = load_hdnet(tmp_path / 'half')
    assert all(v.dtype in (torch.float32, torch.int64) for v in loaded.state_dict().values())
    with torch.inference_mode():
        a, b = loaded(*small_inputs), small_net(*small_inputs)
    torch.testing.assert_close(a.bin_index, b.bin_index, atol=0.05, rtol=0)


def test_other_windows_for_the_same_network(tmp_path, small_net):
    save_hdnet(small_net, tmp_path / 'net')
    config = small_net.config.with_changes(window_policy='packed')
    assert load_hdnet(tmp_path / 'net', config).config == config
    changes = {'bins': 99, 'gnn': False, 'alpha': 0.25}
    with pytest.raises(CheckpointError, match='another configuration: alpha is 0.5, not 0.25; bins is 31, not 99; gnn'):
        load_hdnet(tmp_path / 'net', small_net.config.with_changes(**changes))


@pytest.mark.parametrize('changes, text', [
    ({'format': 'pt'}, 'no hdnet_ros configuration'),
    ({'kind': 'PoseNet'}, 'holds a PoseNet'),
    ({'config': json.dumps({'shape': 3})}, 'unknown fields.*shape'),
    ({'config': json.dumps({'alpha': 'x'})}, 'configuration in .* cannot be used: alpha'),
    ({'config': json.dumps({'mean': [[1], 2, 3]})}, 'cannot be used: mean'),
    ({'config': json.dumps({'joint_set': ['a']})}, 'cannot be used'),
])
def test_bad_metadata(tmp_path, small_net, changes, text):
    save_hdnet(small_net, tmp_path / 'net')
    rewrite_metadata(tmp_path / 'net', **changes)
    with pytest.raises(CheckpointError, match=text):
        load_hdnet(tmp_path / 'net')


@pytest.mark.parametrize('legacy, prefix', [(True, ''), (False, 'module.')])
def test_published_layout(tmp_path, published_net, legacy, prefix):
    path = tmp_path / 'ckpt.pth.tar'
    weights = {prefix + k: v for k, v in published_net.state_dict().items()}
    torch.save({'model': weights, 'epoch': 99}, path, _use_new_zipfile_serialization=not legacy)
    net = load_hdnet(path)
    assert net.config == HDNetConfig.preset('human36m_published') and not net.training
    for name, value in published_net.state_dict().items():
        assert torch.equal(net.state_dict()[name], value), name


def test_published_layout_with_tensors_amiss(tmp_path, published_net):
    weights = published_net.state_dict()
    for name in [n for n in weights if n.startswith('fpn.resnet.layer1')][:12]:
        weights[name + '_'] = weights.pop(name)
    torch.save({'model': weights, 'epoch': 1}, tmp_path / 'x')
    with pytest.raises(CheckpointError, match='12 missing: .* and 2 more; 12 extra: .* and 2 more'):
        load_hdnet(tmp_path / 'x')


@pytest.mark.parametrize('joints, bins, advice', [(21, 71, "preset 'paper' fits"), (19, 40, 'no preset fits')])
def test_published_layout_of_another_set(tmp_path, joints, bins, advice):
    weights = {'out_heatmap.weight': torch.zeros(joints, 256, 1, 1), 'out_bins.weight': torch.zeros(bins, 256)}
    torch.save({'model': weights, 'epoch': 1}, tmp_path / 'x')
    with pytest.raises(CheckpointError, match=f'{joints} joints and {bins} bins.*17 and 61; {advice}'):
        load_hdnet(tmp_path / 'x')


def test_another_network_altogether(tmp_path, posenet):
    torch.save({'epoch': 24, 'network': {}, 'optimizer': {}}, tmp_path / 'x')
    with pytest.raises(CheckpointError, match="no weights under 'model'"):
        load_hdnet(tmp_path / 'x')
    save_posenet(posenet, tmp_path / 'pose')
    with pytest.raises(CheckpointError, match='holds a PoseNet, not a HDNet'):
        load_hdnet(tmp_path / 'pose')


@pytest.mark.parametrize('name, channels', [('human36m_18', 18 * 64), ('muco_21', 21 * 64)])
def test_published_posenet(tmp_path, name, channels):
    torch.manual_seed(0)
    net = PoseNet(name)
    weights = {f'module.{k}': v for k, v in net.state_dict().items()}
    torch.save({'epoch': 24, 'network': weights, 'optimizer': {'lr': 1e-3}}, tmp_path / 'snapshot_24.pth.tar')
    loaded = load_posenet(tmp_path / 'snapshot_24.pth.tar')
    assert loaded.joint_set == name and not loaded.training
    assert all(torch.equal(a, b) for a, b in zip(loaded.state_dict().values(), net.state_dict().values()))
    other = 'muco_21' if name == 'human36m_18' else 'human36m_18'
    with pytest.raises(CheckpointError, match=f'has the joints of {name}, not of {other}'):
        load_posenet(tmp_path / 'snapshot_24.pth.tar', other)


def test_our_posenet(tmp_path, posenet):
    save_posenet(posenet, tmp_path / 'pose', half=True)
    loaded = load_posenet(tmp_path / 'pose', 'muco_21')
    torch.testing.assert_close(loaded.head.final_layer.weight, posenet.head.final_layer.weight, atol=1e-5, rtol=1e-3)
    rewrite_metadata(tmp_path / 'pose', config=json.dumps({'joint_set': 'coco'}))
    with pytest.raises(CheckpointError, match='unknown joint set'):
        load_posenet(tmp_path / 'pose')


def test_not_a_posenet(tmp_path, small_net):
    torch.save({'network': {'head.final_layer.weight': torch.zeros(100, 256, 1, 1)}}, tmp_path / 'x')
    with pytest.raises(CheckpointError, match='not a PoseNet of 18 or 21 joints'):
        load_posenet(tmp_path / 'x')
    save_hdnet(small_net, tmp_path / 'net')
    with pytest.raises(CheckpointError, match='holds a HDNet, not a PoseNet'):
        load_posenet(tmp_path / 'net')


def test_every_depth_network_survives(tmp_path, small_config):
    for changes in ({'depth_head': 'regression'}, {'shared_features': True, 'gnn': False}, {'heatmap_pooling': False}):
        net = HDNet(small_config.with_changes(**changes))
        save_hdnet(net, tmp_path / 'net')
        assert load_hdnet(tmp_path / 'net').config == net.config
