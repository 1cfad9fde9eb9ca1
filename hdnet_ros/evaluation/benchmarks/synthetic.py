"""The benchmark on synthetic people: a folder that ``hdnet synthesize`` has written, best of the split for tests."""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from hdnet_ros.evaluation.benchmarks.benchmark import Benchmark, GivenBoxes
from hdnet_ros.evaluation.benchmarks.boxes import jittered_inside
from hdnet_ros.evaluation.metrics import torso_length
from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.perception.people import Detection
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.datasets.muco import MuCoConfig, open_muco
from hdnet_ros.training.datasets.people_table import PeopleTable
from hdnet_ros.training.samples import Sample

GROWN_UP_YEARS = 14.0
ADULTS, CHILDREN = 'adults', 'children under 14'
BOX_JITTER = 0.04     # standard deviation of each edge of a box as a share of its side
_SEED = 20
_FLATTERING = {'train': 'networks learn from them', 'validation': 'weights are chosen and calibrated by them'}
_UNKNOWN = 'they may be of those that networks learn from, since their file does not tell the split'


def _open_folder(folder: str | Path) -> PeopleTable:
    """All samples of a folder of ``hdnet synthesize``; DataSetError if it cannot be used."""
    return open_muco(MuCoConfig(kind='muco', folder=str(folder), split='all'), HUMAN36M_17)


def samples_of(folder: str | Path) -> Iterator[Sample]:
    """The same one by one; their images are not read."""
    data = _open_folder(folder)
    return map(data.sample, range(len(data)))


def truth_of(samples: Sequence[Sample]) -> TruthTable:
    """Everybody in these samples; images are called by the names of their files."""
    people = [person for sample in samples for person in sample.people]
    joints, joints_px, box, visible, age_years = (
        np.array([getattr(person, name) for person in people])
        for name in ('joints_camera', 'joints_px', 'box', 'visible', 'age_years'))
    return TruthTable([Path(sample.image).name for sample in samples],
                      np.repeat(np.arange(len(samples)), [len(sample.people) for sample in samples]),
                      joints[:, HUMAN36M_17.root], box, joints_px[:, HUMAN36M_17.root], joints_px, joints,
                      HUMAN36M_17.name, visible, age_years=age_years)


def open_synthetic(folder: str | Path, images: int | None = None) -> Benchmark:
    """The people of a folder, with true boxes that err as a detector's do, always in the same way.

    images: the first so many; default: all.
    A box's score is the share of the person's joints that is to be seen, since detectors are less sure of people who
    are hidden.
    Raises DataSetError if the folder cannot be used.
    """
    data = _open_folder(folder)
    samples = [data.sample(number) for number in range(min(len(data), images or len(data)))]
    table = truth_of(samples)
    given: list[GivenBoxes] = []
    for number, sample in enumerate(samples):
        random = np.random.default_rng([_SEED, number])
        size = _size(sample)
        detections = tuple(Detection(jittered_inside(p.box, BOX_JITTER, *size, random), float(p.visible.mean()))
                           for p in sample.people)
        given.append(GivenBoxes(detections, np.flatnonzero(table.image == number)))
    young = table.age_years < GROWN_UP_YEARS
    groups = {ADULTS: ~young, CHILDREN: young} if young.any() else {ADULTS: ~young}

    def frames() -> Iterator[Frame]:
        for name, sample, boxes in zip(table.image_ids, samples, given, strict=True):
            yield Frame(name, sample.read_image, sample.camera, boxes.detections)
    title, caution = _origin(data.info.get('split'))
    return Benchmark(title, table, tuple(given), groups, frames, torso_length(table.joints_px, HUMAN36M_17), caution)


def _origin(split: object) -> tuple[str, str]:
    """The title of the benchmark and, if it is not of the split for tests, a caution."""
    if split == 'test':
        return 'Synthetic people, test split', ''
    known = split in ('train', 'validation')
    title = f'Synthetic people, {split} split' if known else 'Synthetic people, unknown split'
    return title, f'figures on these people may flatter: {_FLATTERING[split] if known else _UNKNOWN}'


def _size(sample: Sample) -> tuple[int, int]:
    """Width and height, px."""
    height, width = sample.read_image().shape[:2]
    return width, height
