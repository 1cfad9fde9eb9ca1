"""Poses in the MATLAB files that MuPoTS-3D is scored from: preds_2d_kpt_mupots.mat, preds_3d_kpt_mupots.mat."""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.skeleton import MUPOTS_17, convert, joint_set
from hdnet_ros.units import MM_PER_M

from ..people_table import PeopleTable, PredictionError

_VARIABLE = re.compile(r'TS(\d+)_img_(\d{6})')


def read_poses(path_2d: str | Path, path_3d: str | Path) -> PeopleTable:
    """People with 17 joints in the image and in space; their root is the pelvis and their score 1.

    One variable per image, ``TS1_img_000000``: persons x 17 x 2 px in one file, persons x 17 x 3 mm in the camera
    frame in the other, in the same order; empty for nobody. Joints are those of ``mupots_17``.
    Raises PredictionError, naming file and variable, for what is malformed, and for images that only one file has.
    """
    pixels, points = (_read(Path(path), size) for path, size in ((path_2d, 2), (path_3d, 3)))
    if pixels.keys() != points.keys():
        only = sorted(pixels.keys() ^ points.keys())[0]
        raise PredictionError(f'{path_2d} and {path_3d} have different images: only one of them has {only}')
    for name in pixels:
        if len(pixels[name]) != len(points[name]):
            raise PredictionError(f'{name} has {len(pixels[name])} people in {path_2d}, but {len(points[name])} in '
                                  f'{path_3d}')
        known = np.isfinite(points[name][:, MUPOTS_17.root])
        if not known.all():
            raise PredictionError(f'{path_3d}: {name}: person {int(np.argmin(known.all(axis=1)))} has no pelvis')
    image = np.repeat(np.arange(len(pixels)), [len(people) for people in pixels.values()])
    joints = np.concatenate([*points.values(), np.empty((0, 17, 3))]) / MM_PER_M
    joints_px = np.concatenate([*pixels.values(), np.empty((0, 17, 2))])
    return PeopleTable([name.replace('_', '/', 1) for name in pixels], image, joints[:, MUPOTS_17.root],
                       root_px=joints_px[:, MUPOTS_17.root], joints_px=joints_px, joints=joints,
                       joint_set=MUPOTS_17.name)


def write_poses(people: PeopleTable, path_2d: str | Path, path_3d: str | Path) -> None:
    """Write people with joints in that layout, for the evaluation code of the release; it needs every frame.

    ValueError for people without joints, and for images of another data set.
    """
    from scipy.io import savemat
    if people.joints is None or people.joints_px is None:
        raise ValueError('these people have no joints')
    names = [image_id.replace('/', '_') for image_id in people.image_ids]
    strange = next((image_id for image_id, name in zip(people.image_ids, names) if not _VARIABLE.fullmatch(name)), None)
    if strange is not None:
        raise ValueError(f'image {strange!r} is not one of MuPoTS-3D, which are called like TS1/img_000000')
    source = joint_set(people.joint_set)
    joints, joints_px = (convert(values, source, MUPOTS_17) for values in (people.joints, people.joints_px))
    ends = np.searchsorted(people.image, np.arange(len(people.image_ids) + 1))
    for path, values in ((path_2d, joints_px), (path_3d, joints * MM_PER_M)):
        savemat(path, {name: values[ends[i]:ends[i + 1]] for i, name in enumerate(names)})


def _read(path: Path, size: int) -> dict[str, np.ndarray]:
    """(persons, 17, size) by variable, in the order of sequences and frames."""
    from scipy.io import loadmat
    try:
        content = loadmat(path, appendmat=False)
    except OSError as error:
        raise PredictionError(f'{path} cannot be read ({error.strerror or error})') from error
    except NotImplementedError as error:
        raise PredictionError(f'{path} is a MATLAB 7.3 file; save it with the option -v7') from error
    except Exception as error:   # scipy raises many kinds for damaged files
        raise PredictionError(f'{path} is no readable MATLAB file ({error})') from error
    found = {}
    for name, value in content.items():
        number = _VARIABLE.fullmatch(name)
        if number:
            found[tuple(map(int, number.groups()))] = name, _people(value, size, f'{path}: {name}')
        elif not name.startswith('__'):
            raise PredictionError(f'{path}: variable {name!r} is not called like an image, TS1_img_000000')
    if not found:
        raise PredictionError(f'{path} has no variable that is called like an image, TS1_img_000000')
    return dict(found[key] for key in sorted(found))


def _people(value: Any, size: int, where: str) -> np.ndarray:
    if isinstance(value, np.ndarray) and value.size == 0:
        return np.empty((0, 17, size))
    numeric = isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.number)
    if not numeric or np.iscomplexobj(value) or value.shape[1:] != (17, size):
        raise PredictionError(f'{where} must be persons x 17 x {size} numbers, not {getattr(value, "shape", value)}')
    return value.astype(np.float64)
