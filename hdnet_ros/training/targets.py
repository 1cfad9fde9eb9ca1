"""What the network's output is compared with."""
from __future__ import annotations

from typing import NamedTuple

import torch


class Targets(NamedTuple):
    """The truth for P persons.

    cells: (P, J, 2) joints on the heatmap, x and y in cells; any number where unsupervised.
    joints: (P, J, 2) joints in normalised camera coordinates.
    supervised: (P, J) bool: which joints to learn from.
    bin_index: (P,) real index of the root's depth on the scale of ``DepthBins`` (eq. 6), not clipped; NaN: unknown.
    """

    cells: torch.Tensor
    joints: torch.Tensor
    supervised: torch.Tensor
    bin_index: torch.Tensor


def gaussian_heatmaps(cells: torch.Tensor, size: int, sigma_cells: float) -> torch.Tensor:
    """Target heatmaps: a Gaussian around each joint, as a probability map (paper section 4.2).

    cells: (..., 2) x and y in cells, which need not be whole.
    Returns (..., size, size), rows are y; each map is divided by its own sum, so that a joint far outside gives zeros.
    """
    numbers = torch.arange(size, dtype=cells.dtype, device=cells.device)
    profiles = torch.exp(-(numbers - cells[..., None]) ** 2 / (2 * sigma_cells ** 2))
    maps = profiles[..., 1, :, None] * profiles[..., 0, None, :]
    return maps / (maps.sum(dim=(-2, -1), keepdim=True) + 1e-10)
