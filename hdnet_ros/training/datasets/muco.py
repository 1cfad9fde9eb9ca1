"""MuCo-3DHP, and any set in its layout, such as synthetic people written to disk."""
from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hdnet_ros.requirement import require
from hdnet_ros.skeleton import JOINT_SETS, JointSet, joint_set
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.units import MM_PER_M

from .dataset import DataSetConfig, held_out
from .files import array, camera_matrix, corners, read_json, rows
from .people_table import Annotations, PeopleTable

DEFAULT_JOINT_SET = 'muco_21'


@dataclass(frozen=True)
class MuCoConfig(DataSetConfig):
    """A folder with ``annotations`` (JSON) and the images that it names, relative to the folder.

    validation_every: every so many-th image is for validation; 'all' takes them all.
    min_visibility: people of whom less is to be seen are left out: their ``visibility`` if they have one, else the
        share of their joints that is visible.
    """

    annotations: str = 'MuCo-3DHP.json'
    validation_every: int = 50
    min_visibility: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.validation_every >= 2, 'validation_every must be at least 2', self.validation_every)
        require(0 <= self.min_visibility <= 1, 'min_visibility must lie in 0..1', self.min_visibility)


def open_muco(config: MuCoConfig, target: JointSet) -> PeopleTable:
    """Read the annotations.

    JSON: images (id, file_name, f, c), annotations (image_id, bbox xywh, keypoints_cam mm, keypoints_img px,
    keypoints_vis) and, unless the joints are the 21 of MuCo, ``joint_set``, the name of a set in
    ``hdnet_ros.skeleton``; optionally, a mapping ``info`` about the set.
    """
    path = config.path / config.annotations
    content = read_json(path, 'the annotations of MuCo-3DHP or of a set in its layout')
    source = _joint_set(content, path)
    images = rows(content, 'images', ('id', 'file_name', 'f', 'c'), path)
    files, K, numbers = [], [], {}
    for position, image in enumerate(sorted(images, key=lambda each: each['id'])):
        where = f'{path}: image {image["id"]}'
        if held_out(position, config.validation_every, config.split):
            numbers[image['id']] = len(files)
            files.append(config.path / image['file_name'])
            K.append(camera_matrix(array(image['f'], (2,), f'{where}: f'), array(image['c'], (2,), f'{where}: c')))
    keys = ('image_id', 'bbox', 'keypoints_cam', 'keypoints_img', 'keypoints_vis')
    people = Annotations()
    for number, row in enumerate(rows(content, 'annotations', keys, path)):
        where = f'{path}: annotation {number}'
        visible = array(row['keypoints_vis'], (len(source),), f'{where}: keypoints_vis')
        shown = float(row.get('visibility', (visible > 0).mean()))
        joints = array(row['keypoints_cam'], (len(source), 3), f'{where}: keypoints_cam') / MM_PER_M
        usable = shown >= config.min_visibility and joints[source.root, 2] > 0
        if row['image_id'] in numbers and usable:
            people.add(numbers[row['image_id']], corners(array(row['bbox'], (4,), f'{where}: bbox')),
                       array(row['keypoints_img'], (len(source), 2), f'{where}: keypoints_img'), visible, joints,
                       _age(row, where))
    return PeopleTable(f'{path} ({config.split})', files, K, people, source, target,
                       _info(content, path))


def _info(content: dict[str, Any], path: Path) -> dict[str, Any]:
    info = content.get('info', {})
    if not isinstance(info, dict):
        raise DataSetError(f"{path}: 'info' must be a mapping, not a {type(info).__name__}")
    return info


def _age(row: dict[str, Any], where: str) -> float:
    """Years; NaN where the set does not tell them, as MuCo-3DHP."""
    return float(array([row.get('age_years', math.nan)], (1,), f'{where}: age_years')[0])


def _joint_set(content: dict[str, Any], path: Path) -> JointSet:
    name = content.get('joint_set', DEFAULT_JOINT_SET)
    if name not in JOINT_SETS:
        raise DataSetError(f'{path}: joint_set must be one of {", ".join(JOINT_SETS)}, not {name!r}')
    annotations = content.get('annotations')
    if 'joint_set' not in content and isinstance(annotations, list) and annotations:
        first = annotations[0].get('keypoints_vis') if isinstance(annotations[0], dict) else None
        if isinstance(first, list) and len(first) == 17:
            raise DataSetError(f"{path} has 17 joints per person but no 'joint_set' at its top; add "
                               '"joint_set": "human36m_17" if that is what they are')
    return joint_set(name)
