"""Several processes that draw samples; the samples do not depend on how many there are."""
from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from hdnet_ros.training.synthetic.dataset import SyntheticPeople
from hdnet_ros.training.synthetic.sample import SyntheticImage

T = TypeVar('T')
_CHUNK = 4
_task: tuple[SyntheticPeople, Callable] | None = None    # of a worker process


def quiet_process() -> None:
    """Keep one process to one core: several of them side by side are faster than one that spreads out."""
    import cv2
    cv2.setNumThreads(1)
    os.environ['LP_NUM_THREADS'] = '1'    # Mesa's software renderer reads it when the context is made


def map_samples(people: SyntheticPeople, work: Callable[[SyntheticImage], T], indices: Iterable[int],
                workers: int) -> Iterator[T]:
    """``work(people.sample(i))`` for all indices, in their order.

    work: a function that can be pickled; it runs where the sample was drawn. workers: processes; 0 draws here.
    """
    quiet_process()
    if workers == 0:
        yield from (work(people.sample(index)) for index in indices)
        return
    context = multiprocessing.get_context('spawn')    # an OpenGL context does not survive a fork
    with ProcessPoolExecutor(workers, context, _start, (people, work)) as pool:
        yield from pool.map(_run, indices, chunksize=_CHUNK)


def _start(people: SyntheticPeople, work: Callable) -> None:
    global _task
    quiet_process()
    _task = people, work


def _run(index: int):
    people, work = _task
    return work(people.sample(index))
