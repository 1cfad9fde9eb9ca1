"""How simulated people look, as alike from sighting to sighting, and from person to person, as real ones."""
from __future__ import annotations

import math

import numpy as np

# Clothes are mixtures of a few colours. Similarities as measured with ``perception.appearance``, in brackets as they
# come out here. Different people within images of `hdnet synthesize`: median 0.58 (0.67), one in ten above 0.80 (0.82).
# The same people on the footage of Pose2Sim: within half a second median 0.97 (0.98), one in ten below 0.90 (0.91);
# later median 0.92 (0.90), one in ten below 0.77 (0.74).
_PARTS, _COLOURS, _CONCENTRATION = 2, 6, 0.22
_OTHER_SHARE, _JITTER, _MEMORY_S = 0.38, 0.17, 1.0


class Wardrobe:
    """One person's looks over time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._clothes = rng.dirichlet([_CONCENTRATION] * _COLOURS, size=_PARTS)
        self._other = rng.dirichlet([_CONCENTRATION] * _COLOURS, size=_PARTS)
        self._share = rng.normal()

    def look(self, dt_s: float, worse: float = 1.0) -> np.ndarray:
        """A unit vector as ``perception.appearance`` gives it, ``dt_s`` seconds after the last.

        worse: factor on what varies, for people who are partly covered.
        """
        keep = math.exp(-dt_s / _MEMORY_S)
        self._share = keep * self._share + math.sqrt(1 - keep ** 2) * self._rng.normal()
        if keep < 0.5:      # another side of the person, in front of another background
            self._other = self._rng.dirichlet([_CONCENTRATION] * _COLOURS, size=_PARTS)
        share = min(worse * abs(_OTHER_SHARE * self._share + _JITTER * self._rng.normal()), 0.9)
        colours = (1 - share) * self._clothes + share * self._other
        return np.sqrt(colours / _PARTS).ravel()
