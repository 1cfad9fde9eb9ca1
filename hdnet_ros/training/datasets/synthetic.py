"""Synthetic people, rendered while training goes on."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hdnet_ros.requirement import require
from hdnet_ros.skeleton import HUMAN36M_17, JointSet
from hdnet_ros.training.samples import Sample, person

from .dataset import DataSetConfig, check_split


@dataclass(frozen=True)
class SyntheticConfig(DataSetConfig):
    """A stream of images; the folder holds nothing but, optionally, ``config``.

    config: YAML file of ``hdnet synthesize``; empty: the default.
    seed: of the stream; images: how many different ones there are.
    """

    folder: str = '.'
    config: str = ''
    seed: int = 0
    images: int = 1_000_000

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self, ('train', 'validation', 'test'))
        require(self.images >= 1, 'images must be at least 1', self.images)


class SyntheticSet:
    """Samples from a stream of synthetic people.

    open_stream: makes the stream when the first sample is asked for, so that each worker process has its own; the
        stream's ``sample(index)`` gives ``image``, ``K`` and ``people`` (``box``, ``joints_px``, ``joints_visible``,
        ``joints_camera``), at least one of them in every image.
    """

    def __init__(self, open_stream: Callable[[], Any], images: int, name: str, target: JointSet) -> None:
        self.name, self.info = name, {}
        self._open, self._images, self._target = open_stream, images, target
        self._stream: Any = None

    def __len__(self) -> int:
        return self._images

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_stream': None}

    def sample(self, index: int) -> Sample:
        """One image with everybody visible enough."""
        if self._stream is None:
            self._stream = self._open()
        image = self._stream.sample(index)
        people = tuple(person(each.box, each.joints_px, each.joints_visible, each.joints_camera, HUMAN36M_17,
                              self._target) for each in image.people)
        return Sample(image.image, image.K, people, f'{self.name}: image {index}')


def open_synthetic(config: SyntheticConfig, target: JointSet) -> SyntheticSet:
    """The stream of ``hdnet_ros.training.synthetic``."""
    return SyntheticSet(partial(_open_stream, config), config.images, f'synthetic people ({config.split})', target)


def _open_stream(config: SyntheticConfig) -> Any:
    from hdnet_ros.training.synthetic import SyntheticConfig as StreamConfig
    from hdnet_ros.training.synthetic import SyntheticPeople
    stream_config = StreamConfig.load(config.path / config.config if config.config else None)
    return SyntheticPeople(stream_config, config.seed, config.split)
