"""Making the published uncertainty mean what it says, and writing the network for use."""
from __future__ import annotations

from pathlib import Path

import numpy as np

from hdnet_ros.network import HDNet, save_hdnet

from .errors import TrainingError
from .interval import TWO_SIDED_95
from .validation import COLUMNS

# Fewer people do not tell where 95 % of them are.
FEWEST_PEOPLE = 20


def sigma_scale(rows: np.ndarray) -> float:
    """The factor on the spread of the bins after which its 95 % interval holds 95 % of the true depths.

    rows: of ``validation.measure``.
    1 for a network without bins, which tells no spread, and for data without depths (2D). TrainingError if there are
    too few people with known depth.
    """
    error, spread = (rows[:, COLUMNS.index(name)] for name in ('log_error', 'log_spread'))
    if len(rows) and (np.isnan(spread).all() or np.isnan(error).all()):
        return 1.0
    known = np.isfinite(error) & (spread > 0)
    _require_enough(known)
    return float(np.quantile(np.abs(error[known]) / spread[known], 0.95, method='higher') / TWO_SIDED_95)


def check_people(rows: np.ndarray) -> None:
    """TrainingError if ``sigma_scale`` will find too few people in rows like these."""
    error, spread = (np.isfinite(rows[:, COLUMNS.index(name)]) for name in ('log_error', 'log_spread'))
    if spread.any() and error.any():
        _require_enough(error)


def _require_enough(known: np.ndarray) -> None:
    if known.sum() < FEWEST_PEOPLE:
        raise TrainingError(f'{known.sum()} people with known depth are too few to calibrate the uncertainty; '
                            f'validation needs at least {FEWEST_PEOPLE}')


def export(net: HDNet, scale: float, path: str | Path) -> HDNet:
    """Write a network with calibrated uncertainty as half precision .safetensors; returns it, on the CPU."""
    exported = HDNet(net.config.with_changes(sigma_scale=scale))
    exported.load_state_dict({name: value.cpu() for name, value in net.state_dict().items()})
    save_hdnet(exported, path, half=True)
    return exported.eval()
