"""Whether two sightings look like the same person."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Logistic regression on pairs of sightings: the same people up to 1.5 s apart on the footage of Pose2Sim, against
# different people within an image of `hdnet synthesize`.
_SLOPE, _UNDECIDED = 19.0, 0.795
# People who turn round may look quite different, and some dress alike: looks alone never outweigh the place.
_LEAST, _MOST = -4.0, 3.5
_MEMORY_S, _LONGEST_S = 2.0, 0.2


def log_appearance_ratio(remembered: Sequence[np.ndarray | None], seen: Sequence[np.ndarray | None]) -> np.ndarray:
    """How much better the looks fit if it is the same person than if it is somebody else.

    remembered: of T tracks; seen: of N observations; unit vectors of ``perception.appearance``, None if unknown.
    Returns (T, N) natural logarithms, 0 where nothing is known.
    """
    ratio = np.zeros((len(remembered), len(seen)))
    known = [i for i, looks in enumerate(remembered) if looks is not None]
    new = [i for i, looks in enumerate(seen) if looks is not None]
    if known and new:
        similarity = np.stack([remembered[i] for i in known]) @ np.stack([seen[i] for i in new]).T
        ratio[np.ix_(known, new)] = np.clip(_SLOPE * (similarity - _UNDECIDED), _LEAST, _MOST)
    return ratio


def remember(remembered: np.ndarray | None, seen: np.ndarray | None, dt_s: float) -> np.ndarray | None:
    """What to remember of somebody's looks after another sighting ``dt_s`` seconds later.

    A gap counts for little, however long: whoever comes back wears the same clothes.
    """
    if remembered is None or seen is None:
        return seen if remembered is None else remembered
    mean = remembered + (1 - np.exp(-min(dt_s, _LONGEST_S) / _MEMORY_S)) * (seen - remembered)
    return mean / np.linalg.norm(mean)
