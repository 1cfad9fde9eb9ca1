"""The feature pyramid and the first layers of the branches, in fewer convolutions."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import nn

from .feature_head import LEVELS
from .frozen_conv import frozen_conv
from .upsampled_conv import UpsampledConv2d

if TYPE_CHECKING:
    from .hdnet import HDNet

_FINEST = LEVELS[0]


class FusedPyramid(nn.Module):
    """Equal to ``HDNet.branch_features`` to rounding, with fewer products; for inference only.

    From the sums of the pyramid to the first activations of the branches everything is linear. So at each level
    smoothing and the first layers of both branches become one convolution. The finest sum, where most of the products
    are, is not formed at all if its lateral map is narrow: what comes from above is convolved before it is upsampled,
    and the lateral map in its own few channels.
    """

    def __init__(self, net: HDNet) -> None:
        """net: its batch normalisations already folded into the convolutions; its layers are shared, not copied."""
        super().__init__()
        fpn = net.fpn
        self.trunk, self.top = fpn.trunk, fpn.toplayer
        laterals = {2: fpn.flatlayer3, 3: fpn.flatlayer2, 4: fpn.flatlayer1}
        smooths = {2: fpn.smooth3, 3: fpn.smooth2, 4: fpn.smooth1}
        heads = {level: [net.head(branch, level) for branch in net.branches] for level in LEVELS}
        firsts = {level: compose(smooths.get(level), [head[0] for head in heads[level]]) for level in LEVELS}
        finest = laterals[_FINEST]
        # Of 9 products per channel and place on the sum, 4 on what is upsampled remain, and 9 on the lateral map.
        self.narrow = 9 * finest.in_channels + 4 * finest.out_channels < 9 * finest.out_channels
        if self.narrow:
            first = firsts[_FINEST]
            # Zeros around the sum are not zeros around a map with a bias: so that one goes with what is upsampled.
            self.register_buffer('finest_bias', finest.bias.detach()[:, None, None], persistent=False)
            laterals[_FINEST] = compose_1x1(finest, first)
            firsts[_FINEST] = UpsampledConv2d(first, 2)
        self.laterals = _by_level(laterals)
        self.firsts = _by_level(firsts)
        # A head is a 1 x 1 layer, its normalisation (folded away), ReLU, and the rest.
        self.rests = _by_level({level: nn.ModuleList(head[3:] for head in heads[level]) for level in LEVELS})

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """images: (B, 3, S, S) to (B, width, S/4, S/4) per branch."""
        *finer, coarsest = self.trunk(images)
        above = self.top(coarsest)
        parts = [self._of_level(LEVELS[-1], self.firsts[str(LEVELS[-1])](above))]
        for level, lateral in zip(reversed(LEVELS[:-1]), reversed(finer)):
            flat = self.laterals[str(level)](lateral)
            if level == _FINEST and self.narrow:
                first = self.firsts[str(level)](above + self.finest_bias) + flat
            else:
                above = flat + F.interpolate(above, size=flat.shape[-2:], mode='nearest')
                first = self.firsts[str(level)](above)
            parts.append(self._of_level(level, first))
        return [torch.cat(maps[::-1], dim=1) for maps in zip(*parts)]

    def _of_level(self, level: int, first: torch.Tensor) -> list[torch.Tensor]:
        """(B, width/4, S/4, S/4) per branch, from the outputs of all branches' first layers."""
        rests = self.rests[str(level)]
        return [rest(part) for rest, part in zip(rests, F.relu_(first).chunk(len(rests), dim=1))]


def compose(inner: nn.Conv2d | None, outers: Sequence[nn.Conv2d]) -> nn.Conv2d:
    """One convolution that gives the outputs of all ``outers`` (1 x 1, no padding) on that of ``inner``, in a row.

    inner: any plain convolution; None if there is nothing before.
    """
    matrix = torch.cat([outer.weight for outer in outers]).detach().double().flatten(1)
    bias = torch.cat([outer.bias for outer in outers]).detach().double()
    if inner is None:
        return frozen_conv(matrix[:, :, None, None], bias, outers[0], padding=0)
    weight = torch.einsum('oc,cikl->oikl', matrix, inner.weight.detach().double())
    return frozen_conv(weight, matrix @ inner.bias.detach().double() + bias, inner, inner.padding[0])


def compose_1x1(inner: nn.Conv2d, outer: nn.Conv2d) -> nn.Conv2d:
    """One convolution that is ``outer`` on ``inner`` (1 x 1, no padding) but for the biases of both."""
    matrix = inner.weight.detach().double().flatten(1)
    weight = torch.einsum('ockl,ci->oikl', outer.weight.detach().double(), matrix)
    return frozen_conv(weight, None, outer, outer.padding[0])


def _by_level(modules: dict[int, nn.Module]) -> nn.ModuleDict:
    return nn.ModuleDict({str(level): module for level, module in modules.items()})
