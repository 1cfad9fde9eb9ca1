"""The truth of Human3.6M in the frames that are evaluated, and 2D detections in the same frames."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.datasets.dataset import DataSet
from hdnet_ros.training.datasets.files import array
from hdnet_ros.training.datasets.human36m import Human36M
from hdnet_ros.training.datasets.human36m_coco import open_human36m_coco
from hdnet_ros.training.datasets.human36m_splits import ALWAYS_TEST_SUBJECTS, TEST_EVERY, TEST_SUBJECTS, Human36MConfig
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.training.samples import Sample

from ..people_table import TruthTable
from .image_ids import Human36mImage, human36m_image
from .where_to_get import HUMAN36M, HUMAN36M_DETECTIONS, missing

SUBJECTS = {1: ALWAYS_TEST_SUBJECTS, 2: TEST_SUBJECTS}


@dataclass(frozen=True, eq=False)
class Human36mTruth:
    """One person in every image, row by row.

    protocol: 1 (subject 11) or 2 (subjects 9 and 11).
    people: joints ``human36m_17``; image ids are s_09_act_02_subact_01_ca_01_000001 and so on, for both layouts.
    K: (N, 3, 3) px.
    data: the data set that they come from, image by image in the same order.
    """

    protocol: int
    people: TruthTable
    K: np.ndarray
    data: DataSet

    @property
    def images(self) -> list[Human36mImage]:
        """What the names of the images say."""
        return [human36m_image(name) for name in self.people.image_ids]

    def samples(self) -> Iterator[tuple[str, Sample]]:
        """Image id and sample of every image; image files are read only when asked for."""
        for number, name in enumerate(self.people.image_ids):
            yield name, self.data.sample(number)


def read_human36m(folder: str | Path, protocol: int = 2) -> Human36mTruth:
    """Read the test subjects of a protocol, in the HDF5 layout or the COCO-style JSON one, whichever is there.

    The broken sequence of subject 11 (action 2, subaction 2) is left out for all cameras in the first layout and for
    one in the second, as the published code of each does it.
    Raises ValueError for an unknown protocol; DataSetError if the data set is not there, saying where to get it, or if
    something in it is malformed.
    """
    if protocol not in SUBJECTS:
        raise ValueError(f'protocol must be 1 or 2, not {protocol}')
    config = Human36MConfig(kind='human36m', folder=str(folder), split='test', subjects=SUBJECTS[protocol],
                            every=TEST_EVERY)
    annotations = config.path / 'annotations'
    if any((annotations / f'subject_{number}.h5').is_file() for number in config.subjects):
        data: DataSet = Human36M(config, HUMAN36M_17)
    elif any((annotations / f'Human36M_subject{number}_data.json').is_file() for number in config.subjects):
        data = open_human36m_coco(config, HUMAN36M_17)
    else:
        raise missing('The annotations of Human3.6M', annotations, HUMAN36M)
    samples = [data.sample(number) for number in range(len(data))]
    try:
        image_ids = [human36m_image(sample.image).image_id for sample in samples]
    except ValueError as error:
        raise DataSetError(f'{data.name}: {error}') from error
    twice = [name for name, count in Counter(image_ids).items() if count > 1]
    if twice:
        raise DataSetError(f'{data.name}: {twice[0]} is annotated more than once; every image shows one person')
    people = [sample.people[0] for sample in samples]
    joints, joints_px = (np.stack([getattr(person, name) for person in people])
                         for name in ('joints_camera', 'joints_px'))
    table = TruthTable(image_ids, np.arange(len(people)), joints[:, HUMAN36M_17.root],
                       np.stack([person.box for person in people]), joints_px[:, HUMAN36M_17.root], joints_px, joints,
                       HUMAN36M_17.name, np.stack([person.visible for person in people]))
    return Human36mTruth(protocol, table, np.stack([sample.K for sample in samples]), data)


def read_detections(folder: str | Path, truth: Human36mTruth) -> np.ndarray:
    """(N, 17, 2) px: the 2D joints in ``annotations/subject_N_cpn.h5`` of every image of the truth.

    Layout: groups with the attributes subject, action, subaction and camera_id, and ``joints_2d_cpn`` (F, 17, 2).
    Raises DataSetError if a file or an image is missing, or if something is malformed.
    """
    try:
        import h5py
    except ImportError as error:
        raise DataSetError('2D detections in HDF5 need the package h5py; run: pip install h5py') from error
    annotations = Path(folder).expanduser() / 'annotations'
    images = truth.images
    found: dict[tuple[int, ...], np.ndarray] = {}
    for subject in sorted({image.subject for image in images}):
        path = annotations / f'subject_{subject}_cpn.h5'
        if not path.is_file():
            raise missing(path.name, annotations, HUMAN36M_DETECTIONS)
        try:
            with h5py.File(path) as file:
                for name, group in file.items():
                    sequence = _key(group, f'{path}: {name}')
                    found[sequence] = _joints(group, f'{path}: {name}')
        except OSError as error:
            raise DataSetError(f'{path} is not a readable HDF5 file ({error})') from error
    joints = np.empty((len(images), 17, 2))
    for number, image in enumerate(images):
        sequence = found.get(image[:4], ())
        if image.frame // TEST_EVERY >= len(sequence):
            raise DataSetError(f'{annotations}/subject_{image.subject}_cpn.h5 has no detection for {image.image_id}')
        joints[number] = sequence[image.frame // TEST_EVERY]
    return joints


def _key(group: Any, where: str) -> tuple[int, ...]:
    names = ('subject', 'action', 'subaction', 'camera_id')
    lacking = [name for name in names if name not in group.attrs]
    if lacking:
        raise DataSetError(f'{where} has no attribute {lacking[0]!r}')
    return tuple(int(group.attrs[name]) for name in names)


def _joints(group: Any, where: str) -> np.ndarray:
    if 'joints_2d_cpn' not in group:
        raise DataSetError(f"{where} has no data set 'joints_2d_cpn'")
    return array(group['joints_2d_cpn'][::TEST_EVERY], (-1, 17, 2), f'{where}/joints_2d_cpn')
