"""The feature pyramid: four feature maps of equal width from a trunk's four strides (paper Fig. 3a)."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .efficientnet_lite import EfficientNetLite0
from .resnet import ResNet50

# Configuration name: attribute that holds the trunk (it begins every tensor name of the trunk), class.
TRUNKS = {'resnet50': ('resnet', ResNet50), 'efficientnet_lite0': ('efficientnet', EfficientNetLite0)}


class FPN(nn.Module):
    """Trunk and pyramid: images (B, 3, S, S) to P2, P3, P4, P5, (B, width, S/4..S/32, the same).

    The sums of the top-down path cascade unsmoothed; P5 is not smoothed at all.
    """

    def __init__(self, backbone: str, width: int) -> None:
        super().__init__()
        self.trunk_name, trunk_class = TRUNKS[backbone]
        self.add_module(self.trunk_name, trunk_class())
        c2, c3, c4, c5 = trunk_class.channels
        self.toplayer = nn.Conv2d(c5, width, 1)
        self.flatlayer1 = nn.Conv2d(c4, width, 1)
        self.flatlayer2 = nn.Conv2d(c3, width, 1)
        self.flatlayer3 = nn.Conv2d(c2, width, 1)
        self.smooth1 = nn.Conv2d(width, width, 3, padding=1)
        self.smooth2 = nn.Conv2d(width, width, 3, padding=1)
        self.smooth3 = nn.Conv2d(width, width, 3, padding=1)

    @property
    def trunk(self) -> ResNet50 | EfficientNetLite0:
        """The backbone, whatever its attribute is called."""
        return self.get_submodule(self.trunk_name)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        c2, c3, c4, c5 = self.trunk(images)
        p5 = self.toplayer(c5)
        p4 = _add_upsampled(p5, self.flatlayer1(c4))
        p3 = _add_upsampled(p4, self.flatlayer2(c3))
        p2 = _add_upsampled(p3, self.flatlayer3(c2))
        return self.smooth3(p2), self.smooth2(p3), self.smooth1(p4), p5


def _add_upsampled(coarse: torch.Tensor, lateral: torch.Tensor) -> torch.Tensor:
    return lateral + F.interpolate(coarse, size=lateral.shape[-2:], mode='nearest')
