import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from hdnet_ros.network import HDNet, HDNetConfig, HDNetOutput
from hdnet_ros.network.heatmaps import masked_softmax, soft_argmax

ABLATIONS = [{}, {'depth_head': 'regression'}, {'shared_features': True}, {'gnn': False}, {'heatmap_pooling': False},
             {'gnn_layers': 3}, {'joint_set': 'muco_21', 'bins': 71}]


def count(net, prefix=''):
    return sum(p.numel() for n, p in net.named_parameters() if n.startswith(prefix))


def on_meta(**changes):
    with torch.device('meta'):
        return HDNet(HDNetConfig().with_changes(**changes))


@pytest.fixture(scope='module', params=['h36m17', 'muco21'])
def golden_case(request, golden_folder, recipe, layouts, golden_weights, published_net):
    """Golden numbers, and the output of our network for the same weights and inputs."""
    net = published_net
    if request.param == 'muco21':
        net = HDNet(HDNetConfig.preset('paper')).eval()
        net.load_state_dict(golden_weights({n: list(v.shape) for n, v in net.state_dict().items()},
                                           recipe.HDNET_GAINS))
    inputs = recipe.hdnet_inputs(net.config.joints)
    with torch.inference_mode():
        out = net(*map(torch.from_numpy, (inputs.images, inputs.coord_maps, inputs.box_masks)))
    depth_mm = net.depth_bins.decode(out.bin_index.double()).numpy() * np.sqrt(inputs.focal_px.prod(axis=1))
    return np.load(golden_folder / f'hdnet_{request.param}_seed0.npz'), out, depth_mm


def test_golden_numbers(golden_case):
    golden, out, depth_mm = golden_case
    np.testing.assert_allclose(out.joints, golden['joints'], atol=1e-5)
    np.testing.assert_allclose(out.bins, golden['bins'], atol=1e-5)
    np.testing.assert_allclose(out.bin_index, golden['bin_index'], atol=1e-4)
    np.testing.assert_allclose(out.heatmaps[0], golden['heatmap_sample0'], atol=1e-5)
    np.testing.assert_allclose(depth_mm, golden['root_depth_mm'], atol=0.01)


def test_layout_is_the_published_one(layouts):
    net = on_meta()
    ours = net.state_dict()
    assert len(ours) == 450
    assert list(ours) == list(layouts['hdnet'])
    assert {name: list(value.shape) for name, value in ours.items()} == layouts['hdnet']
    assert sum(value.numel() for value in ours.values()) - count(net) == 57_287


def test_numbers_of_parameters():
    net = on_meta()
    assert count(net) == 27_401_614
    assert count(net, 'layers_hm') == count(net, 'layers_dm') == 427_520
    assert (count(net, 'out_heatmap'), count(net, 'depth_gcn'), count(net, 'out_bins')) == (4_369, 264_192, 15_677)
    assert count(on_meta(joint_set='muco_21', bins=71)) == 27_405_212
    assert count(on_meta(shared_features=True)) == 27_401_614 - 427_520


def test_cost():
    with torch.device('meta'):
        net = HDNet().eval()
        counter = FlopCounterMode(display=False)
        with counter:
            net(torch.empty(1, 3, 256, 256), torch.empty(1, 2, 64, 64), torch.empty(1, 64, 64))
    per_part = {name: sum(flops.values()) / 2e9 for name, flops in counter.get_flop_counts().items()}
    assert per_part['HDNet'] == pytest.approx(11.81, abs=0.03)
    assert per_part['HDNet.fpn.resnet'] == pytest.approx(5.34, abs=0.01)
    assert per_part['HDNet.fpn'] - per_part['HDNet.fpn.resnet'] == pytest.approx(3.67, abs=0.01)
    branch = sum(per_part[f'HDNet.layers_dm_{level}'] for level in (2, 3, 4, 5))
    assert branch == pytest.approx(1.39, abs=0.01)


