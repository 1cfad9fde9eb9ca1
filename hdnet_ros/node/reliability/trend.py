"""Whether something grows."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

_BLOCKS = 20


@dataclass(frozen=True)
class Trend:
    """A slope and its confidence interval, per unit of x; first and last are means of the outer fifths of the data."""

    slope: float
    low: float
    high: float
    first: float
    last: float

    def text(self, unit: str, per: str, scale: float = 1.0) -> str:
        """In words; scale: units of x in one ``per``."""
        slope, low, high = (scale * value for value in (self.slope, self.low, self.high))
        return (f'{slope:+.3g} {unit}/{per} (95 % interval {low:+.3g} to {high:+.3g}), '
                f'from {self.first:.4g} to {self.last:.4g} {unit}')


def trend(x: Sequence[float], y: Sequence[float], confidence: float = 0.95) -> Trend:
    """Least-squares slope of y over x.

    Neighbouring samples of a process are alike, which would make the interval far too narrow; so the samples, in order,
    are averaged in up to 20 blocks and the line is fitted to the blocks.
    ValueError for fewer than three samples.
    """
    x_all, y_all = np.asarray(x, float), np.asarray(y, float)
    if len(x_all) < 3:
        raise ValueError(f'a trend needs at least 3 samples, not {len(x_all)}')
    blocks = np.array_split(np.arange(len(x_all)), min(_BLOCKS, len(x_all)))
    x_mean, y_mean = (np.array([values[block].mean() for block in blocks]) for values in (x_all, y_all))
    spread = ((x_mean - x_mean.mean()) ** 2).sum()
    slope = ((x_mean - x_mean.mean()) * (y_mean - y_mean.mean())).sum() / spread
    residuals = y_mean - y_mean.mean() - slope * (x_mean - x_mean.mean())
    freedom = len(blocks) - 2
    half = student.ppf((1 + confidence) / 2, freedom) * np.sqrt((residuals ** 2).sum() / freedom / spread)
    fifth = max(1, len(y_all) // 5)
    return Trend(float(slope), float(slope - half), float(slope + half),
                 float(y_all[:fifth].mean()), float(y_all[-fifth:].mean()))
