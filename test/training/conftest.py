"""Miniature data sets, written to disk in the real layouts, and a network that is quick to train."""
from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from hdnet_ros.network import HDNetConfig
from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21
from hdnet_ros.training.config import TrainingConfig
from hdnet_ros.training.samples import Sample, person

# A standing person, metres, relative to the hip: x right, y down, z forward.
STANDING = np.array([
    [0, 0, 0], [-0.13, 0, 0], [-0.14, 0.45, 0.02], [-0.14, 0.88, 0.05], [0.13, 0, 0], [0.14, 0.45, 0],
    [0.14, 0.88, 0.03], [0, -0.25, 0.02], [0, -0.5, 0.03], [0, -0.58, -0.03], [0, -0.72, 0], [0.18, -0.47, 0.02],
    [0.27, -0.2, 0.04], [0.3, 0.05, 0], [-0.18, -0.47, 0.02], [-0.27, -0.2, 0.05], [-0.3, 0.05, -0.05]])
WIDTH, HEIGHT, FOCAL = 160, 120, 150.0
K = np.array([[FOCAL, 0, 79.5], [0, FOCAL * 1.02, 60.5], [0, 0, 1]])


def draw_people(random: np.random.Generator, count: int) -> tuple[np.ndarray, list[dict]]:
    """An image of stick figures, and joints and box of each."""
    image = cv2.GaussianBlur(random.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8), (0, 0), 5)
    people = []
    for _ in range(count):
        root = np.array([random.uniform(-0.8, 0.8), random.uniform(-0.1, 0.2), random.uniform(2.2, 5)])
        joints = STANDING * random.uniform(0.9, 1.1) + random.normal(0, 0.03, STANDING.shape) + root
        pixels = joints[:, :2] / joints[:, 2:] * K[[0, 1], [0, 1]] + K[:2, 2]
        for a, b in HUMAN36M_17.edges:
            color = random.integers(0, 255, 3).tolist()
            cv2.line(image, pixels[a].round().astype(int).tolist(), pixels[b].round().astype(int).tolist(), color, 2)
        low, high = pixels.min(axis=0) - 3, pixels.max(axis=0) + 3
        people.append({'joints': joints, 'pixels': pixels, 'box': np.concatenate([low, high])})
    return image, people


def write_muco(folder: Path, images: int = 12, seed: int = 0, joint_set: str | None = 'human36m_17') -> Path:
    """Images with one to three people in the layout of MuCo-3DHP."""
    random = np.random.default_rng(seed)
    (folder / 'images').mkdir(parents=True)
    content: dict = {'images': [], 'annotations': []}
    if joint_set:
        content['joint_set'] = joint_set
    for number in range(images):
        image, people = draw_people(random, 1 + number % 3)
        cv2.imwrite(str(folder / 'images' / f'{number:04d}.jpg'), image)
        content['images'].append({'id': number, 'file_name': f'images/{number:04d}.jpg', 'width': WIDTH,
                                  'height': HEIGHT, 'f': [K[0, 0], K[1, 1]], 'c': [K[0, 2], K[1, 2]]})
        for each in people:
            low, high = each['box'][:2], each['box'][2:]
            content['annotations'].append({
                'id': len(content['annotations']), 'image_id': number, 'bbox': [*low, *(high - low)],
                'keypoints_cam': (each['joints'] * 1000).tolist(), 'keypoints_img': each['pixels'].tolist(),
                'keypoints_vis': [1] * 17})
    (folder / 'MuCo-3DHP.json').write_text(json.dumps(content))
    return folder


@pytest.fixture
def muco_writer():
    return write_muco


@pytest.fixture(scope='session')
def muco_folder(tmp_path_factory):
    """Do not change it."""
    return write_muco(tmp_path_factory.mktemp('muco') / 'set')


def make_sample(joint_set) -> Sample:
    image, people = draw_people(np.random.default_rng(3), 3)
    truths = tuple(person(each['box'], each['pixels'], np.ones(17), each['joints'], HUMAN36M_17, joint_set)
                   for each in people)
    return Sample(image, K, truths, 'a test')


@pytest.fixture
def sample():
    """An image with three people, one cut by the border."""
    return make_sample(HUMAN36M_17)


@pytest.fixture
def muco_sample():
    """The same in the order of MuCo's joints, of which the root is not the first."""
    return make_sample(MUCO_21)


@pytest.fixture(scope='session')
def tiny_network():
    return HDNetConfig(alpha=0.5, beta=20.0, bins=31, backbone='efficientnet_lite0', width=16, input_size=64,
                       window_policy='packed', window_size='canonical', train_focal_px=1000.0)


@pytest.fixture
def tiny_values(muco_folder, tiny_network):
    """Plain data of a configuration that trains in seconds."""
    data_set = {'kind': 'muco', 'folder': str(muco_folder), 'split': 'all'}
    return {
        'network': tiny_network.to_dict(),
        'data': {'train': [dict(data_set)], 'validation': [dict(data_set)]},
        'windows': {'policies': {'packed': 1, 'box': 1.0}, 'off_centre': 0.5, 'box_jitter': 0.03, 'min_height_px': 4.0},
        'augmentation': {'flip': 0.5, 'roll': 0.5, 'zoom': 0.5, 'colour': 0.5, 'blur': 0.3, 'noise': 0.3,
                         'occluders': 0.3},
        'schedule': {'epochs': 2, 'steps_per_epoch': 3, 'batch_size': 4, 'learning_rate': 0.001},
        'validation': {'images': 12, 'batch_size': 6},
        'run': {'checkpoint_every_steps': 2, 'log_every_steps': 1, 'tensorboard': False},
    }


@pytest.fixture
def tiny_config(tiny_values):
    return TrainingConfig.from_dict(tiny_values)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
