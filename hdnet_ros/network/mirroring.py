"""HDNet on windows and their mirror images: the two estimates err differently, so their mean errs less."""
from __future__ import annotations

import numpy as np
import torch

from hdnet_ros.skeleton import joint_set

from .hdnet import HDNet, HDNetOutput
from .heatmaps import soft_argmax


def flip_test(net: HDNet, images: torch.Tensor, window_index: torch.Tensor | np.ndarray | list[int] | None,
              coord_maps: torch.Tensor, masks: torch.Tensor) -> HDNetOutput:
    """The mean of what the network says about windows and about their mirror images; two passes.

    images: (W, 3, S, S); the rest, and what is returned, as in ``HDNet.decode``.
    """
    order = list(joint_set(net.config.joint_set).flip_order)
    one = net.decode(net.encode(images), window_index, coord_maps, masks)
    mirrored_masks = mirrored(masks) if masks.ndim == 3 else mirrored(masks)[:, order]
    flipped = mirrored(images).contiguous(memory_format=torch.channels_last)
    # Its joints would need mirrored coordinates, too, but only heatmaps are taken from it.
    other = net.decode(net.encode(flipped), window_index, coord_maps, mirrored_masks)
    # Somebody at the left border alone is not in the mirror image.
    share = mirrored_masks.flatten(1).any(dim=1).to(one.heatmaps.dtype) / 2
    heatmaps = one.heatmaps.lerp(mirrored(other.heatmaps)[:, order], share[:, None, None, None])
    return HDNetOutput(heatmaps, soft_argmax(heatmaps, coord_maps), one.bins.lerp(other.bins, share[:, None]),
                       one.bin_index.lerp(other.bin_index, share))


def mirrored(maps: torch.Tensor) -> torch.Tensor:
    """(..., N): column i becomes column N - i, as heatmap cells lie in their window (no half pixel); column 0 is empty.

    So the mirror image of a window has its heatmap cells at the mirror images of the window's own.
    """
    return torch.nn.functional.pad(maps.flip(-1)[..., :-1], (1, 0))
