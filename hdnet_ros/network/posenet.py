"""PoseNet: a root-relative 3D pose from a crop of one person (Moon et al., ICCV 2019; Sun et al., ECCV 2018)."""
from __future__ import annotations

import numpy as np
import torch
from torch import nn

from hdnet_ros.skeleton import joint_set as find_joint_set

from .config import IMAGENET_MEAN, IMAGENET_STD
from .deconvolutions import WIDTH, deconvolutions, init_head
from .resnet import ResNet50

CELLS = 64              # of the volume, in x and y
DEPTH_CELLS = 64        # of the volume, in z
VOLUME_DEPTH_MM = 2000.0
JOINT_SETS = {'human36m_18': 18, 'muco_21': 21}    # those with published weights, and their sizes


class PoseHead(nn.Module):
    """Three deconvolutions, then one channel per joint and depth cell: (B, 2048, 8, 8) to (B, J * 64, 64, 64)."""

    def __init__(self, joints: int) -> None:
        super().__init__()
        self.deconv_layers = deconvolutions()
        self.final_layer = nn.Conv2d(WIDTH, joints * DEPTH_CELLS, 1)
        init_head(self)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.final_layer(self.deconv_layers(x))


class PoseNet(nn.Module):
    """A volumetric 3D pose network; the names of its tensors are those of the published checkpoints.

    joint_set: ``'human36m_18'`` or ``'muco_21'``, or any other known set for weights of one's own.
    """

    def __init__(self, joint_set: str = 'human36m_18') -> None:
        super().__init__()
        self.joint_set = joint_set
        self.joints = len(find_joint_set(joint_set))
        self.backbone = ResNet50()
        self.head = PoseHead(self.joints)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Expected position of each joint in the volume.

        images: (B, 3, 256, 256) from ``posenet_input``.
        Returns (B, J, 3): x, y, z in cells, 0..63, at least float32.
        """
        c5 = self.backbone(images)[-1]
        volume = self.head(c5).unflatten(1, (self.joints, DEPTH_CELLS))
        return expected_cells(volume)

    def flip_test(self, images: torch.Tensor) -> torch.Tensor:
        """The mean of the estimates for images and for their mirror images; (B, J, 3) cells, as ``forward``."""
        return average_with_flipped(self(images), self(images.flip(3)), self.joint_set)


def expected_cells(volume: torch.Tensor) -> torch.Tensor:
    """Softmax over whole volumes, then the expectation along each axis: (B, J, D, H, W) to (B, J, 3) as x, y, z."""
    dtype = torch.promote_types(volume.dtype, torch.float32)
    probabilities = volume.to(dtype).flatten(2).softmax(dim=2).view_as(volume)
    over_z = probabilities.sum(dim=2)
    marginals = over_z.sum(dim=2), over_z.sum(dim=3), probabilities.sum(dim=(3, 4))
    # Rounding over so many cells leaves a softmax whose sum is off by 1e-4 on some CPUs: 0.002 cells, if it stayed.
    return torch.stack([(m * torch.arange(m.shape[2], dtype=dtype, device=m.device)).sum(dim=2) / m.sum(dim=2)
                        for m in marginals], dim=2)


def average_with_flipped(cells: torch.Tensor, cells_of_flipped: torch.Tensor, joint_set: str) -> torch.Tensor:
    """The mean of an estimate and of the one for the mirror image, mirrored back: x' = 63 - x, left is right.

    cells, cells_of_flipped: (B, J, 3).
    """
    back = cells_of_flipped[:, list(find_joint_set(joint_set).flip_order)].clone()
    back[..., 0] = CELLS - 1 - back[..., 0]
    return (cells + back) / 2


def cells_to_mm(z_cells: torch.Tensor | np.ndarray) -> torch.Tensor | np.ndarray:
    """Depth relative to the root joint, mm, of a place along z in cells; any shape."""
    return (z_cells / DEPTH_CELLS - 0.5) * VOLUME_DEPTH_MM


def posenet_input(crops_bgr: np.ndarray | torch.Tensor, device: str | torch.device = 'cpu') -> torch.Tensor:
    """The input for PoseNet: (B, 256, 256, 3) uint8 BGR to (B, 3, 256, 256) float32.

    The published weights were trained on values of 0..255 less a mean and over a deviation meant for 0..1; anything
    else gives nonsense.
    """
    rgb = torch.as_tensor(crops_bgr).to(device).flip(-1).permute(0, 3, 1, 2).float()
    mean, std = (torch.tensor(v, device=rgb.device).view(3, 1, 1) for v in (IMAGENET_MEAN, IMAGENET_STD))
    return (rgb - mean) / std
