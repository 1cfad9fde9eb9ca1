import pytest
import torch

from hdnet_ros.network.efficientnet_lite import EfficientNetLite0
from hdnet_ros.network.fpn import FPN
from hdnet_ros.network.resnet import ResNet50


@pytest.mark.parametrize('backbone, trunk, prefix, width', [
    ('resnet50', ResNet50, 'resnet.', 256), ('efficientnet_lite0', EfficientNetLite0, 'efficientnet.', 96)])
def test_levels(backbone, trunk, prefix, width):
    with torch.device('meta'):
        fpn = FPN(backbone, width)
        levels = fpn(torch.empty(2, 3, 256, 256))
    assert [tuple(p.shape) for p in levels] == [(2, width, s, s) for s in (64, 32, 16, 8)]
    assert isinstance(fpn.trunk, trunk)
    assert all(name.startswith((prefix, 'toplayer', 'flatlayer', 'smooth')) for name in fpn.state_dict())


def test_size_of_the_pyramid():
    with torch.device('meta'):
        fpn = FPN('resnet50', 256)
    assert sum(p.numel() for n, p in fpn.named_parameters() if not n.startswith('resnet')) == 2_754_304


def test_sums_cascade_unsmoothed():
    """With smoothing switched off and laterals silent, every level is the top one repeated."""
    torch.manual_seed(0)
    fpn = FPN('efficientnet_lite0', 8).eval()
    with torch.inference_mode():
        for lateral in (fpn.flatlayer1, fpn.flatlayer2, fpn.flatlayer3):
            lateral.weight.zero_()
            lateral.bias.zero_()
        images = torch.randn(1, 3, 64, 64)
        for smooth in (fpn.smooth1, fpn.smooth2):
            smooth.weight.zero_()
        torch.nn.init.dirac_(fpn.smooth3.weight)
        fpn.smooth3.bias.zero_()
        p2, _, _, p5 = fpn(images)
    assert torch.equal(p2, p5.repeat_interleave(8, dim=2).repeat_interleave(8, dim=3))
