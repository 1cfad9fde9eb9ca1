"""Fitting the one free number of the simplest systems to people whose depth is known."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from hdnet_ros.training.interval import TWO_SIDED_95
from hdnet_ros.training.samples import PersonTruth, Sample


class Fitted(NamedTuple):
    """A positive number and how far it is off from person to person: standard deviation of its logarithm."""

    value: float
    log_sigma: float


def fit_positive(values: Iterable[float], what: str) -> Fitted:
    """The number with the least median relative error for positive values, and the interval that holds 95 % of them.

    It is the harmonic mean of the ends of the relatively shortest interval that holds half of the values, so that
    people cut by the image border, and those who sit, do not move it: no other number makes these systems look better
    by their median error, |estimate / truth - 1|.
    what: the values, for the message. ValueError if there are none.
    """
    logarithms = np.sort(np.log(np.fromiter(values, dtype=np.float64)))
    if not logarithms.size:
        raise ValueError(f'{what} cannot be fitted: nobody in the training data has a known depth')
    half = len(logarithms) // 2 + 1
    widths = logarithms[half - 1:] - logarithms[:len(logarithms) - half + 1]
    first = int(np.argmin(widths))
    middle = np.log(2 / np.exp(-logarithms[[first, first + half - 1]]).sum())
    off = np.quantile(np.abs(logarithms - middle), 0.95, method='higher')
    return Fitted(float(np.exp(middle)), float(off / TWO_SIDED_95))


def people_with_depth(samples: Iterable[Sample]) -> Iterator[tuple[Sample, PersonTruth]]:
    """Everybody whose root depth and box are known, each with the sample."""
    for sample in samples:
        for person in sample.people:
            if person.root_depth_m > 0 and np.isfinite(person.box).all():
                yield sample, person
