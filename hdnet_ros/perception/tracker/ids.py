"""Short names for people (REP-155): five characters from a bounded pool."""
from __future__ import annotations

import random
import string
from collections import deque

_FIRST = string.ascii_lowercase
_REST = string.ascii_lowercase + string.digits

# A TF frame is made of each id and frames are never forgotten, so the pool stays small.
MAX_IDS = 100_000


class IdPool:
    """Hands out ids ``[a-z][a-z0-9]{4}``; an id that was given back returns only after all other free ones were used.

    size: number of different ids, 1..100000.
    seed: the same seed gives the same ids in the same order.
    """

    def __init__(self, size: int, seed: int = 0):
        if not 1 <= size <= MAX_IDS:
            raise ValueError(f'an id pool holds between 1 and {MAX_IDS} ids, not {size}')
        # random() alone is guaranteed to give the same sequence in every Python version.
        draw = random.Random(seed).random
        names: dict[str, None] = {}
        while len(names) < size:
            characters = [_FIRST[int(draw() * len(_FIRST))]] + [_REST[int(draw() * len(_REST))] for _ in range(4)]
            names[''.join(characters)] = None
        self._free = deque(names)
        self._taken: set[str] = set()

    def take(self) -> str:
        """An id that nobody has; RuntimeError if all are in use."""
        if not self._free:
            raise RuntimeError(f'all {len(self._taken)} ids are in use; enlarge the pool')
        name = self._free.popleft()
        self._taken.add(name)
        return name

    def give_back(self, name: str) -> None:
        """Returns an id to the end of the queue; ValueError if it was not in use."""
        if name not in self._taken:
            raise ValueError(f'id {name!r} is not in use')
        self._taken.remove(name)
        self._free.append(name)
