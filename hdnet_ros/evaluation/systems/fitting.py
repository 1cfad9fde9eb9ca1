"""Fitting the one free number of the simplest systems to people whose depth is known."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from hdnet_ros.training.samples import PersonTruth, Sample

# Half the width of the 95 % interval of a normal distribution, in standard deviations.
_TWO_SIDED_95 = 1.959964


class Fitted(NamedTuple):
    """A positive number and how far it is off from person to person: standard deviation of its logarithm."""

    value: float
    log_sigma: float


def fit_positive(values: Iterable[float], what: str) -> Fitted:
    """The median of positive values, and the spread whose 95 % interval holds 95 % of them.

    what: the values, for the message. ValueError if there are none.
    The median makes as many people too near as too far, whatever a few people at the image border do.
    """
    values = np.fromiter(values, dtype=np.float64)
    if not values.size:
        raise ValueError(f'{what} cannot be fitted: nobody in the training data has a known depth')
    median = float(np.median(values))
    off = np.abs(np.log(values / median))
    return Fitted(median, float(np.quantile(off, 0.95, method='higher') / _TWO_SIDED_95))


def people_with_depth(samples: Iterable[Sample]) -> Iterator[tuple[Sample, PersonTruth]]:
    """Everybody whose root depth and box are known, each with the sample."""
    for sample in samples:
        for person in sample.people:
            if person.root_depth_m > 0 and np.isfinite(person.box).all():
                yield sample, person