@pytest.mark.parametrize('changes', ABLATIONS, ids=str)
def test_ablations_train_and_decode(small_config, small_inputs, changes):
    torch.manual_seed(0)
    net = HDNet(small_config.with_changes(**changes)).train()
    config = net.config
    out = net(*small_inputs)
    assert out.heatmaps.shape == (3, config.joints, 16, 16)
    assert out.joints.shape == (3, config.joints, 2)
    assert out.bins.shape == (3, 0 if config.depth_head == 'regression' else config.bins)
    assert out.bin_index.shape == (3,)
    (out.joints.square().sum() + out.bin_index.sum()).backward()
    silent = [name for name, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert not silent
    depth = net.depth_bins.decode(out.bin_index)
    assert depth.shape == (3,) and (depth > 0).all()


def test_ablations_differ_where_they_should(small_config):
    def names(**changes):
        return {n.split('.')[0] for n in HDNet(small_config.with_changes(**changes)).state_dict()}
    full = names()
    assert full - names(shared_features=True) == {f'layers_dm_{level}' for level in (2, 3, 4, 5)}
    assert names(gnn=False) ^ full == names(heatmap_pooling=False) ^ full == {'depth_gcn', 'depth_fc'}
    assert names(depth_head='regression') ^ full == {'out_bins', 'out_index'}


def test_regression_spans_the_same_scale(small_config, small_inputs):
    net = HDNet(small_config.with_changes(depth_head='regression')).eval()
    with torch.inference_mode():
        net.out_index.weight.zero_()
        for bias, ratio in ((0.0, 0.5), (1.0, 20.0), (0.5, 10 ** 0.5)):
            net.out_index.bias.fill_(bias)
            index = net(*small_inputs).bin_index
            torch.testing.assert_close(net.depth_bins.decode(index), torch.full((3,), ratio))


def test_without_heatmap_pooling_the_box_does_not_matter(small_config, small_inputs):
    images, coords, masks = small_inputs
    net = HDNet(small_config.with_changes(heatmap_pooling=False)).eval()
    with torch.inference_mode():
        features = net.encode(images)
        out = net.decode(features, [1, 1, 0], coords, torch.stack([masks[0], 1 - masks[0], masks[0]]))
    torch.testing.assert_close(out.bins[0], out.bins[1])
    assert not torch.equal(out.bins[0], out.bins[2])   # nearly uniform without training, but another image's


def test_forward_is_decode_after_encode(small_net, small_inputs):
    images, coords, masks = small_inputs
    with torch.inference_mode():
        for index in (None, [0, 1, 2], np.arange(3), torch.arange(3)):
            decoded = small_net.decode(small_net.encode(images), index, coords, masks)
            for a, b in zip(small_net(images, coords, masks), decoded):
                torch.testing.assert_close(a, b)


@pytest.mark.parametrize(('joint_set', 'joints', 'root'), [('human36m_17', 17, 0), ('muco_21', 21, 14)])
def test_joints_are_read_as_configured(small_config, small_inputs, joint_set, joints, root):
    """Peaks for all joints but the root, which stays where it is expected (eq. 1)."""
    _, coords, _ = small_inputs
    config = small_config.with_changes(joint_set=joint_set)
    logits = torch.full((3, joints, 16, 16), -20.0)
    logits[:, :, 3, 4], logits[:, :, 12, 11] = 0.0, -0.5
    heatmaps = masked_softmax(logits, torch.ones(3, 16, 16))
    expected = soft_argmax(heatmaps, coords)
    output = HDNetOutput(heatmaps, expected, torch.ones(3, 31) / 31, torch.zeros(3))
    read = {kind: HDNet(config.with_changes(joint_decoding=kind)).read_joints(output, coords)
            for kind in ('soft_argmax', 'peak')}
    assert torch.equal(read['soft_argmax'], expected)
    others = [joint for joint in range(joints) if joint != root]
    assert torch.equal(read['peak'][:, root], expected[:, root])
    torch.testing.assert_close(read['peak'][:, others], coords[:, None, :, 3, 4].expand(3, joints - 1, 2))


@pytest.mark.parametrize('changes', ABLATIONS[:5], ids=str)
def test_people_who_share_a_window(small_config, small_inputs, changes):
    images, coords, masks = small_inputs
    net = HDNet(small_config.with_changes(**changes)).eval()
    masks[1] = masks[1].T.flip(0)
    index = torch.tensor([2, 0, 2])
    with torch.inference_mode():
        shared = net.decode(net.encode(images), index, coords, masks)
        separate = net(images[index], coords, masks)
    for a, b in zip(shared, separate):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize('changes', ABLATIONS[:5], ids=str)
def test_nobody(small_config, small_inputs, changes):
    images, coords, masks = small_inputs
    net = HDNet(small_config.with_changes(**changes)).eval()
    with torch.inference_mode():
        out = net.decode(net.encode(images), [], coords[:0], masks[:0])
        assert len(net.encode(images[:0]).depth) == 0
    assert out.heatmaps.shape == (0, 17, 16, 16) and out.joints.shape == (0, 17, 2) and out.bin_index.shape == (0,)
    assert len(out.bins) == 0


def test_numbers_of_people_must_agree(small_net, small_inputs):
    images, coords, masks = small_inputs
    with torch.inference_mode(), pytest.raises(ValueError, match='2 persons, but 3 coordinate maps'):
        small_net.decode(small_net.encode(images), [0, 1], coords, masks)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
def test_half_precision(small_net, small_inputs, dtype):
    images, coords, masks = small_inputs
    masks[2] = 0
    with torch.inference_mode():
        exact = small_net(images, coords, masks)
        with torch.autocast('cpu', dtype=dtype):
            automatic = small_net(images, coords, masks)
        out = small_net.to(dtype)(images.to(dtype), coords, masks)
    for half in (automatic, out):
        assert all(x.dtype == torch.float32 and x.isfinite().all() for x in half)
        assert not half.heatmaps[:2, :, :2].any()
        torch.testing.assert_close(half.heatmaps.sum(dim=(2, 3)), torch.ones(3, 17))
        torch.testing.assert_close(half.heatmaps[2], torch.full((17, 16, 16), 1 / 256))
        torch.testing.assert_close(half.bin_index, exact.bin_index, atol=0.5, rtol=0)
        torch.testing.assert_close(half.joints, exact.joints, atol=0.02, rtol=0)


def test_an_empty_mask_is_harmless(small_net, small_inputs):
    images, coords, masks = small_inputs
    out = small_net(images, coords, torch.zeros_like(masks))
    torch.testing.assert_close(out.joints, coords.mean(dim=(2, 3))[:, None].expand(-1, 17, -1))
    assert out.bin_index.isfinite().all()
