"""The people in the multi-person footage of Pose2Sim, triangulated from its four cameras.

The footage itself is fetched by name (``hdnet models fetch pose2sim_footage``); the truth lies beside this module.
"""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..camera import Camera
from ..skeleton import HUMAN36M_17
from .who_is_whom import who_is_whom

TRUTH_FILE = Path(__file__).parent / 'truth' / 'pose2sim_multi.json'
WHO = {'man': 'real man (1.72 m)', 'woman': 'composited woman (1.40 m)'}


@dataclass(frozen=True, eq=False)
class TruePerson:
    """One person in one camera.

    who: a key of ``WHO``.
    root: (3,) metres, camera frame.
    pixel: (2,) where that is seen in the image.
    reliable: False where the views disagree about the person.
    joints: (17, 3) metres, camera frame, in the order of ``HUMAN36M_17``; NaN for the head, neck, thorax and spine,
        which were not triangulated.
    joints_px: (17, 2) where they are seen in the image.
    """

    who: str
    root: np.ndarray
    pixel: np.ndarray
    reliable: bool
    joints: np.ndarray
    joints_px: np.ndarray


class Pose2SimTruth:
    """The calibration of the four cameras and the joints of both people in every fifth frame."""

    def __init__(self):
        data = json.loads(TRUTH_FILE.read_text(encoding='utf-8'))
        width, height = data['size_px']
        self.fps = float(data['fps'])
        self.cameras = {c['name']: Camera(width, height, np.array(c['K']), np.array(c['D'])) for c in data['cameras']}
        self._extrinsics = {c['name']: (np.array(c['R']), np.array(c['t'])) for c in data['cameras']}
        self._people: dict[int, list[dict]] = {}
        for entry in data['people']:
            self._people.setdefault(entry['frame'], []).append(entry)

    @property
    def frames(self) -> tuple[int, ...]:
        """Numbers of the video frames (from 0) that have a truth."""
        return tuple(sorted(self._people))

    def people(self, camera: str, frame: int) -> list[TruePerson]:
        """Both people as that camera sees them, nobody in a frame without truth; KeyError for an unknown camera."""
        R, t = self._extrinsics[camera]
        project = self.cameras[camera].project
        found = []
        for entry in self._people.get(frame, ()):
            joints = _joints(entry) @ R.T + t
            root = joints[HUMAN36M_17.root]
            found.append(TruePerson(entry['who'], root, project(root), entry['reliable'], joints, project(joints)))
        return found


def _joints(entry: dict) -> np.ndarray:
    """(17, 3) metres, world frame, NaN where unknown."""
    joints = np.full((len(HUMAN36M_17), 3), np.nan)
    joints[HUMAN36M_17.root] = entry['world_m']
    for name, place in entry['joints_world_m'].items():
        joints[HUMAN36M_17.index(name)] = place
    return joints


def match_people(pixels: np.ndarray, truth: Sequence[TruePerson], focal_px: float) -> list[int | None]:
    """For every true person the index of the estimate that is him or her, or None.

    pixels: (N, 2) where the roots of the estimates are seen in the image; NaN for people who are not seen in it.
    Only places in the image count; see ``who_is_whom``.
    """
    pixels = np.asarray(pixels, float).reshape(-1, 2)
    matches: list[int | None] = [None] * len(truth)
    if not len(pixels) or not truth:
        return matches
    distance_m = np.array([np.linalg.norm(pixels - t.pixel, axis=1) * t.root[2] / focal_px for t in truth])
    for person, estimate in who_is_whom(distance_m):
        matches[person] = estimate
    return matches
