"""Data sets to batches: the same batch for the same step, whatever process makes it."""
from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from hdnet_ros.skeleton import joint_set

from .batch import Batch, make_batch
from .config import TrainingConfig
from .datasets.dataset import DataSet, DataSetConfig
from .datasets.registry import open_data_set
from .errors import ConfigError, DataSetError
from .sampler import MixtureSampler
from .synthetic.errors import SyntheticError
from .windows import WindowExample, WindowMaker

_LOOK_EVERY_S = 1.0
# So many samples in a row without anybody to learn from mean that something is wrong.
MOST_TRIES = 100
# They reach the whole process group from a terminal or a scheduler, but only the main process may answer them.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TrainingBatches(Dataset):
    """The batch of each step; of several processes, each gets its part of the same batch.

    ConfigError if the batch cannot be shared out evenly.
    """

    def __init__(self, config: TrainingConfig, rank: int = 0, world: int = 1) -> None:
        if config.schedule.batch_size % world:
            raise ConfigError(f'schedule.batch_size ({config.schedule.batch_size}) must be a multiple of the number of '
                              f'processes ({world})')
        self._config = config
        self.sets = _opened(config.data.train, config)
        self._sampler = MixtureSampler([len(each) for each in self.sets],
                                       [entry.weight for entry in config.data.train], config.seed)
        self._maker = WindowMaker(config.network, config.windows, config.augmentation)
        size = config.schedule.batch_size // world
        self._slots = range(rank * size, (rank + 1) * size)

    def __len__(self) -> int:
        return self._config.schedule.steps

    def __getitem__(self, step: int) -> Batch:
        """This process' part of the batch of a step."""
        first = step * self._config.schedule.batch_size
        examples = [self._example(first + slot) for slot in self._slots]
        return make_batch(examples, self._config.network, self._config.windows.hidden_joints)

    def _example(self, position: int) -> WindowExample:
        number, index = self._sampler.at(position)
        data_set = self.sets[number]
        random = np.random.default_rng([self._config.seed, 2, position])
        for attempt in range(MOST_TRIES):
            found = self._maker.varied(data_set.sample((index + attempt) % len(data_set)), random)
            if found is not None:
                return found
        raise DataSetError(f'{data_set.name}: nobody in {MOST_TRIES} images in a row is large enough in the picture; '
                           'see windows.min_height_px and the boxes of the annotations')


class ValidationBatches(Dataset):
    """Batches of unvaried windows, always the same; of several processes, each gets every so many-th batch."""

    def __init__(self, config: TrainingConfig, rank: int = 0, world: int = 1) -> None:
        self._config = config
        self.sets = _opened(config.data.validation, config)
        self._maker = WindowMaker(config.network, config.windows, config.augmentation)
        chosen = _spread(self.sets, [entry.weight for entry in config.data.validation], config.validation.images)
        size = config.validation.batch_size
        self._batches = [chosen[i:i + size] for i in range(0, len(chosen), size)][rank::world]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, number: int) -> Batch | None:
        """One batch; None if nobody in its images is large enough."""
        examples = [example for each, index in self._batches[number]
                    for example in self._maker.usual(self.sets[each].sample(index),
                                                     np.random.default_rng([self._config.seed, 3, each, index]))]
        return make_batch(examples, self._config.network, self._config.windows.hidden_joints) if examples else None


def _opened(entries: Sequence[DataSetConfig], config: TrainingConfig) -> list[DataSet]:
    """The data sets; DataSetError for one that says of itself that it is for tests."""
    sets = [open_data_set(entry, joint_set(config.network.joint_set)) for entry in entries]
    for each in sets:
        if each.info.get('split') == 'test':
            raise DataSetError(f'{each.name} holds people of the test split, which neither training nor the choice of '
                               'weights may see; draw others: hdnet synthesize OUT --split train, or validation')
    return sets


def of_training_split(training: TrainingBatches, validation: ValidationBatches) -> list[str]:
    """Validation sets that say of themselves that they are of the split that training learns from, too."""
    if not any(each.info.get('split') == 'train' for each in training.sets):
        return []
    return [each.name for each in validation.sets if each.info.get('split') == 'train']


def _spread(sets: Sequence[DataSet], weights: Sequence[float], count: int) -> list[tuple[int, int]]:
    """So many (data set, index), by weight, evenly spread over each set."""
    chosen = []
    for number, (data_set, weight) in enumerate(zip(sets, weights)):
        wanted = min(len(data_set), max(1, round(count * weight / sum(weights))))
        chosen += [(number, int(index)) for index in np.linspace(0, len(data_set) - 1, wanted).round()]
    return chosen


def batches(data: Dataset, first: int, workers: int, pin: bool) -> Iterator[Batch | None]:
    """The batches of a data set from number ``first`` on, made by so many processes.

    These live through Ctrl-C and SIGTERM, so that the main process can finish its step and save its state.
    """
    loader = DataLoader(_Told(data), batch_size=None, sampler=range(first, len(data)), num_workers=workers,
                        pin_memory=pin, worker_init_fn=partial(_start_worker, os.getpid()),
                        prefetch_factor=4 if workers else None,
                        multiprocessing_context='fork' if workers else None,    # only then is what follows inherited
                        generator=torch.Generator())    # or it would draw from torch's own
    with _blocked(STOP_SIGNALS):
        return map(_unless_error, iter(loader))


class _Told(Dataset):
    """Gives an error for the user instead of raising it: torch would put the traceback of a worker in front of it."""

    def __init__(self, data: Dataset) -> None:
        self._data = data

    def __getitem__(self, number: int) -> Any:
        try:
            return self._data[number]
        except (DataSetError, SyntheticError) as error:
            return error


def _unless_error(found: Any) -> Batch | None:
    if isinstance(found, Exception):
        raise found
    return found


@contextmanager
def _blocked(signals: Sequence[int]) -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(main: int, _: int) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    threading.Thread(target=_obey, args=(main,), daemon=True).start()


def _obey(main: int) -> None:
    """End this worker with its main process, or when that, and nobody else, sends SIGTERM: to one that is in its way.

    By itself a worker whose main process was killed may wait for ever for somebody to take what it has made.
    """
    while os.getppid() == main:
        told = signal.sigtimedwait({signal.SIGTERM}, _LOOK_EVERY_S)
        if told is not None and told.si_pid == main:
            break
    os._exit(0)
