"""How good a network is on the validation split: one row of numbers per person, and figures over all of them."""
from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from hdnet_ros.network import HDNet
from hdnet_ros.skeleton import joint_set

from .batch import Batch
from .config import TrainingConfig
from .interval import TWO_SIDED_95
from .learner import WindowNet, estimate
from .losses import hdnet_losses

# What is measured for each person; see ``measure``.
COLUMNS = ('log_error', 'log_spread', 'root_error_m', 'joint_error', 'joints_close', 'loss')
# A joint within this share of the torso's length counts as close.
CLOSE = 0.2


@torch.inference_mode()
def measure(net: HDNet, config: TrainingConfig, batches: Iterable[Batch | None], device: torch.device
            ) -> np.ndarray:
    """One row per person, (P, 6), in the order of ``COLUMNS``; NaN where a person has no truth for it.

    log_error: ln(estimated depth / true depth) of the root; log_spread: the standard deviation of ln(depth) that the
    bins tell, unscaled; root_error_m: distance between estimated and true root; joint_error: mean distance of the
    joints in the image over the length of the torso (hip to thorax); joints_close: share of the joints within a fifth
    of it; loss: the weighted sum of the losses, always with the weights of the first epoch: the falling ones of later
    epochs would make each epoch look better than the one before.
    """
    wrapped, bins = WindowNet(net).eval(), net.depth_bins
    joints = joint_set(config.network.joint_set)
    rows = [np.empty((0, len(COLUMNS)))]
    for batch in batches:
        if batch is None:
            continue
        batch = batch.to(device)
        out = estimate(wrapped, config, batch)
        loss = hdnet_losses(out, batch.targets, bins, config.losses).total(config.losses, epoch=0)
        depth_m = bins.depth_m(out.bin_index.double(), batch.equivalent_focal_px.double())
        true_m = batch.root_depth_m.double()
        ray = torch.nn.functional.pad(out.joints[:, joints.root].double(), (0, 1), value=1.0)
        true_ray = torch.nn.functional.pad(batch.root_ray.double(), (0, 1), value=1.0)
        root_error = (ray * depth_m[:, None] - true_ray * true_m[:, None]).norm(dim=1)
        seen = net.read_joints(out, batch.coord_maps[batch.window_index])
        errors = _joint_errors(seen.double(), batch, joints.index('hip'), joints.index('thorax'))
        values = (depth_m / true_m).log(), bins.log_spread(out.bins.double()), root_error, *errors, loss.double()
        rows.append(torch.stack(values, dim=1).cpu().numpy())
    return np.concatenate(rows)


def _joint_errors(estimated: torch.Tensor, batch: Batch, hip: int, thorax: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(P,) mean distance over the torso, and (P,) share of close joints; NaN where the torso is unknown."""
    truth, supervised = batch.targets.joints.double(), batch.targets.supervised
    torso = (truth[:, hip] - truth[:, thorax]).norm(dim=1)
    torso = torch.where(supervised[:, hip] & supervised[:, thorax], torso, torch.nan)
    distance = (estimated - truth).norm(dim=2) / torso[:, None]
    count = supervised.sum(dim=1)
    mean = torch.where(supervised, distance, 0.0).sum(dim=1) / count
    close = (supervised & (distance <= CLOSE)).sum(dim=1) / count
    return mean, torch.where(torso.isfinite(), close.double(), torch.nan)


def figures(rows: np.ndarray, sigma_scale: float = 1.0) -> dict[str, float]:
    """Figures over all people from the rows of ``measure``; NaN where nobody has the truth.

    depth_median, depth_mean: of the relative depth error; depth_bias: median with its sign; root errors in metres;
    coverage_95: share of the people whose true depth lies within the interval that should hold 95 %.
    """
    column = dict(zip(COLUMNS, rows.T))
    error, spread = column['log_error'], column['log_spread'] * sigma_scale
    relative = np.abs(np.expm1(error))
    both = np.isfinite(error) & np.isfinite(spread)

    def over(function, values: np.ndarray) -> float:
        values = values[np.isfinite(values)]
        return float(function(values)) if len(values) else float('nan')
    return {
        'people': float(len(rows)),
        'depth_median': over(np.median, relative), 'depth_mean': over(np.mean, relative),
        'depth_bias': over(np.median, np.expm1(error)),
        'root_error_median_m': over(np.median, column['root_error_m']),
        'root_error_mean_m': over(np.mean, column['root_error_m']),
        'joint_error': over(np.mean, column['joint_error']), 'joints_close': over(np.mean, column['joints_close']),
        'coverage_95': over(np.mean, (np.abs(error) <= TWO_SIDED_95 * spread)[both].astype(np.float64)),
        'loss': over(np.mean, column['loss']),
    }
