"""The annotations of MuPoTS-3D as released: ``TS1/annot.mat`` and ``occlusion.mat`` to ``TS20``."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.training.datasets.files import array, existing_file
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.units import MM_PER_M

SEQUENCES = range(1, 21)
_FIELDS = ('annot2', 'annot3', 'univ_annot3', 'isValidFrame')


@dataclass(frozen=True, eq=False)
class SequenceAnnotations:
    """The valid annotations of one sequence, in the order of frames and, within one, of the release.

    frames: number of frames, with or without people.
    frame: (A,) from 0.
    joints_px: (A, 17, 2) px.
    joints_metric, joints_universal: (A, 17, 3) metres, camera frame; true to scale, and with the bones scaled to the
        universal skeleton, which all people share.
    visible: (A, 17) bool, or None if occlusion.mat is not there.
    """

    frames: int
    frame: np.ndarray
    joints_px: np.ndarray
    joints_metric: np.ndarray
    joints_universal: np.ndarray
    visible: np.ndarray | None


def find_release(folder: Path) -> Path | None:
    """The folder that holds TS1 to TS20: this one or its ``MultiPersonTestSet``; None if neither does."""
    for place in (folder / 'MultiPersonTestSet', folder):
        if any((place / f'TS{number}' / 'annot.mat').is_file() for number in SEQUENCES):
            return place
    return None


def read_sequence(folder: Path, sequence: int) -> SequenceAnnotations:
    """Read TS``sequence``; DataSetError if its files are missing or have another layout.

    ``annotations`` and ``occlusion_labels`` are cells of frames x people. An annotation has ``annot2`` (2 x 17 px),
    ``annot3`` and ``univ_annot3`` (3 x 17 mm) and ``isValidFrame``; its label is 1 where a joint is hidden (1 x 17).
    """
    path = folder / f'TS{sequence}' / 'annot.mat'
    cells = _cells(path, 'annotations')
    hidden_path = path.with_name('occlusion.mat')
    hidden = _cells(hidden_path, 'occlusion_labels') if hidden_path.is_file() else None
    if hidden is not None and hidden.shape != cells.shape:
        raise DataSetError(f'{hidden_path} has {hidden.shape} labels (frames, people), but {path} has {cells.shape}')
    rows: dict[str, list[Any]] = {name: [] for name in ('frame', 'annot2', 'annot3', 'univ_annot3', 'visible')}
    for frame, number in np.ndindex(cells.shape):
        where = f'{path}: frame {frame}, person {number}'
        values = _fields(cells[frame, number], where)
        if not np.any(values['isValidFrame']):
            continue
        rows['frame'].append(frame)
        for name, size in (('annot2', 2), ('annot3', 3), ('univ_annot3', 3)):
            rows[name].append(array(values[name], (size, 17), f'{where}: {name}').T)
        if hidden is not None:
            label = np.ravel(hidden[frame, number])
            rows['visible'].append(array(label, (17,), f'{hidden_path}: frame {frame}, person {number}') == 0)
    count = len(rows['frame'])
    return SequenceAnnotations(
        frames=len(cells), frame=np.array(rows['frame'], dtype=np.int64),
        joints_px=np.reshape(rows['annot2'], (count, 17, 2)),
        joints_metric=np.reshape(rows['annot3'], (count, 17, 3)) / MM_PER_M,
        joints_universal=np.reshape(rows['univ_annot3'], (count, 17, 3)) / MM_PER_M,
        visible=None if hidden is None else np.reshape(rows['visible'], (count, 17)).astype(bool))


def _cells(path: Path, name: str) -> np.ndarray:
    from scipy.io import loadmat
    existing_file(path, 'annotations of MuPoTS-3D as released')
    try:
        cells = loadmat(path, variable_names=[name]).get(name)
    except Exception as error:  # scipy raises many kinds for damaged files
        raise DataSetError(f'{path} is not a readable MATLAB file ({error})') from error
    if cells is None or cells.dtype != object or cells.ndim != 2:
        raise DataSetError(f'{path} must hold {name!r}, cells of frames x people')
    return cells


def _fields(cell: Any, where: str) -> dict[str, Any]:
    names = getattr(getattr(cell, 'dtype', None), 'names', None) or ()
    missing = [name for name in _FIELDS if name not in names]
    if missing or cell.size != 1:
        raise DataSetError(f'{where} must be one annotation with {", ".join(_FIELDS)}')
    return {name: cell[name].reshape(-1)[0] for name in _FIELDS}
