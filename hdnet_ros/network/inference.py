"""Getting a trained network ready to run: its input from images, and a faster equivalent of itself."""
from __future__ import annotations

import copy
from typing import TypeVar

import numpy as np
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from .config import HDNetConfig
from .fused_pyramid import FusedPyramid
from .hdnet import HDNet
from .upsampled_conv import UpsampledConv2d

Net = TypeVar('Net', bound=nn.Module)


def hdnet_input(windows_bgr: np.ndarray | torch.Tensor, config: HDNetConfig,
                device: str | torch.device = 'cpu') -> torch.Tensor:
    """The input for HDNet: (W, S, S, 3) uint8 BGR to (W, 3, S, S) float32, RGB, normalised by the configuration."""
    rgb = torch.as_tensor(windows_bgr).to(device).flip(-1).permute(0, 3, 1, 2)
    mean, std = (torch.tensor(v, device=rgb.device).view(3, 1, 1) for v in (config.mean, config.std))
    return (rgb.float() / 255 - mean) / std


def for_inference(net: Net) -> Net:
    """A copy of a network for evaluation only: the same results to rounding, less time.

    Batch normalisations are folded into the convolutions before them, upsampling into those after it, HDNet's pyramid
    into its branches, and weights go to the channels-last order.
    The copy has other tensor names and cannot be trained or saved as a checkpoint.
    """
    net = copy.deepcopy(net).eval().requires_grad_(False)
    _fold_batchnorm(net)
    _fold_upsampling(net)
    if isinstance(net, HDNet) and net.fused is None:
        _fold_pyramid(net)
    return net.to(memory_format=torch.channels_last)


def _fold_batchnorm(module: nn.Module) -> None:
    previous: tuple[str, nn.Module] | None = None
    for name, child in list(module.named_children()):
        if isinstance(child, nn.BatchNorm2d) and previous and isinstance(previous[1],
                                                                         (nn.Conv2d, nn.ConvTranspose2d)):
            transpose = isinstance(previous[1], nn.ConvTranspose2d)
            setattr(module, previous[0], fuse_conv_bn_eval(previous[1], child, transpose=transpose))
            setattr(module, name, nn.Identity())
        else:
            _fold_batchnorm(child)
        previous = name, child


def _fold_upsampling(net: nn.Module) -> None:
    """Within each sequence, an upsampling and the convolution right after it become one."""
    for sequence in [m for m in net.modules() if isinstance(m, nn.Sequential)]:
        for i, (upsample, conv) in enumerate(zip(sequence, sequence[1:])):
            if isinstance(upsample, nn.Upsample) and upsample.mode == 'nearest' and isinstance(conv, nn.Conv2d):
                sequence[i], sequence[i + 1] = nn.Identity(), UpsampledConv2d(conv, int(upsample.scale_factor))


def _fold_pyramid(net: HDNet) -> None:
    net.fused = FusedPyramid(net)
    del net.fpn
    for name in [name for name, _ in net.named_children() if name.startswith('layers_')]:
        delattr(net, name)
