"""Boxes that err as a detector's do."""
from __future__ import annotations

import numpy as np


def jittered(box: np.ndarray, jitter: float, random: np.random.Generator) -> np.ndarray:
    """A box each of whose edges is off by a normal error; it may leave the image, and even be turned inside out.

    box: (4,) px; jitter: standard deviation as a share of the side. Returns (4,).
    """
    side = np.tile(box[2:] - box[:2], 2)
    return box + random.standard_normal(4) * side * jitter
