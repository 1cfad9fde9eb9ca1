"""Which estimate is about which true person."""
from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

# How far beside the true root, at its depth, an estimate may be seen and still be about that person.
GATE_M = 0.35


def who_is_whom(beside_m: np.ndarray) -> list[tuple[int, int]]:
    """Pairs of a true person and an estimate: those of the least sum of distances among all within ``GATE_M``.

    beside_m: (T, P) how far beside each true root each estimate is seen, at the depth of the truth, metres; NaN where
    it is not seen. Only directions count, so that an error in depth cannot change who is compared with whom.
    """
    cost = np.where(beside_m <= GATE_M, beside_m, 1e6)   # NaN compares false
    return [(int(row), int(column)) for row, column in zip(*linear_sum_assignment(cost))
            if cost[row, column] <= GATE_M]
