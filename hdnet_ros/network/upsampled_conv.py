"""Nearest-neighbour upsampling and the convolution after it, in one."""
from __future__ import annotations

import torch
from torch import nn

from .frozen_conv import frozen_conv


class UpsampledConv2d(nn.Module):
    """Equal to ``conv(nn.Upsample(scale, mode='nearest')(x))`` to rounding, with 4/9 of the products or less.

    x: (B, C, h, w) to (B, C', scale h, scale w); for inference only.
    conv: a plain 3 x 3 convolution with zeros around, stride 1.

    An upsampled cell is scale x scale equal values, so along each axis the kernel sees no more than two of them: the
    first place of a cell sees the cell before with one weight and its own with the sum of two, the last place likewise,
    those between see only their own. Each kind of place is a 2 x 2 kernel on the cells, and all are convolved at once.
    ValueError for another kind of convolution.
    """

    def __init__(self, conv: nn.Conv2d, scale: int) -> None:
        super().__init__()
        kind = conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups
        if kind != ((3, 3), (1, 1), (1, 1), (1, 1), 1):
            raise ValueError(f'a plain 3 x 3 convolution is needed, not {conv}')
        self.scale = scale
        # Per kind of place: how the three weights of an axis fall on two cells; the cell of its place is the second of
        # the two, of the last kind the first.
        kinds = [[[1, 0, 0], [0, 1, 1]], [[0, 0, 0], [1, 1, 1]], [[1, 1, 0], [0, 0, 1]]]
        if scale == 2:
            del kinds[1]
        fall = torch.tensor(kinds, dtype=conv.weight.dtype, device=conv.weight.device)
        self.kinds = len(kinds)
        weight = torch.einsum('aky,blx,oiyx->aboikl', fall, fall, conv.weight.detach())
        bias = None if conv.bias is None else conv.bias.detach().repeat(self.kinds ** 2)
        self.conv = frozen_conv(weight.flatten(0, 2), bias, conv, padding=1)
        self._sources: dict[tuple[int, int, torch.device], torch.Tensor] = {}

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        count, _, height, width = x.shape
        size = height, width, x.device
        if size not in self._sources:
            self._sources = {size: self._places(height, width).to(x.device)}
        # (B, pairs of cells and kinds, C'): no copy if the convolution's output is channels-last
        found = self.conv(x).permute(0, 2, 3, 1).reshape(count, (height + 1) * (width + 1) * self.kinds ** 2, -1)
        out = found.index_select(1, self._sources[size])
        return out.view(count, height * self.scale, width * self.scale, -1).permute(0, 3, 1, 2)

    def _places(self, height: int, width: int) -> torch.Tensor:
        """(scale height * scale width,) the pair of cells and the kind that give each place of the output."""
        (rows, row_kinds), (columns, column_kinds) = self._axis(height), self._axis(width)
        pair = rows[:, None] * (width + 1) + columns
        return ((pair * self.kinds + row_kinds[:, None]) * self.kinds + column_kinds).flatten()

    def _axis(self, cells: int) -> tuple[torch.Tensor, torch.Tensor]:
        """(scale cells,) for each place of an axis: the number of its pair of cells, and its kind."""
        place = torch.arange(cells * self.scale)
        within = place % self.scale
        last = within == self.scale - 1
        return place // self.scale + last, torch.where(last, self.kinds - 1, (within > 0).long())
