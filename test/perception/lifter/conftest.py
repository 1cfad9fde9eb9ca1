"""Real frames with the true joints of the people in them."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import hdnet_ros.evaluation
from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection
from hdnet_ros.skeleton import HUMAN36M_17

CAMERAS = Path(hdnet_ros.evaluation.__file__).parent / 'truth' / 'pose2sim_multi.json'
JOINTS = Path(__file__).parent / 'true_joints.json'


@dataclass
class TruePerson:
    """joints: indices into the 17; camera_m: their (12, 3) positions; detection: a box around them."""

    joints: list[int]
    camera_m: np.ndarray
    detection: Detection


@dataclass
class View:
    """One frame of one camera."""

    image: np.ndarray
    camera: Camera
    people: dict[str, TruePerson]

    @property
    def detections(self) -> list[Detection]:
        return [person.detection for person in self.people.values()]


@pytest.fixture(scope='session')
def views(read_frames) -> dict[tuple[str, int], View]:
    """Frames 0 and 20 of all four cameras, by camera name and frame number."""
    truth = json.loads(JOINTS.read_text(encoding='utf-8'))
    calibration = json.loads(CAMERAS.read_text(encoding='utf-8'))
    joints = [HUMAN36M_17.index(name) for name in truth['joints']]
    views = {}
    for entry in calibration['cameras']:
        camera = Camera(*calibration['size_px'], np.array(entry['K']), np.array(entry['D']))
        for number, image in read_frames(entry['name'], {p['frame'] for p in truth['people']}).items():
            people = {}
            for person in (p for p in truth['people'] if p['frame'] == number):
                camera_m = np.array(person['world_m']) @ np.array(entry['R']).T + entry['t']
                box = box_around(camera.project(camera_m), camera)
                people[person['who']] = TruePerson(joints, camera_m, Detection(box))
            views[entry['name'], number] = View(image, camera, people)
    return views


def box_around(joints_px: np.ndarray, camera: Camera) -> np.ndarray:
    """A box as a detector would draw it: the joints, and a little for head, hands and feet, inside the image."""
    low, high = joints_px.min(axis=0), joints_px.max(axis=0)
    size = high - low
    low, high = low - size * [0.12, 0.22], high + size * [0.12, 0.06]
    return np.concatenate([np.clip(low, 0, None), np.minimum(high, [camera.width - 1, camera.height - 1])])
