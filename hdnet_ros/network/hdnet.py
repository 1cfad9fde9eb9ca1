"""The Human Depth Estimation Network (Lin and Lee, ECCV 2020)."""
from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from hdnet_ros.skeleton import joint_set

from .config import HDNetConfig
from .depth_bins import DepthBins
from .feature_head import LEVELS, level_head
from .fpn import FPN
from .gnn import FullyConnected, SkeletonGNN
from .heatmaps import masked_softmax, peak_position, pool_features, soft_argmax


class HDNetFeatures(NamedTuple):
    """What one pass over W windows yields, whoever is in them.

    heatmap_logits: (W, J, cells, cells); depth: (W, width, cells, cells).
    """

    heatmap_logits: torch.Tensor
    depth: torch.Tensor


class HDNetOutput(NamedTuple):
    """The estimate for P persons; at least float32.

    heatmaps: (P, J, cells, cells) probabilities, summing to 1 over the cells of the person's box.
    joints: (P, J, 2) expected positions in the unit of the coordinate maps: normalised camera coordinates x/z, y/z.
    bins: (P, NB) probabilities of the depth bins; (P, 0) with direct regression, which tells no distribution.
    bin_index: (P,) real index on the scale of ``DepthBins``: the expectation over the bins or, with direct
        regression, the regressed index itself, which may lie outside 0..NB-1.
    """

    heatmaps: torch.Tensor
    joints: torch.Tensor
    bins: torch.Tensor
    bin_index: torch.Tensor


class HDNet(nn.Module):
    """Root depth and 2D joints of people in windows of an image.

    The names of its tensors are those of the published checkpoints.
    """

    def __init__(self, config: HDNetConfig | None = None) -> None:
        super().__init__()
        self.config = config = config or HDNetConfig()
        width = config.width
        self.fpn = FPN(config.backbone, width)
        for branch in self.branches:
            for level in LEVELS:
                self.add_module(f'layers_{branch}_{level}', level_head(level, width))
        # Takes the place of the pyramid and the branches' layers in the fast form (``for_inference``).
        self.fused: nn.Module | None = None
        self.out_heatmap = nn.Conv2d(width, config.joints, 1)
        if config.gnn and config.heatmap_pooling:
            self.depth_gcn = SkeletonGNN(width, joint_set(config.joint_set).adjacency(), config.gnn_layers)
        else:
            self.depth_fc = FullyConnected(width, config.gnn_layers)
        if config.depth_head == 'bins':
            self.out_bins = nn.Linear(width, config.bins)
        else:
            self.out_index = nn.Linear(width, 1)
        # Only the order in memory: convolutions are faster in it, above all on CPUs.
        self.to(memory_format=torch.channels_last)

    @property
    def branches(self) -> tuple[str, ...]:
        """Prefixes of the branches' layers: heatmaps and depth, or one for both."""
        return ('hm',) if self.config.shared_features else ('hm', 'dm')

    def head(self, branch: str, level: int) -> nn.Sequential:
        """The layers of a branch at a level of the pyramid."""
        return self.get_submodule(f'layers_{branch}_{level}')

    @property
    def depth_bins(self) -> DepthBins:
        """The scale of ``bin_index``."""
        return DepthBins(self.config.alpha, self.config.beta, self.config.bins)

    def forward(self, images: torch.Tensor, coord_maps: torch.Tensor, masks: torch.Tensor) -> HDNetOutput:
        """One person per window; equal to ``decode(encode(images), range(B), coord_maps, masks)``.

        images: (B, 3, S, S) normalised RGB; coord_maps: (B, 2, S/4, S/4) normalised camera coordinates of each cell;
        masks: (B, S/4, S/4) of 0 and 1, or (B, J, S/4, S/4) weights (``joint_masks``).
        """
        return self.decode(self.encode(images), None, coord_maps, masks)

    def encode(self, images: torch.Tensor) -> HDNetFeatures:
        """Everything that does not depend on whose depth is asked for; once per window."""
        features = self.branch_features(images) if self.fused is None else self.fused(images)
        return HDNetFeatures(self.out_heatmap(features[0]), features[-1])

    def branch_features(self, images: torch.Tensor) -> list[torch.Tensor]:
        """images: (B, 3, S, S) to the multi-scale features (B, width, S/4, S/4) of each branch (Fig. 3b)."""
        pyramid = self.fpn(images)
        return [torch.cat([self.head(branch, level)(p) for level, p in zip(LEVELS, pyramid)], dim=1)
                for branch in self.branches]

    def decode(self, features: HDNetFeatures, window_index: torch.Tensor | np.ndarray | list[int] | None,
               coord_maps: torch.Tensor, masks: torch.Tensor) -> HDNetOutput:
        """The estimates for P persons in W windows; P may be 0.

        window_index: (P,) the window of each person; None if person i is in window i.
        coord_maps: (P, 2, cells, cells) and masks: (P, cells, cells) or (P, J, cells, cells), per person.
        ValueError if the numbers of persons differ.
        """
        logits, depth = features
        if window_index is not None:
            window_index = torch.as_tensor(window_index, dtype=torch.long, device=logits.device)
            logits = logits.index_select(0, window_index)
        if not len(logits) == len(coord_maps) == len(masks):
            raise ValueError(f'{len(logits)} persons, but {len(coord_maps)} coordinate maps and {len(masks)} masks')
        heatmaps = masked_softmax(logits, masks)
        bins, bin_index = self.depth_from_nodes(self.person_features(heatmaps, depth, window_index))
        return HDNetOutput(heatmaps, soft_argmax(heatmaps, coord_maps), bins, bin_index)

    def person_features(self, heatmaps: torch.Tensor, depth: torch.Tensor,
                        window_index: torch.Tensor | None) -> torch.Tensor:
        """(P, N, width): one vector per joint or, without heatmap pooling, one per person (N = 1)."""
        if self.config.heatmap_pooling:
            return pool_features(heatmaps, depth, window_index)
        mean = depth.mean(dim=(2, 3))[:, None]
        return mean if window_index is None else mean.index_select(0, window_index)

    def read_joints(self, output: HDNetOutput, coord_maps: torch.Tensor) -> torch.Tensor:
        """(P, J, 2) joints in the unit of the coordinate maps, decoded as the configuration says; not for losses.

        With ``'peak'``, other joints than the root lie at the peaks of their heatmaps. The root stays at its expected
        position: it carries the person, must not leap to a neighbour, and its covariance is that of all its heatmap.
        coord_maps: (P, 2, cells, cells), as they were for ``decode``.
        """
        if self.config.joint_decoding == 'soft_argmax':
            return output.joints
        joints = peak_position(output.heatmaps, coord_maps)
        root = joint_set(self.config.joint_set).root
        joints[:, root] = output.joints[:, root]
        return joints

    def depth_from_nodes(self, nodes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Bins (P, NB) and bin index (P,) from the vectors of ``person_features``, (P, N, width)."""
        layers = self.depth_gcn if hasattr(self, 'depth_gcn') else self.depth_fc
        person = layers(nodes.transpose(1, 2)).mean(dim=2)
        if self.config.depth_head == 'regression':
            # The layer tells the place between alpha (0) and beta (1), a number of the size that layers start with.
            place = _at_least_float32(self.out_index(person))[:, 0]
            return place.new_zeros(len(place), 0), place * (self.config.bins - 1)
        bins = _at_least_float32(self.out_bins(person)).softmax(dim=1)
        numbers = torch.arange(self.config.bins, dtype=bins.dtype, device=bins.device)
        return bins, (bins * numbers).sum(dim=1)


def _at_least_float32(x: torch.Tensor) -> torch.Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float32))
