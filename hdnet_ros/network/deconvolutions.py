"""The layers that PoseNet and RootNet share between the trunk and their heatmaps."""
from __future__ import annotations

from torch import nn

from .resnet import ResNet50

WIDTH = 256     # channels that come out


def deconvolutions() -> nn.Sequential:
    """Three deconvolutions, each of which doubles the resolution: (B, 2048, S/32, S/32) to (B, 256, S/4, S/4)."""
    layers: list[nn.Module] = []
    for in_channels in (ResNet50.channels[-1], WIDTH, WIDTH):
        layers += [nn.ConvTranspose2d(in_channels, WIDTH, 4, 2, 1, bias=False), nn.BatchNorm2d(WIDTH),
                   nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


def init_head(head: nn.Module) -> None:
    """Small random weights and no biases for all convolutions of a head that starts with ``deconvolutions``."""
    for module in head.modules():
        if isinstance(module, (nn.ConvTranspose2d, nn.Conv2d)):
            nn.init.normal_(module.weight, std=0.001)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
