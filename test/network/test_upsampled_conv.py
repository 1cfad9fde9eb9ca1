import pytest
import torch
from torch import nn

from hdnet_ros.network.upsampled_conv import UpsampledConv2d


@pytest.mark.parametrize('bias', [True, False])
@pytest.mark.parametrize('scale', [2, 3, 4, 8])
@pytest.mark.parametrize('size', [(1, 1), (1, 5), (8, 8), (7, 3)])
def test_equals_upsampling_and_convolution(size, scale, bias):
    torch.manual_seed(0)
    conv = nn.Conv2d(6, 5, 3, padding=1, bias=bias)
    x = torch.randn(2, 6, *size)
    with torch.inference_mode():
        expected = conv(nn.functional.interpolate(x, scale_factor=scale, mode='nearest'))
        found = UpsampledConv2d(conv, scale)(x)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize('scale', [2, 8])
def test_keeps_the_order_in_memory_and_the_precision(scale):
    conv = nn.Conv2d(16, 8, 3, padding=1).double()
    fast = UpsampledConv2d(conv, scale).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        out = fast(torch.randn(2, 16, 8, 8, dtype=torch.double).to(memory_format=torch.channels_last))
    assert out.dtype == torch.double
    assert out.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize('settings', [
    {'kernel_size': 5, 'padding': 1}, {'kernel_size': 3}, {'kernel_size': 3, 'padding': 1, 'stride': 2},
    {'kernel_size': 3, 'padding': 1, 'dilation': 2}, {'kernel_size': 3, 'padding': 1, 'groups': 2}])
def test_refuses_other_convolutions(settings):
    with pytest.raises(ValueError, match='3 x 3'):
        UpsampledConv2d(nn.Conv2d(4, 4, **settings), 2)
