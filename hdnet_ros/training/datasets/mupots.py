"""MuPoTS-3D, a test set: never to be trained on, nor to choose weights by."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hdnet_ros.skeleton import MUPOTS_17, JointSet
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.units import MM_PER_M

from .dataset import DataSetConfig, check_split
from .files import array, camera_matrix, corners, read_json, rows
from .people_table import Annotations, PeopleTable


@dataclass(frozen=True)
class MuPoTSConfig(DataSetConfig):
    """A folder with ``annotations`` (JSON) and ``images``, in which the images lie as TS1/img_000000.jpg and so on."""

    split: str = 'test'
    annotations: str = 'MuPoTS-3D.json'
    images: str = '.'

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self, ('test',))


def open_mupots(config: MuPoTSConfig, target: JointSet) -> PeopleTable:
    """Read the annotations of valid people.

    JSON: images (id, file_name, optionally intrinsic fx fy cx cy), annotations (image_id, is_valid, bbox xywh,
    keypoints_cam mm, keypoints_img px, keypoints_vis). The official release has no intrinsics: where an image has
    none, they are fitted to the joints of its sequence.
    """
    path = config.path / config.annotations
    content = read_json(path, 'the annotations of MuPoTS-3D')
    images = rows(content, 'images', ('id', 'file_name'), path)
    numbers = {image['id']: number for number, image in enumerate(images)}
    sequences = [str(Path(image['file_name']).parent) for image in images]
    people = Annotations()
    keys = ('image_id', 'is_valid', 'bbox', 'keypoints_cam', 'keypoints_img', 'keypoints_vis')
    for number, row in enumerate(rows(content, 'annotations', keys, path)):
        if row['is_valid'] and row['image_id'] in numbers:
            where = f'{path}: annotation {number}'
            people.add(numbers[row['image_id']], corners(array(row['bbox'], (4,), f'{where}: bbox')),
                       array(row['keypoints_img'], (17, 2), f'{where}: keypoints_img'),
                       array(row['keypoints_vis'], (17,), f'{where}: keypoints_vis'),
                       array(row['keypoints_cam'], (17, 3), f'{where}: keypoints_cam') / MM_PER_M)
    fitted = {sequence: _fit(people, sequences, sequence) for sequence in set(sequences)
              if any('intrinsic' not in image for image, s in zip(images, sequences) if s == sequence)}
    K = []
    for image, sequence in zip(images, sequences):
        if 'intrinsic' in image:
            fx, fy, cx, cy = array(image['intrinsic'], (4,), f'{path}: image {image["id"]}: intrinsic')
            K.append(camera_matrix(np.array([fx, fy]), np.array([cx, cy])))
        else:
            K.append(fitted[sequence])
    files = [config.path / config.images / image['file_name'] for image in images]
    return PeopleTable(str(path), files, K, people, MUPOTS_17, target)


def _fit(people: Annotations, sequences: list[str], sequence: str) -> np.ndarray:
    members = [i for i, image in enumerate(people.image) if sequences[image] == sequence]
    if not members:
        return np.eye(3)    # nobody is there, so nobody will ask
    return fit_intrinsics(np.concatenate([people.joints_camera[i] for i in members]),
                          np.concatenate([people.joints_px[i] for i in members]))


def fit_intrinsics(points: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """The (3, 3) camera matrix that projects points (N, 3) to pixels (N, 2) with the least squared error.

    Raises DataSetError if the points do not determine it.
    """
    points, pixels = np.asarray(points, dtype=np.float64), np.asarray(pixels, dtype=np.float64)
    solution = []
    for axis in (0, 1):
        rays = points[:, axis] / points[:, 2]
        design = np.column_stack([rays, np.ones_like(rays)])
        (focal, center), _, rank, _ = np.linalg.lstsq(design, pixels[:, axis], rcond=None)
        if rank < 2 or focal <= 0:
            raise DataSetError('the joints of a sequence do not determine its camera; the annotations need intrinsics')
        solution.append((focal, center))
    (fx, cx), (fy, cy) = solution
    return camera_matrix(np.array([fx, fy]), np.array([cx, cy]))
