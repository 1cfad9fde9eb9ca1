"""What must not jump from one picture of a film to the next: colours, the floor, and how far the views reach."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..perception.people import Person
from .level import Level, bodies_up, level_from_people
from .palette import Palette

_FADE = 0.95         # per picture, of what was learnt about the vertical
_GROUND_GAIN = 0.1   # per picture, share of the newly seen height of the floor
_REACHES_M = (3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 300, 500, 1000)


class Memory:
    """Keep one per camera; a fresh one draws a picture by itself."""

    def __init__(self):
        self.palette = Palette()
        self.level = Level.from_up(np.array([0.0, -1.0, 0.0]))
        self.reach_m = 0.0
        self._up_sum = np.zeros(3)

    def update(self, people: Sequence[Person]) -> None:
        """Take in the people of the next picture."""
        self._up_sum = _FADE * self._up_sum + bodies_up(people)
        seen = level_from_people(people, self._up_sum)
        ground = seen.ground_m
        if np.isnan(ground):
            ground = self.level.ground_m
        elif np.isfinite(self.level.ground_m):
            ground = (1 - _GROUND_GAIN) * self.level.ground_m + _GROUND_GAIN * ground
        self.level = Level(seen.axes, ground)
        farthest = max((np.linalg.norm(p.root) for p in people), default=0.0) * 1.1 + 0.3
        wanted = next((r for r in _REACHES_M if r >= farthest), _REACHES_M[-1])
        if not 0.5 * self.reach_m < wanted <= self.reach_m:
            self.reach_m = float(wanted)
