"""Writes synthetic images in the layout of MuCo-3DHP, as far as its readers look at it.

``MuCo-3DHP.json`` beside ``augmented_set/``. images: id, file_name, width, height, f [fx, fy], c [cx, cy].
annotations: id, image_id, bbox [x, y, w, h] px, keypoints_cam (21, 3) mm, keypoints_img (21, 2) px, keypoints_vis (21).
Beyond MuCo: visibility, height_m, age_years, body_id of each annotation, and info: what the set was made with (split,
seed, config), without which nobody could tell training people from those to test with.
"""
from __future__ import annotations

import dataclasses
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21, convert
from hdnet_ros.training.synthetic.dataset import SyntheticPeople
from hdnet_ros.training.synthetic.joints import EXTREMITIES
from hdnet_ros.training.synthetic.sample import SyntheticImage, SyntheticPerson
from hdnet_ros.units import MM_PER_M

ANNOTATIONS = 'MuCo-3DHP.json'
IMAGES = 'augmented_set'
_JPEG_QUALITY = 95
_PX_DECIMALS, _MM_DECIMALS = 3, 2


def write_image(folder: Path, sample: SyntheticImage) -> tuple[dict, list[dict]]:
    """Write one picture; its entries for images and annotations (the latter without ids)."""
    name = f'{IMAGES}/{sample.index:07d}.jpg'
    (folder / IMAGES).mkdir(parents=True, exist_ok=True)
    if not cv2.imwrite(str(folder / name), sample.image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]):
        raise OSError(f'could not write {folder / name}')
    height, width = sample.image.shape[:2]
    image = {'id': sample.index, 'file_name': name, 'width': width, 'height': height,
             'f': [float(sample.K[0, 0]), float(sample.K[1, 1])], 'c': [float(sample.K[0, 2]), float(sample.K[1, 2])]}
    return image, [_annotation(person, sample) for person in sample.people]


def made_with(people: SyntheticPeople) -> dict:
    """What a set of these people is made with, for its file; ``config`` has the seed of the bodies, too."""
    return {'split': people.split, 'seed': people.seed, 'config': dataclasses.asdict(people.config)}


def write_annotations(folder: Path, entries: Iterable[tuple[dict, list[dict]]], info: dict) -> int:
    """Write the annotation file from what ``write_image`` returned; the number of people.

    info: of ``made_with``. The file appears only when it is complete.
    """
    images, annotations = [], []
    for image, people in sorted(entries, key=lambda entry: entry[0]['id']):
        images.append(image)
        annotations += [{'id': len(annotations) + k, **person} for k, person in enumerate(people)]
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f'.{ANNOTATIONS}.')
    with os.fdopen(handle, 'w', encoding='utf-8') as target:
        json.dump({'info': info, 'images': images, 'annotations': annotations}, target)
    os.chmod(temporary, 0o644)
    os.replace(temporary, folder / ANNOTATIONS)
    return len(annotations)


def _annotation(person: SyntheticPerson, sample: SyntheticImage) -> dict:
    x0, y0, x1, y1 = np.round(person.box, _PX_DECIMALS).tolist()
    joints = muco_joints(person)
    projected = joints @ sample.K.T
    visible = convert(np.array(person.joints_visible, dtype=float)[:, None], HUMAN36M_17, MUCO_21)[:, 0] == 1
    return {'image_id': sample.index, 'bbox': [x0, y0, x1 - x0, y1 - y0],
            'keypoints_cam': np.round(joints * MM_PER_M, _MM_DECIMALS).tolist(),
            'keypoints_img': np.round(projected[:, :2] / projected[:, 2:], _PX_DECIMALS).tolist(),
            'keypoints_vis': visible.tolist(), 'visibility': round(person.visibility, 3),
            'height_m': round(person.height_m, 4), 'age_years': round(person.age_years, 2), 'body_id': person.body_id}


def muco_joints(person: SyntheticPerson) -> np.ndarray:
    """(21, 3) metres in MuCo's order."""
    joints = convert(person.joints_camera, HUMAN36M_17, MUCO_21)
    joints[[MUCO_21.index(name) for name in EXTREMITIES]] = person.extremities_camera
    return joints
