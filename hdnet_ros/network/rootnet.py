"""RootNet: the root of one person from a crop (Moon et al., ICCV 2019, section 5)."""
from __future__ import annotations

import os

import torch
from torch import nn

from .checkpoint_file import config_of, fill, read_checkpoint, weights_of, write_safetensors
from .deconvolutions import WIDTH, deconvolutions, init_head
from .posenet import expected_cells
from .resnet import ResNet50


class RootHead(nn.Module):
    """Two branches on the last features: a heatmap of the root, and the factor gamma that corrects k."""

    def __init__(self) -> None:
        super().__init__()
        self.deconv_layers = deconvolutions()
        self.xy_layer = nn.Conv2d(WIDTH, 1, 1)
        self.depth_layer = nn.Conv2d(ResNet50.channels[-1], 1, 1)
        init_head(self)

    def forward(self, c5: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(B, 2048, S/32, S/32) to heatmap logits (B, 1, S/4, S/4) and gamma (B, 1)."""
        gamma = self.depth_layer(c5.mean(dim=(2, 3), keepdim=True))
        return self.xy_layer(self.deconv_layers(c5)), gamma.flatten(1)


class RootNet(nn.Module):
    """A network for the camera-space root of a person; the names of its tensors are those of the published ones."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet50()
        self.root = RootHead()

    def forward(self, images: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        """Where the root is.

        images: (B, 3, 256, 256) from ``posenet_input``: the published weights of both networks were trained on the same
            odd range of values.
        k: (B,) the distance at which the person would fill 2 m x 2 m of the crop, in any unit of length.
        Returns (B, 3): x and y in cells, 0..63, and the depth in the unit of k; at least float32.
        """
        heatmap, gamma = self.root(self.backbone(images)[-1])
        cells = expected_cells(heatmap.unsqueeze(2))[:, 0, :2]
        return torch.cat([cells, gamma * k.unsqueeze(1)], dim=1)


def load_rootnet(path: str | os.PathLike[str], device: str | torch.device = 'cpu') -> RootNet:
    """A RootNet in evaluation mode, float32, from our .safetensors or a published snapshot_N.pth.tar.

    CheckpointError for any file that cannot be used, with the reason.
    """
    content, metadata = read_checkpoint(path)
    if metadata is None:
        content = weights_of(content, 'network', path)
    else:
        config_of(metadata, 'RootNet', path)
    net = RootNet()
    fill(net, content, path)
    return net.eval().to(device)


def save_rootnet(net: RootNet, path: str | os.PathLike[str], half: bool = False) -> None:
    """Write .safetensors; half stores the weights as float16."""
    write_safetensors(net, path, 'RootNet', {}, half)
