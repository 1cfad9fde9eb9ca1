"""What every data set is told, and what it offers."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from hdnet_ros.requirement import require
from hdnet_ros.training.samples import Sample

SPLITS = ('train', 'validation', 'test', 'all')


class DataSet(Protocol):
    """Samples by number; the same number always gives the same sample.

    name: for messages. info: what the set says about itself, such as ``split``; most say nothing.
    """

    name: str
    info: Mapping[str, Any]

    def __len__(self) -> int: ...

    def sample(self, index: int) -> Sample: ...


@dataclass(frozen=True)
class DataSetConfig:
    """What all kinds of data sets share.

    folder: where it lies; ``~`` is the home folder.
    split: which part: 'train', 'validation', 'test' or 'all'.
    weight: its share of the samples, relative to the other data sets.
    """

    kind: str
    folder: str
    split: str = 'train'
    weight: float = 1.0

    def __post_init__(self) -> None:
        require(self.split in SPLITS, f'split must be one of {", ".join(SPLITS)}', self.split)
        require(self.weight > 0, 'weight must be positive', self.weight)

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self.folder).expanduser()


def held_out(number: int, every: int, split: str) -> bool:
    """Whether item ``number`` belongs to a split that leaves every so many-th item to validation."""
    return split == 'all' or (number % every == 0) == (split == 'validation')


def check_split(config: DataSetConfig, offered: Sequence[str]) -> None:
    """ValueError unless the data set has that split."""
    require(config.split in offered, f'split must be one of {", ".join(offered)} for {config.kind}', config.split)
