"""A convolution whose weights are calculated from others."""
from __future__ import annotations

import torch
from torch import nn


def frozen_conv(weight: torch.Tensor, bias: torch.Tensor | None, like: nn.Conv2d, padding: int) -> nn.Conv2d:
    """A plain convolution with these weights (C', C, k, k), not to be trained, as precise and where another one is."""
    conv = nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2], padding=padding, bias=bias is not None,
                     device=like.weight.device, dtype=like.weight.dtype).requires_grad_(False)
    conv.weight.copy_(weight)
    if bias is not None:
        conv.bias.copy_(bias)
    return conv
