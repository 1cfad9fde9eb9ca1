"""What the numbers of images mean that published prediction files use: told by the annotations in COCO layout."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from hdnet_ros.training.datasets.files import read_json, rows
from hdnet_ros.training.errors import DataSetError

from ..protocols.image_ids import human36m_image, mupots_image_id
from ..protocols.where_to_get import HUMAN36M, MUPOTS, missing


def mupots_names(folder: str | Path) -> dict[int, str]:
    """Image names by the ids in ``MuPoTS-3D.json``; DataSetError if it is missing or malformed."""
    path = Path(folder).expanduser() / 'MuPoTS-3D.json'
    if not path.is_file():
        raise missing('MuPoTS-3D.json (it tells which images the predictions mean)', path.parent, MUPOTS)
    return _names([path], mupots_image_id)


def human36m_names(folder: str | Path, subjects: Iterable[int] = (9, 11)) -> dict[int, str]:
    """Image names by the ids in ``annotations/Human36M_subjectN_data.json``; DataSetError if missing or malformed."""
    annotations = Path(folder).expanduser() / 'annotations'
    paths = [annotations / f'Human36M_subject{number}_data.json' for number in subjects]
    for path in paths:
        if not path.is_file():
            raise missing(f'{path.name} (it tells which images the predictions mean)', annotations, HUMAN36M)
    return _names(paths, lambda file: human36m_image(file).image_id)


def _names(paths: Iterable[Path], name_of: Callable[[str], str]) -> dict[int, str]:
    names: dict[int, str] = {}
    for path in paths:
        for row in rows(read_json(path, 'annotations in COCO layout'), 'images', ('id', 'file_name'), path):
            if row['id'] in names:
                raise DataSetError(f'{path}: two images have the id {row["id"]}')
            try:
                names[row['id']] = name_of(row['file_name'])
            except ValueError as error:
                raise DataSetError(f'{path}: {error}') from error
    return names
