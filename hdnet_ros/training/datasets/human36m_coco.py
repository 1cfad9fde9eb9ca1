"""Human3.6M in COCO-style JSON: annotations, cameras and joints in the world, one file each per subject."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17, JointSet
from hdnet_ros.training.errors import DataSetError
from hdnet_ros.units import MM_PER_M

from .files import array, camera_matrix, corners, project, read_json, rows
from .human36m_splits import BROKEN_SEQUENCE, Human36MConfig
from .people_table import Annotations, PeopleTable

# The only camera of the broken sequence that this layout's protocol leaves out.
BROKEN_CAMERA = 1


def open_human36m_coco(config: Human36MConfig, target: JointSet) -> PeopleTable:
    """Read ``annotations/Human36M_subjectN_{data,camera,joint_3d}.json``; images lie in ``images/<file_name>``.

    data: images (id, file_name, subject, action_idx, subaction_idx, cam_idx, frame_idx), annotations (image_id, bbox
    xywh, optionally keypoints_vis); camera: R, t (mm), f, c by camera; joint_3d: 17 x 3 mm in the world by action,
    subaction and frame. A point of the world is at R X + t in the camera.
    """
    files: list[Path] = []
    K: list[np.ndarray] = []
    people = Annotations()
    for subject in config.chosen_subjects:
        stem = config.path / 'annotations' / f'Human36M_subject{subject}'
        data_path, camera_path, joint_path = (stem.with_name(f'{stem.name}_{part}.json')
                                              for part in ('data', 'camera', 'joint_3d'))
        data = read_json(data_path, 'the images and boxes of Human3.6M in COCO layout')
        cameras = _cameras(read_json(camera_path, 'the cameras of Human3.6M'), camera_path)
        joints = read_json(joint_path, 'the joints of Human3.6M in the world')
        keys = ('id', 'file_name', 'subject', 'action_idx', 'subaction_idx', 'cam_idx', 'frame_idx')
        images = {image['id']: image for image in rows(data, 'images', keys, data_path) if _taken(config, image)}
        for number, row in enumerate(rows(data, 'annotations', ('image_id', 'bbox'), data_path)):
            image = images.get(row['image_id'])
            if image is None:
                continue
            where = f'{data_path}: annotation {number}'
            matrix, R, t = _entry(cameras, image['cam_idx'], camera_path)
            world = joints
            for key in ('action_idx', 'subaction_idx', 'frame_idx'):
                world = _entry(world, image[key], joint_path)
            truth = (array(world, (17, 3), f'{joint_path}: {image["file_name"]}') @ R.T + t) / MM_PER_M
            visible = array(row.get('keypoints_vis', np.ones(17)), (17,), f'{where}: keypoints_vis')
            people.add(len(files), corners(array(row['bbox'], (4,), f'{where}: bbox')), project(matrix, truth),
                       visible, truth)
            files.append(config.path / 'images' / image['file_name'])
            K.append(matrix)
    return PeopleTable(f'Human3.6M ({config.split}) in {config.path}', files, K, people, HUMAN36M_17, target)


def _taken(config: Human36MConfig, image: dict[str, Any]) -> bool:
    sequence = image['subject'], image['action_idx'], image['subaction_idx']
    broken = sequence == BROKEN_SEQUENCE and image['cam_idx'] == BROKEN_CAMERA
    return image['frame_idx'] % config.chosen_every == 0 and not broken and config.takes(*sequence)


def _cameras(content: dict[str, Any], path: Path) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = {}
    for name, camera in content.items():
        missing = [key for key in 'Rtfc' if not isinstance(camera, dict) or key not in camera]
        if missing:
            raise DataSetError(f'{path}: camera {name} has no {missing[0]!r}')
        R, t, f, c = (array(camera[key], shape, f'{path}: camera {name}: {key}')
                      for key, shape in (('R', (3, 3)), ('t', (3,)), ('f', (2,)), ('c', (2,))))
        found[name] = camera_matrix(f, c), R, t
    return found


def _entry(values: Any, key: int, path: Path) -> Any:
    """What JSON holds under a number, which is always a text there."""
    if not isinstance(values, dict) or str(key) not in values:
        raise DataSetError(f'{path} has no entry {str(key)!r} where the images refer to one')
    return values[str(key)]
