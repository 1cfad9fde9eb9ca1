"""Shares bodies, poses, textures and backgrounds out among training, validation and test, so that none is in two."""
from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from hdnet_ros.training.synthetic.errors import SyntheticError

SPLITS = ('train', 'validation', 'test')
# Of no seed that can be configured, or what one set tests with another would learn from. Sets of before have this one.
_SEED = 20201
T = TypeVar('T')


def check_split(split: str) -> None:
    """Raise SyntheticError for an unknown split."""
    if split not in SPLITS:
        raise SyntheticError(f'unknown split {split!r}; known: {", ".join(SPLITS)}')


def share(items: Sequence[T], split: str, shares: tuple[float, float]) -> list[T]:
    """The items of one split, in their order: a random part of each share, at least one, and always the same.

    shares: of validation and test. Raises SyntheticError if there are fewer than three items.
    """
    check_split(split)
    count = len(items)
    if count < len(SPLITS):
        raise SyntheticError(f'{count} items cannot be shared out among {len(SPLITS)} splits')
    validation, test = (max(1, round(s * count)) for s in shares)
    order = np.random.default_rng(_SEED).permutation(count)
    parts = {'validation': order[:validation], 'test': order[validation:validation + test],
             'train': order[validation + test:]}
    return [items[i] for i in sorted(parts[split])]


def share_runs(names: Sequence[str], split: str, shares: tuple[float, float]) -> list[int]:
    """Indices of the poses of one split.

    Frames of one clip ('walk:0012') are neighbours in time, so each split gets one run of them; single poses
    ('pose:...') are shared out one by one.
    """
    check_split(split)
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(name.partition(':')[0], []).append(index)
    chosen = share(groups.pop('pose', []), split, shares) if 'pose' in groups else []
    for members in groups.values():
        cuts = np.round(np.cumsum([0, 1 - sum(shares), shares[0], shares[1]]) * len(members)).astype(int)
        at = SPLITS.index(split)
        chosen += members[cuts[at]:cuts[at + 1]]
    return sorted(chosen)
