"""The EfficientNet-lite0 trunk: EfficientNet-B0 without squeeze-and-excitation, with ReLU6."""
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

# Per stage: expansion, output channels, number of blocks, stride of the first, kernel.
STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5),
          (6, 192, 4, 2, 5), (6, 320, 1, 1, 3))
TAPPED_STAGES = (1, 2, 4, 6)    # the last ones at each of the strides
STRIDES = (4, 8, 16, 32)


class ConvBN(nn.Module):
    """Convolution, batch normalisation and, if asked, ReLU6.

    Padding is TensorFlow's 'SAME', as in the published weights: with stride 2 on an even size, the odd row and
    column of zeros go to the bottom and right.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel: int = 1, stride: int = 1, groups: int = 1,
                 activation: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel, stride, groups=groups, bias=False,
                              padding=kernel // 2)
        self.bn = nn.BatchNorm2d(out_channels, eps=1e-3, momentum=0.01)
        self.activation = nn.ReLU6(inplace=True) if activation else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.activation(self.bn(self._convolve(x)))

    def _convolve(self, x: torch.Tensor) -> torch.Tensor:
        depthwise = self.conv.groups > 1
        if depthwise and x.device.type == 'cpu' and torch.is_autocast_enabled('cpu'):
            # CPUs take several times as long for gradients of depthwise convolutions in low precision.
            with torch.autocast('cpu', enabled=False):
                return self._pad_and_convolve(x.to(self.conv.weight.dtype))
        return self._pad_and_convolve(x)

    def _pad_and_convolve(self, x: torch.Tensor) -> torch.Tensor:
        if self.conv.stride[0] == 1:
            return self.conv(x)
        # With even zeros around, the kernel would lie one too far up and left on an even size; a row and a column of
        # zeros before its weights set that right, and cost less than a padded copy of the map.
        early = [1 - size % 2 for size in (x.shape[3], x.shape[2])]
        weight = F.pad(self.conv.weight, (early[0], 0, early[1], 0))
        return F.conv2d(x, weight, self.conv.bias, self.conv.stride, self.conv.kernel_size[0] // 2,
                        groups=self.conv.groups)


class InvertedResidual(nn.Module):
    """Expand by 1x1, filter each channel, project by 1x1; a shortcut where the shape stays."""

    def __init__(self, in_channels: int, out_channels: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        inner = in_channels * expansion
        self.expand = ConvBN(in_channels, inner) if expansion > 1 else nn.Identity()
        self.depthwise = ConvBN(inner, inner, kernel, stride, groups=inner)
        self.project = ConvBN(inner, out_channels, activation=False)
        self.shortcut = stride == 1 and in_channels == out_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.project(self.depthwise(self.expand(x)))
        return out.add_(x) if self.shortcut else out


class EfficientNetLite0(nn.Module):
    """EfficientNet-lite0 without its last 1x1 convolution and classifier.

    images (B, 3, H, W) to four feature maps, finest first, at strides 4, 8, 16 and 32.
    """

    channels = tuple(STAGES[i][1] for i in TAPPED_STAGES)

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvBN(3, 32, kernel=3, stride=2)
        blocks, channels, self.taps = [], 32, []
        for number, (expansion, out_channels, repeats, stride, kernel) in enumerate(STAGES):
            for i in range(repeats):
                blocks.append(InvertedResidual(channels, out_channels, expansion, kernel, stride if i == 0 else 1))
                channels = out_channels
            if number in TAPPED_STAGES:
                self.taps.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode='fan_out')

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x, maps = self.stem(images), []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self.taps:
                maps.append(x)
        return tuple(maps)

    def layers_up_to(self, stride: int) -> list[nn.Module]:
        """The layers that make the feature maps down to a stride of 4, 8, 16 or 32."""
        return [self.stem, *self.blocks[:self.taps[STRIDES.index(stride)] + 1]]
