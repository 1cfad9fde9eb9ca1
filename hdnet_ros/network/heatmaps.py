"""Heatmaps as probability maps: masking, expected position, peak, spread, and pooling of features."""
from __future__ import annotations

import torch

# Half the side of the square around a peak, cells: three deviations of the heatmaps that lite is taught, four of those
# of the paper.
_PEAK_RADIUS = 3


def masked_softmax(logits: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Probability of each cell inside a person's box (paper section 3.2, '2D Pose Estimation Branch').

    Masking the logits equals zeroing the heatmap outside the box and scaling the rest back to a sum of 1.
    With weights for each joint (``joint_masks``), a cell counts so much less: ln(weight) is added to its logit.
    logits: (P, J, H, W), any floating dtype; masks: (P, H, W), non-zero inside the box, or (P, J, H, W) weights.
    Returns (P, J, H, W), at least float32; a mask that is zero everywhere gives a uniform map.
    """
    dtype = torch.promote_types(logits.dtype, torch.float32)
    # The lowest finite number, not -inf, so that a row without any cell stays free of NaN.
    lowest = torch.tensor(torch.finfo(dtype).min, dtype=dtype, device=logits.device)
    if masks.ndim == 3:
        masked = torch.where(masks[:, None] > 0, logits.to(dtype), lowest)
    else:
        masked = torch.where(masks > 0, logits.to(dtype) + masks.to(dtype).log(), lowest)
    return masked.flatten(2).softmax(dim=-1).view_as(masked)


def soft_argmax(heatmaps: torch.Tensor, coord_maps: torch.Tensor) -> torch.Tensor:
    """Expected position of each joint (eq. 1).

    heatmaps: (P, J, H, W) probabilities; coord_maps: (P, 2, H, W) position of each cell, any unit.
    Returns (P, J, 2) in the unit of the coordinate maps.
    """
    # Not a matrix product: under autocast that would round positions to 8 bits of mantissa.
    return (heatmaps.flatten(2)[:, :, None] * coord_maps.to(heatmaps.dtype).flatten(2)[:, None]).sum(dim=-1)


def peak_position(heatmaps: torch.Tensor, coord_maps: torch.Tensor) -> torch.Tensor:
    """Expected position of each joint near the peak of its heatmap.

    Where a heatmap has several peaks, such as the left knee and the right one, eq. 1 lies between them; this chooses.
    Not for losses: the choice has no gradient.
    heatmaps: (P, J, H, W) probabilities; coord_maps: (P, 2, H, W) position of each cell, any unit.
    Returns (P, J, 2) in the unit of the coordinate maps.
    """
    # Smoothed, so that noise in one cell does not choose.
    peak = torch.nn.functional.avg_pool2d(heatmaps, 3, stride=1, padding=1).flatten(2).argmax(dim=2)[..., None]
    height, width = heatmaps.shape[2:]
    rows, columns = (torch.arange(side, device=heatmaps.device) for side in (height, width))
    in_rows = (rows - peak // width).abs() <= _PEAK_RADIUS
    in_columns = (columns - peak % width).abs() <= _PEAK_RADIUS
    near = heatmaps * in_rows[..., None] * in_columns[:, :, None]
    return soft_argmax(near / near.sum(dim=(2, 3), keepdim=True), coord_maps)


def position_covariance(heatmaps: torch.Tensor, coord_maps: torch.Tensor) -> torch.Tensor:
    """Spread of each joint's heatmap around its expected position, as a covariance.

    heatmaps: (P, J, H, W) probabilities; coord_maps: (P, 2, H, W), e.g. normalised camera coordinates.
    Returns (P, J, 2, 2), symmetric and positive semi-definite, in the squared unit of the coordinate maps.
    Where only some joints matter, pass only their heatmaps.
    """
    offsets = coord_maps.to(heatmaps.dtype).flatten(2)[:, None] - soft_argmax(heatmaps, coord_maps)[..., None]
    weighted = offsets * heatmaps.flatten(2)[:, :, None]
    return (weighted[:, :, :, None] * offsets[:, :, None]).sum(dim=-1)


def pool_features(heatmaps: torch.Tensor, features: torch.Tensor,
                  window_index: torch.Tensor | None = None) -> torch.Tensor:
    """Sum of the features of all cells, weighted by each joint's heatmap (eq. 4), as a matrix product.

    heatmaps: (P, J, H, W); features: (W, C, H, W) of W windows.
    window_index: (P,) each person's window; None if person i is in window i.
    Returns (P, J, C) in the dtype of the features.
    """
    weights = heatmaps.flatten(2).to(features.dtype)
    cells = features.flatten(2).transpose(1, 2)
    if window_index is None:
        return weights @ cells
    # One product per window, for all its people at once: the features are never copied per person.
    people = [(window_index == window).nonzero()[:, 0] for window in range(len(features))]
    # Unbound at once: the gradient of each indexing would be a tensor of zeros as large as all features.
    pooled = torch.cat([weights[these] @ each for these, each in zip(people, cells.unbind(0))])
    return pooled[torch.cat(people).argsort()]
