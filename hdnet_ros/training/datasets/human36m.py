"""Human3.6M in the layout of the published code: HDF5 annotations, one group per sequence and camera."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17, JointSet
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.training.samples import Sample, person
from hdnet_ros.units import MM_PER_M

from .files import array, box_around, camera_matrix, existing_file
from .human36m_splits import BROKEN_SEQUENCE, Human36MConfig

# Room around the joints, as a share of the longer side, for a box of a person of whom only joints are known.
BOX_MARGIN = 0.1


@dataclass(frozen=True, eq=False)
class _Sequence:
    """joints_px (F, 17, 2); joints_camera (F, 17, 3) metres; frames: 0-based number of each, in the film."""

    folder: str
    K: np.ndarray
    frames: np.ndarray
    joints_px: np.ndarray
    joints_camera: np.ndarray


class Human36M:
    """``annotations/subject_N.h5`` and ``images/{train,test}/s_SS_act_AA_subact_BB_ca_CC/<same>_FFFFFF.jpg``.

    File numbers start at 1. Boxes are those around the joints. The broken sequence of subject 11 is left out for all
    cameras, as in the published code.
    Raises DataSetError for files that are missing or have another layout.
    """

    def __init__(self, config: Human36MConfig, target: JointSet) -> None:
        self.name, self.info = f'Human3.6M ({config.split}) in {config.path}', {}
        self._target = target
        self._images = config.path / 'images' / ('test' if config.split == 'test' else 'train')
        self._sequences = [sequence for subject in config.chosen_subjects
                           for sequence in _read_subject(config, subject)]
        if not self._sequences:
            raise DataSetError(f'{self.name} has no sequence')
        self._end = np.cumsum([len(sequence.frames) for sequence in self._sequences])

    def __len__(self) -> int:
        return int(self._end[-1])

    def sample(self, index: int) -> Sample:
        """One frame with one person."""
        number = int(np.searchsorted(self._end, index, side='right'))
        sequence = self._sequences[number]
        i = index - (self._end[number] - len(sequence.frames))
        pixels = sequence.joints_px[i]
        truth = person(box_around(pixels, BOX_MARGIN), pixels, np.ones(len(pixels), dtype=bool),
                       sequence.joints_camera[i], HUMAN36M_17, self._target)
        file = self._images / sequence.folder / f'{sequence.folder}_{sequence.frames[i] + 1:06d}.jpg'
        return Sample(file, sequence.K, (truth,), f'{self.name}: {file.name}')


def _read_subject(config: Human36MConfig, subject: int) -> list[_Sequence]:
    try:
        import h5py
    except ImportError as error:
        raise DataSetError('Human3.6M in HDF5 needs the package h5py; run: pip install h5py') from error
    path = existing_file(config.path / 'annotations' / f'subject_{subject}.h5', 'annotations of Human3.6M in HDF5')
    try:
        with h5py.File(path) as file:
            sequences = [_read_sequence(config, file[name], f'{path}: {name}') for name in sorted(file, key=_number)]
    except OSError as error:
        raise DataSetError(f'{path} is not a readable HDF5 file ({error})') from error
    return [sequence for sequence in sequences if sequence is not None]


def _number(name: str) -> tuple[int, str]:
    return (int(name), name) if name.isdigit() else (-1, name)


def _read_sequence(config: Human36MConfig, group: Any, where: str) -> _Sequence | None:
    numbers = []
    for name in ('subject', 'action', 'subaction', 'camera_id'):
        if name not in group.attrs:
            raise DataSetError(f'{where} has no attribute {name!r}')
        numbers.append(int(group.attrs[name]))
    subject, action, subaction, camera = numbers
    for name in ('f', 'c', 'joints_2d', 'joints_3d'):
        if name not in group:
            raise DataSetError(f'{where} has no data set {name!r}')
    if (subject, action, subaction) == BROKEN_SEQUENCE or not config.takes(subject, action, subaction):
        return None
    every = config.chosen_every
    joints_px = array(group['joints_2d'][::every], (-1, 17, 2), f'{where}/joints_2d')
    joints = array(group['joints_3d'][::every], (len(joints_px), 17, 3), f'{where}/joints_3d') / MM_PER_M
    focal, principal = (array(np.atleast_2d(group[name][()])[0], (2,), f'{where}/{name}') for name in ('f', 'c'))
    return _Sequence(folder=f's_{subject:02d}_act_{action:02d}_subact_{subaction:02d}_ca_{camera:02d}',
                     K=camera_matrix(focal, principal), frames=np.arange(len(joints_px)) * every,
                     joints_px=joints_px.astype(np.float32), joints_camera=joints.astype(np.float32))
