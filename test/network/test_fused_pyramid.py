import pytest
import torch
from torch import nn

from hdnet_ros.network import HDNet, HDNetConfig, for_inference
from hdnet_ros.network.fused_pyramid import FusedPyramid, compose, compose_1x1


def trained(config: HDNetConfig) -> HDNet:
    """A network whose batch normalisations and biases do something."""
    torch.manual_seed(0)
    net = HDNet(config).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 1.5)
        elif isinstance(module, nn.Conv2d) and module.bias is not None:
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return net


@pytest.mark.parametrize('shared', [False, True])
@pytest.mark.parametrize(('backbone', 'width', 'narrow'), [
    ('efficientnet_lite0', 64, True), ('efficientnet_lite0', 16, False), ('resnet50', 64, False)])
def test_equals_the_pyramid_and_its_branches(backbone, width, narrow, shared):
    net = trained(HDNetConfig(backbone=backbone, width=width, shared_features=shared))
    fast = for_inference(net)
    assert isinstance(fast.fused, FusedPyramid) and fast.fused.narrow == narrow
    images = torch.randn(2, 3, 64, 96)
    with torch.inference_mode():
        expected, found = net.branch_features(images), fast.fused(images)
        assert len(found) == len(expected) == (1 if shared else 2)
        for a, b in zip(found, expected):
            torch.testing.assert_close(a, b, atol=1e-4 * float(b.abs().max()), rtol=1e-4)
        for a, b in zip(fast.encode(images), net.encode(images)):
            torch.testing.assert_close(a, b, atol=1e-4 * float(b.abs().max()), rtol=1e-4)


def test_what_it_replaces_is_let_go():
    net = trained(HDNetConfig(backbone='efficientnet_lite0', width=16))
    fast = for_inference(net)
    assert not hasattr(fast, 'fpn') and not any(name.startswith('layers_') for name, _ in fast.named_children())
    assert net.fused is None and hasattr(net, 'fpn')
    assert sum(p.numel() for p in fast.parameters()) < 1.1 * sum(p.numel() for p in net.parameters())
    images = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(for_inference(fast).encode(images).depth, fast.encode(images).depth)


def test_composed_convolutions():
    torch.manual_seed(0)
    first, smooth, heads = nn.Conv2d(3, 8, 1), nn.Conv2d(8, 6, 3, padding=1), [nn.Conv2d(6, 4, 1), nn.Conv2d(6, 5, 1)]
    x = torch.randn(1, 3, 7, 9)
    with torch.inference_mode():
        composed = compose(smooth, heads)
        torch.testing.assert_close(composed(first(x)), torch.cat([head(smooth(first(x))) for head in heads], dim=1))
        torch.testing.assert_close(compose(None, heads)(first(x)[:, :6]),
                                   torch.cat([head(first(x)[:, :6]) for head in heads], dim=1))
        both = compose_1x1(first, composed)
        assert both.bias is None
        first.bias.zero_()
        torch.testing.assert_close(both(x) + composed.bias.view(1, -1, 1, 1), composed(first(x)))
