"""Which sample comes when: a function of seed and position alone, so that training can stop and go on anywhere."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Positions over which the shares of the data sets come out exactly.
ROUND = 4096


class MixtureSampler:
    """An endless, shuffled sequence of (data set, index), mixed by weight.

    Each data set is gone through completely, in an order of its own, before any of its samples comes again.
    sizes: number of samples of each data set; weights: their relative shares.
    """

    def __init__(self, sizes: Sequence[int], weights: Sequence[float], seed: int) -> None:
        if len(sizes) != len(weights) or not sizes or min(sizes) < 1 or min(weights) <= 0:
            raise ValueError(f'a mixture needs samples and a positive weight of each set, not {sizes} and {weights}')
        self._sizes, self._seed = list(sizes), seed
        self._counts = _shares(np.asarray(weights, dtype=np.float64))
        self._round: tuple[int, np.ndarray, np.ndarray] | None = None
        self._orders: dict[int, tuple[int, np.ndarray]] = {}

    def at(self, position: int) -> tuple[int, int]:
        """The data set and the index in it at a position, counted from 0."""
        number, place = divmod(position, ROUND)
        if self._round is None or self._round[0] != number:
            sets = np.repeat(np.arange(len(self._sizes)), self._counts)
            sets = np.random.default_rng([self._seed, 0, number]).permutation(sets)
            seen = np.zeros(ROUND, dtype=np.int64)      # how often the same set came before in this round
            for each in range(len(self._sizes)):
                seen[sets == each] = np.arange(self._counts[each])
            self._round = number, sets, seen
        _, sets, seen = self._round
        chosen = int(sets[place])
        lap, index = divmod(number * int(self._counts[chosen]) + int(seen[place]), self._sizes[chosen])
        return chosen, int(self._order(chosen, lap)[index])

    def _order(self, chosen: int, lap: int) -> np.ndarray:
        known = self._orders.get(chosen)
        if known is None or known[0] != lap:
            random = np.random.default_rng([self._seed, 1, chosen, lap])
            self._orders[chosen] = known = lap, random.permutation(self._sizes[chosen])
        return known[1]


def _shares(weights: np.ndarray) -> np.ndarray:
    """Whole numbers that add up to a round, in proportion to the weights as nearly as possible, none of them 0."""
    exact = weights / weights.sum() * (ROUND - len(weights))
    counts = np.floor(exact).astype(np.int64)
    largest = np.argsort(counts - exact, kind='stable')
    counts[largest[:ROUND - len(weights) - counts.sum()]] += 1
    return counts + 1
