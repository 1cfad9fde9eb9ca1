"""One level of the multi-scale feature extraction (paper Fig. 3b)."""
from __future__ import annotations

from torch import nn

LEVELS = (2, 3, 4, 5)   # of the pyramid; level n has stride 2**n


def level_head(level: int, width: int) -> nn.Sequential:
    """Layers from pyramid level (B, width, S/2**level, same) to (B, width/4, S/4, same).

    Level 2 has the resolution of the output already and so no upsampling: its later layers are numbered one lower.
    """
    upsample = [nn.Upsample(scale_factor=2 ** (level - 2), mode='nearest')] if level > 2 else []
    return nn.Sequential(
        nn.Conv2d(width, width // 2, 1, bias=False), nn.BatchNorm2d(width // 2), nn.ReLU(inplace=True),
        *upsample,
        nn.Conv2d(width // 2, width // 4, 3, padding=1, bias=False), nn.BatchNorm2d(width // 4), nn.ReLU(inplace=True))
