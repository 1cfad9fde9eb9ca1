"""Short names for people (REP-155): five characters from a bounded pool."""
from __future__ import annotations

import random
import re
import string
from collections import deque

_FIRST = string.ascii_lowercase
_REST = string.ascii_lowercase + string.digits

# A TF frame is made of each id and frames are never forgotten, so the pool stays small.
MAX_IDS = 100_000
_LENGTH = 5
_LONGEST_PREFIX = 3


def id_count(prefix: str = '') -> int:
    """How many ids there may be that begin with a prefix; ValueError if it is not '' or ``[a-z][a-z0-9]{0,2}``."""
    if not prefix:
        return MAX_IDS
    if len(prefix) > _LONGEST_PREFIX or not re.fullmatch('[a-z][a-z0-9]*', prefix):
        raise ValueError(f'id_prefix must be up to {_LONGEST_PREFIX} of a-z and 0-9, the first a letter, '
                         f'not {prefix!r}')
    return min(MAX_IDS, len(_REST) ** (_LENGTH - len(prefix)))


class IdPool:
    """Hands out ids ``[a-z][a-z0-9]{4}``; an id that was given back returns only after all other free ones were used.

    size: number of different ids, 1..``id_count(prefix)``.
    seed: the same seed gives the same ids in the same order.
    prefix: how all ids begin; pools whose prefixes are of one length and differ have no id in common.
    first: how many of them wait at first until all others were used.
    """

    def __init__(self, size: int, seed: int = 0, prefix: str = '', first: int = 0):
        if not 1 <= size <= id_count(prefix):
            raise ValueError(f'an id pool holds between 1 and {id_count(prefix)} ids, not {size}')
        # random() alone is guaranteed to give the same sequence in every Python version.
        draw = random.Random(seed).random
        names: dict[str, None] = {}
        while len(names) < size:
            alphabets = [_FIRST, *[_REST] * (_LENGTH - 1)][len(prefix):]
            names[prefix + ''.join(letters[int(draw() * len(letters))] for letters in alphabets)] = None
        self._free = deque(names)
        self._free.rotate(-first)
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
