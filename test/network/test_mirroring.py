import pytest
import torch

from hdnet_ros.network import HDNet, flip_test
from hdnet_ros.network.mirroring import mirrored
from hdnet_ros.skeleton import HUMAN36M_17


@pytest.fixture
def lively_net(small_net, small_inputs):
    """Random weights whose features do not vanish: batch normalisation knows their statistics."""
    for layer in small_net.modules():
        if isinstance(layer, torch.nn.modules.batchnorm._BatchNorm):
            layer.momentum = 1.0
    with torch.no_grad():
        small_net.train()(*small_inputs)
    return small_net.eval()


def without_border(*maps):
    """Copies without anything in column 0, which mirror images lose."""
    copies = [each.clone() for each in maps]
    for each in copies:
        each[..., 0] = 0
    return copies


def test_cells_stay_at_multiples_of_four_pixels():
    """A window's cell k lies at its pixel 4 k; in the mirror image both are as far from the other end."""
    pixels, cells = mirrored(torch.arange(64.0)), mirrored(torch.arange(16.0))
    assert pixels[1:].tolist() == list(range(63, 0, -1)) and pixels[0] == 0
    torch.testing.assert_close(pixels[4::4], 4 * cells[1:])
    maps, = without_border(torch.rand(2, 3, 4, 8))
    torch.testing.assert_close(mirrored(mirrored(maps)), maps)


def test_the_mirror_image_gets_the_mirrored_estimate(lively_net, small_inputs):
    """Whatever the weights: left joints become right ones, their places the mirrored ones, the depth stays."""
    images, coords, masks = small_inputs
    images, masks = without_border(images, masks)
    order = list(HUMAN36M_17.flip_order)
    with torch.inference_mode():
        one = flip_test(lively_net, images, None, coords, masks)
        other = flip_test(lively_net, mirrored(images), None, coords, mirrored(masks))
        plain = lively_net(images, coords, masks)
    torch.testing.assert_close(other.heatmaps, mirrored(one.heatmaps)[:, order], atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(other.bins, one.bins, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(other.bin_index, one.bin_index)
    assert not torch.allclose(one.bins, plain.bins, atol=1e-3)
    torch.testing.assert_close(one.heatmaps.sum(dim=(2, 3)), torch.ones(3, 17))


def test_masks_of_each_joint_change_sides(lively_net, small_inputs):
    images, coords, masks = small_inputs
    weights = masks[:, None] * torch.rand(3, 17, *masks.shape[1:], generator=torch.Generator().manual_seed(0))
    images, weights = without_border(images, weights)
    order = list(HUMAN36M_17.flip_order)
    with torch.inference_mode():
        one = flip_test(lively_net, images, None, coords, weights)
        other = flip_test(lively_net, mirrored(images), None, coords, mirrored(weights)[:, order])
    torch.testing.assert_close(other.heatmaps, mirrored(one.heatmaps)[:, order], atol=1e-6, rtol=1e-4)
    assert (one.heatmaps[weights == 0] == 0).all()


def test_several_people_in_one_window(lively_net, small_inputs):
    images, coords, masks = small_inputs
    with torch.inference_mode():
        shared = flip_test(lively_net, images[:1], [0, 0], coords[:2], masks[:2])
        alone = flip_test(lively_net, images[:1], None, coords[1:2], masks[1:2])
    for both, one in zip(shared, alone):
        torch.testing.assert_close(both[1:], one)


def test_somebody_who_is_not_in_the_mirror_image(lively_net, small_inputs):
    images, coords, masks = small_inputs
    masks = masks.clone()
    masks[0] = 0
    masks[0, 4:9, 0] = 1
    with torch.inference_mode():
        both, plain = flip_test(lively_net, images, None, coords, masks), lively_net(images, coords, masks)
    for mean, one in zip(both, plain):
        torch.testing.assert_close(mean[0], one[0])


def test_direct_regression(small_config, small_inputs):
    torch.manual_seed(0)
    net = HDNet(small_config.with_changes(depth_head='regression')).eval()
    with torch.inference_mode():
        out = flip_test(net, small_inputs[0], None, *small_inputs[1:])
    assert out.bins.shape == (3, 0) and out.bin_index.isfinite().all()
