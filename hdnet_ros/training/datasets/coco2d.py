"""2D sets in COCO layout: people with joints in the image but no depth, for the pose branch alone."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.requirement import require
from hdnet_ros.skeleton import JointSet
from hdnet_ros.training.errors import DataSetError

from .dataset import DataSetConfig, check_split
from .files import array, camera_matrix, corners, read_json, rows
from .people_table import Annotations, PeopleTable

# Other sets' names of the joints that our skeletons have too; all others keep theirs.
_ALIASES = {'ankle': 'foot', 'pelvis': 'hip', 'head_top': 'head', 'headtop': 'head', 'torso': 'spine'}
HIPS = ('left_hip', 'right_hip')


@dataclass(frozen=True)
class Coco2DConfig(DataSetConfig):
    """A folder with ``annotations`` (JSON, relative to it) and ``images``.

    focal_px: nobody knows the cameras of such sets; this is taken for all, with the principal point in the middle.
    min_joints: people with fewer labelled joints are left out.
    """

    annotations: str = 'annotations/person_keypoints_train2017.json'
    images: str = 'train2017'
    focal_px: float = 1500.0
    min_joints: int = 6

    def __post_init__(self) -> None:
        super().__post_init__()
        check_split(self, ('train', 'all'))
        require(self.focal_px > 0, 'focal_px must be positive', self.focal_px)
        require(self.min_joints >= 1, 'min_joints must be at least 1', self.min_joints)


def open_coco2d(config: Coco2DConfig, target: JointSet) -> PeopleTable:
    """Read the annotations.

    JSON: categories (of which one has ``keypoints``: names), images (id, file_name, width, height), annotations
    (image_id, bbox xywh, keypoints: x, y, flag for each joint; flag 0: unlabelled, 1: hidden, 2: visible).
    Joints go to the target by name. Where a set has hips but no joint between them, their middle counts as it.
    """
    path = config.path / config.annotations
    content = read_json(path, 'annotations in the layout of COCO keypoints')
    source = _joint_set(content, path)
    labelled = [name for name in source.joints if name != 'hip'] if _adds_hip(content) else list(source.joints)
    images = rows(content, 'images', ('id', 'file_name', 'width', 'height'), path)
    numbers = {image['id']: number for number, image in enumerate(images)}
    people = Annotations()
    for number, row in enumerate(rows(content, 'annotations', ('image_id', 'bbox', 'keypoints'), path)):
        where = f'{path}: annotation {number}'
        joints = array(row['keypoints'], (3 * len(labelled),), f'{where}: keypoints').reshape(-1, 3)
        if row.get('iscrowd') or row['image_id'] not in numbers or (joints[:, 2] > 0).sum() < config.min_joints:
            continue
        pixels = np.where(joints[:, 2:] > 0, joints[:, :2], np.nan)
        visible = joints[:, 2] == 2
        if len(labelled) < len(source):
            hips = [labelled.index(name) for name in HIPS]
            pixels = np.vstack([pixels, pixels[hips].mean(axis=0)])
            visible = np.append(visible, visible[hips].all())
        people.add(numbers[row['image_id']], corners(array(row['bbox'], (4,), f'{where}: bbox')), pixels, visible)
    K = [camera_matrix(np.full(2, config.focal_px), (np.array([image['width'], image['height']]) - 1) / 2)
         for image in images]
    files = [config.path / config.images / image['file_name'] for image in images]
    return PeopleTable(str(path), files, K, people, source, target)


def _joint_names(content: dict[str, Any]) -> list[str]:
    for category in content.get('categories') or ():
        if isinstance(category, dict) and category.get('keypoints'):
            return [our_name(name) for name in category['keypoints']]
    return []


def our_name(name: str) -> str:
    """Our name of a joint of another set: 'R_Ankle', 'right_ankle' and 'RAnkle' are 'right_foot'."""
    spaced = re.sub('^([LR])(?=[A-Z][a-z])', r'\1_', name).lower()
    side, part = re.fullmatch('(l_|left_|r_|right_)?(.*)', spaced).groups()
    part = _ALIASES.get(part, part)
    return f'{"left" if side.startswith("l") else "right"}_{part}' if side else part


def _adds_hip(content: dict[str, Any]) -> bool:
    names = _joint_names(content)
    return 'hip' not in names and all(name in names for name in HIPS)


def _joint_set(content: dict[str, Any], path: Path) -> JointSet:
    names = _joint_names(content)
    if not names:
        raise DataSetError(f"{path}: no entry of 'categories' names its 'keypoints'")
    joints = (*names, 'hip') if _adds_hip(content) else tuple(names)
    return JointSet(name='2d', joints=joints, edges=(), root=0)
