"""The truth of MuPoTS-3D, from the release, from MuPoTS-3D.json, or from both."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hdnet_ros.skeleton import MUPOTS_17
from hdnet_ros.training.datasets.files import array, box_around, camera_matrix, read_json, rows
from hdnet_ros.training.datasets.human36m import BOX_MARGIN
from hdnet_ros.training.datasets.mupots import MuPoTSConfig, open_mupots
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.training.samples import PersonTruth, Sample

from ..people_table import TruthTable
from .image_ids import mupots_image_id, mupots_sequence
from .intrinsics import FittedCamera, fit_cameras
from .matching import match_greedily
from .mupots_release import SEQUENCES, find_release, read_sequence
from .where_to_get import MUPOTS, missing

JSON_NAME = 'MuPoTS-3D.json'
# How closely two files must agree about a joint to mean the same one.
SAME_WITHIN_PX = 2.0
SAME_WITHIN_M = 0.01


@dataclass(frozen=True, eq=False)
class MupotsTruth:
    """The valid annotations, in the joints ``mupots_17``; image ids are TS1/img_000000 and so on.

    roots: people true to scale: for the positions of roots, and to have systems run on.
    poses: what 3D poses are compared with, in the order of the release; joints of the universal skeleton where the
        release is there.
    skeleton: of ``poses``: 'universal' or 'metric'.
    roots_skeleton: of ``roots``: 'metric' or 'universal', which of the two the JSON file holds, told by comparison with
        the release; 'unknown' if the release is not there, or the file agrees with neither.
    fitted: the camera of every sequence with people, fitted to the joints of ``roots``.
    given: K (3, 3) px by sequence as the JSON file has it; empty if it has none. These are preferred.
    images: the folder in which TS1 to TS20 lie.
    """

    roots: TruthTable
    poses: TruthTable
    skeleton: str
    roots_skeleton: str
    fitted: Mapping[int, FittedCamera]
    given: Mapping[int, np.ndarray]
    images: Path

    def K(self, sequence: int) -> np.ndarray:
        """(3, 3) px of a sequence with people."""
        return self.given[sequence] if sequence in self.given else self.fitted[sequence].K

    def samples(self) -> Iterator[tuple[str, Sample]]:
        """Image id and sample of every image with a valid person; image files are read only when asked for."""
        people = self.roots
        seen = np.ones(people.joints.shape[:2], dtype=bool) if people.visible is None else people.visible
        ends = np.searchsorted(people.image, np.arange(len(people.image_ids) + 1))
        for number, name in enumerate(people.image_ids):
            members = range(ends[number], ends[number + 1])
            if members:
                yield name, Sample(self.images / f'{name}.jpg', self.K(mupots_sequence(name)),
                                   tuple(PersonTruth(people.box[i], people.joints_px[i], seen[i], people.joints[i],
                                                     float(people.root[i, 2])) for i in members), f'MuPoTS-3D: {name}')


def read_mupots(folder: str | Path) -> MupotsTruth:
    """Read the annotations in a folder: ``MultiPersonTestSet/TS1/annot.mat`` and so on, ``MuPoTS-3D.json``, or both.

    With both, roots and boxes are those of the JSON file, which the published figures of AP_root were computed with,
    and poses those of the release.
    Raises DataSetError if there is neither, saying where to get them, or if something in them is malformed.
    """
    folder = Path(folder).expanduser()
    release = find_release(folder)
    json_path = folder / JSON_NAME
    if release is None and not json_path.is_file():
        raise missing('MuPoTS-3D', folder, MUPOTS)
    unpacked = folder / 'MultiPersonTestSet'
    images = release or (unpacked if unpacked.is_dir() else folder)
    given = _given_cameras(json_path) if json_path.is_file() else {}
    if release is None:
        roots, roots_skeleton = _read_json(folder, images), 'unknown'
        poses = roots
    else:
        metric, poses = _read_release(release)
        roots, roots_skeleton = metric, 'metric'
        if json_path.is_file():
            roots = _read_json(folder, images)
            roots_skeleton = told_skeleton(roots, metric, poses)
    fitted = fit_cameras(roots)
    return MupotsTruth(roots, poses, 'metric' if release is None else 'universal', roots_skeleton, fitted, given,
                       images)


def told_skeleton(people: TruthTable, metric: TruthTable, universal: TruthTable) -> str:
    """Which of two skeletons people have whose file does not say it: 'metric', 'universal' or 'unknown'.

    metric, universal: the same annotations, row by row. People are found among them by their joints in the image, and
    must agree within ``SAME_WITHIN_M`` in the median.
    """
    metric, universal = metric.of_images(people.image_ids), universal.of_images(people.image_ids)
    row = match_greedily(people.image, people.joints_px, metric.image, metric.joints_px, SAME_WITHIN_PX)
    found = row >= 0
    differences = {name: np.abs(people.joints[found] - table.joints[row[found]]).max(axis=(1, 2))
                   for name, table in (('metric', metric), ('universal', universal))}
    best = min(differences, key=lambda name: np.median(differences[name]) if found.any() else np.inf)
    return best if found.any() and np.median(differences[best]) < SAME_WITHIN_M else 'unknown'


def _read_release(folder: Path) -> tuple[TruthTable, TruthTable]:
    """The people true to scale, and with the universal skeleton."""
    image_ids: list[str] = []
    parts = []
    starts = []
    for number in SEQUENCES:
        if (folder / f'TS{number}' / 'annot.mat').is_file():
            parts.append(read_sequence(folder, number))
            starts.append(len(image_ids))
            image_ids += [f'TS{number}/img_{frame:06d}' for frame in range(parts[-1].frames)]
    image = np.concatenate([part.frame + start for part, start in zip(parts, starts)])
    if not len(image):
        raise DataSetError(f'{folder}: no annotation is valid')
    joints_px = np.concatenate([part.joints_px for part in parts])
    visible = (None if any(part.visible is None for part in parts)
               else np.concatenate([part.visible for part in parts]))

    def table(joints: np.ndarray) -> TruthTable:
        return TruthTable(image_ids, image, joints[:, MUPOTS_17.root], np.stack([box_around(j, BOX_MARGIN)
                                                                                 for j in joints_px]),
                          joints_px[:, MUPOTS_17.root], joints_px, joints, MUPOTS_17.name, visible)
    return (table(np.concatenate([part.joints_metric for part in parts])),
            table(np.concatenate([part.joints_universal for part in parts])))


def _read_json(folder: Path, images: Path) -> TruthTable:
    data = open_mupots(MuPoTSConfig(kind='mupots', folder=str(folder), annotations=JSON_NAME, images=str(images)),
                       MUPOTS_17)
    image_ids, image, people = [], [], []
    for number in range(len(data)):
        sample = data.sample(number)
        image_ids.append(_image_id(sample.image, folder / JSON_NAME))
        image += [number] * len(sample.people)
        people += sample.people
    joints = np.stack([person.joints_camera for person in people])
    joints_px = np.stack([person.joints_px for person in people])
    return TruthTable(image_ids, image, joints[:, MUPOTS_17.root], np.stack([person.box for person in people]),
                      joints_px[:, MUPOTS_17.root], joints_px, joints, MUPOTS_17.name,
                      np.stack([person.visible for person in people]))


def _given_cameras(path: Path) -> dict[int, np.ndarray]:
    """K of every sequence all of whose images have the same ``intrinsic``."""
    found: dict[int, np.ndarray] = {}
    for row in rows(read_json(path, 'the annotations of MuPoTS-3D'), 'images', ('id', 'file_name'), path):
        if 'intrinsic' in row:
            fx, fy, cx, cy = array(row['intrinsic'], (4,), f'{path}: image {row["id"]}: intrinsic')
            K = camera_matrix(np.array([fx, fy]), np.array([cx, cy]))
            sequence = mupots_sequence(_image_id(row['file_name'], path))
            if not np.array_equal(found.setdefault(sequence, K), K):
                raise DataSetError(f'{path}: TS{sequence} has images with different intrinsics, but one camera')
    return found


def _image_id(file: str | Path, where: Path) -> str:
    try:
        return mupots_image_id(file)
    except ValueError as error:
        raise DataSetError(f'{where}: {error}') from error
