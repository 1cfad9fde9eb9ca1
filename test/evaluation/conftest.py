"""Folders of people as ``hdnet synthesize`` writes them, in noise."""
from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

FOCAL_PX, CENTER_PX = 300.0, (159.5, 119.5)


@pytest.fixture(scope='session')
def write_people():
    """A function that writes a folder with people of given ages in each image."""
    return _write


def _write(folder, ages, seed=0):
    (folder / 'augmented_set').mkdir(parents=True)
    random = np.random.default_rng(seed)
    images, annotations = [], []
    for number, in_image in enumerate(ages):
        name = f'augmented_set/{number:07d}.jpg'
        cv2.imwrite(str(folder / name), random.integers(0, 255, (240, 320, 3), np.uint8))
        images.append({'id': number, 'file_name': name, 'width': 320, 'height': 240, 'f': [FOCAL_PX, FOCAL_PX],
                       'c': CENTER_PX})
        for age in in_image:
            joints = random.uniform([-0.3, -0.8, 3.5], [0.3, 0.8, 4.5], (21, 3)) * 1000
            pixels = joints[:, :2] / joints[:, 2:] * FOCAL_PX + CENTER_PX
            x0, y0, x1, y1 = *pixels.min(axis=0), *pixels.max(axis=0)
            annotations.append({
                'id': len(annotations), 'image_id': number, 'bbox': [x0, y0, x1 - x0, y1 - y0],
                'keypoints_cam': joints.tolist(), 'keypoints_img': pixels.tolist(),
                'keypoints_vis': [bool(v) for v in np.arange(21) % 3], 'age_years': age})
    content = {'images': images, 'annotations': annotations}
    (folder / 'MuCo-3DHP.json').write_text(json.dumps(content), encoding='utf-8')
    return folder


@pytest.fixture
def synthetic_folder(write_people, tmp_path):
    """Three images with a grown-up each and, in the last, a child of nine, as ``hdnet synthesize`` writes them."""
    return write_people(tmp_path / 'people', [(40.0,), (14.0,), (30.0, 9.0)])
