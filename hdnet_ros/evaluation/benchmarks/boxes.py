"""Whose box it is, and boxes that err like a detector's."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from hdnet_ros.evaluation.benchmarks.benchmark import NOBODY
from hdnet_ros.perception.detector.boxes import box_overlap
from hdnet_ros.training.box_jitter import jittered

# A box around the joints alone lacks the top of the head and the toes, so that it fills a detector's box by two thirds.
_MIN_OVERLAP = 0.3
_SMALLEST_PX = 2.0


def owners_of(boxes: np.ndarray, joints_px: Sequence[np.ndarray]) -> np.ndarray:
    """(P,) index of the person that each box is of, or ``NOBODY``.

    boxes: (P, 4) px; joints_px: (J, 2) px of each person, NaN where unknown.
    The assignment of most overlap in all between the boxes and the boxes around the joints.
    """
    owner = np.full(len(boxes), NOBODY)
    if len(boxes) and len(joints_px):
        around = np.array([[*np.nanmin(joints, axis=0), *np.nanmax(joints, axis=0)] for joints in joints_px])
        overlap = np.array([box_overlap(box, around) for box in boxes])
        overlap[overlap < _MIN_OVERLAP] = 0
        for box, person in zip(*linear_sum_assignment(overlap, maximize=True)):
            if overlap[box, person]:
                owner[box] = person
    return owner


def jittered_inside(box: np.ndarray, jitter: float, width: int, height: int, random: np.random.Generator
                    ) -> np.ndarray:
    """A box that errs as ``jittered`` lets it, within the image: (4,) px, never empty."""
    last = np.array([width - 1.0, height - 1.0])
    off = jittered(box, jitter, random)
    low = np.clip(np.minimum(off[:2], off[2:]), 0, last - _SMALLEST_PX)
    high = np.clip(np.maximum(off[:2], off[2:]), low + _SMALLEST_PX, last)
    return np.concatenate([low, high])
