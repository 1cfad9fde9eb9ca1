import numpy as np
import pytest
import torch
from torch import nn

from hdnet_ros.network import HDNetConfig, PoseNet, for_inference, hdnet_input
from hdnet_ros.network.feature_head import level_head


def test_the_fast_form_gives_the_same(small_net, small_inputs):
    for module in small_net.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    fast = for_inference(small_net)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in fast.modules())
    assert fast.config is not None and any(isinstance(m, nn.BatchNorm2d) for m in small_net.modules())
    with torch.inference_mode():
        for a, b in zip(small_net(*small_inputs), fast(*small_inputs)):
            torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_golden_numbers_hold_in_the_fast_form(golden_folder, recipe, published_net):
    inputs = recipe.hdnet_inputs(17)
    with torch.inference_mode():
        out = for_inference(published_net)(
            *(torch.from_numpy(x)[:1] for x in (inputs.images, inputs.coord_maps, inputs.box_masks)))
    golden = np.load(golden_folder / 'hdnet_h36m17_seed0.npz')
    np.testing.assert_allclose(out.joints, golden['joints'][:1], atol=1e-5)
    np.testing.assert_allclose(out.bin_index, golden['bin_index'][:1], atol=1e-4)


def test_deconvolutions_are_folded_too():
    torch.manual_seed(0)
    head = PoseNet('muco_21').head.eval()
    head.deconv_layers[1].running_mean.uniform_(-1, 1)
    x = torch.randn(1, 2048, 2, 2)
    with torch.inference_mode():
        torch.testing.assert_close(for_inference(head)(x), head(x), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize('level', [3, 4, 5])
def test_upsampling_is_folded_too(level):
    torch.manual_seed(0)
    head = level_head(level, 32).eval()
    for norm in (head[1], head[5]):
        norm.running_mean.uniform_(-1, 1)
    fast, x = for_inference(head), torch.randn(2, 32, 64 >> level, 64 >> level)
    assert not any(isinstance(m, nn.Upsample) for m in fast.modules())
    assert any(isinstance(m, nn.Upsample) for m in head.modules())
    with torch.inference_mode():
        torch.testing.assert_close(fast(x), head(x), atol=1e-5, rtol=1e-4)


def test_input_values():
    windows = np.zeros((2, 8, 8, 3), np.uint8)
    windows[1, 3, 4] = (255, 51, 102)                # blue, green, red
    images = hdnet_input(windows, HDNetConfig())
    assert images.shape == (2, 3, 8, 8) and images.dtype == torch.float32
    np.testing.assert_allclose(images[1, :, 3, 4], [(0.4 - 0.485) / 0.229, (0.2 - 0.456) / 0.224,
                                                    (1 - 0.406) / 0.225], rtol=1e-4)
    np.testing.assert_allclose(images[0, :, 0, 0], [-2.118, -2.036, -1.804], atol=1e-3)
