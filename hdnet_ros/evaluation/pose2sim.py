"""Root errors on the multi-person footage of Pose2Sim, whose people were triangulated from its four cameras.

The footage itself is fetched by name (``hdnet models fetch pose2sim_footage``); the truth lies beside this module.
"""
from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..camera import Camera

TRUTH_FILE = Path(__file__).parent / 'truth' / 'pose2sim_multi.json'
WHO = {'man': 'real man (1.72 m)', 'woman': 'composited woman (1.40 m)'}

# How far from the true pelvis, measured in the plane of the image, an estimate may be seen and still be that person.
GATE_M = 0.35


@dataclass(frozen=True, eq=False)
class TruePerson:
    """One person's pelvis in one camera.

    who: a key of ``WHO``.
    root: (3,) metres, camera frame.
    pixel: (2,) where that is seen in the image.
    reliable: False where the views disagree about the person.
    """

    who: str
    root: np.ndarray
    pixel: np.ndarray
    reliable: bool


class Pose2SimTruth:
    """The calibration of the four cameras and the pelvis of both people in every fifth frame."""

    def __init__(self, path: str | Path = TRUTH_FILE):
        data = json.loads(Path(path).read_text(encoding='utf-8'))
        width, height = data['size_px']
        self.fps = float(data['fps'])
        self.cameras = {c['name']: Camera(width, height, np.array(c['K']), np.array(c['D'])) for c in data['cameras']}
        self._extrinsics = {c['name']: (np.array(c['R']), np.array(c['t'])) for c in data['cameras']}
        self._pelvises: dict[int, list[dict]] = {}
        for entry in data['pelvises']:
            self._pelvises.setdefault(entry['frame'], []).append(entry)

    @property
    def frames(self) -> tuple[int, ...]:
        """Numbers of the video frames (from 0) that have a truth."""
        return tuple(sorted(self._pelvises))

    def people(self, camera: str, frame: int) -> list[TruePerson]:
        """Both people as that camera sees them, nobody in a frame without truth; KeyError for an unknown camera."""
        R, t = self._extrinsics[camera]
        found = []
        for entry in self._pelvises.get(frame, ()):
            root = R @ np.array(entry['world_m']) + t
            found.append(TruePerson(entry['who'], root, self.cameras[camera].project(root), entry['reliable']))
        return found


def match_people(pixels: np.ndarray, truth: Sequence[TruePerson], focal_px: float) -> list[int | None]:
    """For every true person the index of the estimate that is him or her, or None.

    pixels: (N, 2) where the roots of the estimates are seen in the image; NaN for people who are not seen in it.
    Only places in the image count, so that an error in depth cannot change who is compared with whom.
    The assignment is the one with the least sum of distances among those within ``GATE_M`` of the truth.
    """
    pixels = np.asarray(pixels, float).reshape(-1, 2)
    matches: list[int | None] = [None] * len(truth)
    if not len(pixels) or not truth:
        return matches
    distance_m = np.array([np.linalg.norm(pixels - t.pixel, axis=1) * t.root[2] / focal_px for t in truth])
    cost = np.where(distance_m <= GATE_M, distance_m, 1e6)   # NaN compares false
    for row, column in zip(*linear_sum_assignment(cost)):
        if cost[row, column] <= GATE_M:
            matches[row] = int(column)
    return matches


@dataclass(frozen=True, eq=False)
class RootError:
    """One estimate and its truth; both roots are (3,) metres in the frame of that camera."""

    camera: str
    frame: int
    who: str
    id: str
    root: np.ndarray
    true_root: np.ndarray

    @property
    def distance_m(self) -> float:
        """Distance between estimate and truth, metres."""
        return float(np.linalg.norm(self.root - self.true_root))

    @property
    def depth_percent(self) -> float:
        """Error in depth as a share of the true depth; positive is too far."""
        return float(100 * (self.root[2] / self.true_root[2] - 1))


@dataclass(frozen=True)
class ErrorRow:
    """A line of the table: medians over ``count`` estimates."""

    who: str
    camera: str
    count: int
    root_m: float
    depth_percent_abs: float
    depth_percent: float


def summarize(errors: Iterable[RootError]) -> list[ErrorRow]:
    """Medians by person and camera, and over all cameras (camera ``'all'``) after each person."""
    errors = list(errors)
    rows = []
    for who in WHO:
        mine = [e for e in errors if e.who == who]
        for camera in [*sorted({e.camera for e in mine}), 'all']:
            chosen = [e for e in mine if camera in ('all', e.camera)]
            if chosen:
                depth = np.array([e.depth_percent for e in chosen])
                rows.append(ErrorRow(who, camera, len(chosen), float(np.median([e.distance_m for e in chosen])),
                                     float(np.median(np.abs(depth))), float(np.median(depth))))
    return rows


def markdown_table(rows: Iterable[ErrorRow]) -> str:
    """The rows as a Markdown table that also reads well in a terminal."""
    cells = [('person', 'camera', 'n', 'root error, m', 'depth error, %', 'signed, %')]
    cells += [(WHO[r.who], r.camera, str(r.count), f'{r.root_m:.3f}', f'{r.depth_percent_abs:.1f}',
               f'{r.depth_percent:+.1f}') for r in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]

    def line(row: Sequence[str]) -> str:
        padded = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        return '| ' + ' | '.join(padded) + ' |'
    rule = '| ' + ' | '.join('-' * w if i < 2 else '-' * (w - 1) + ':' for i, w in enumerate(widths)) + ' |'
    return '\n'.join([line(cells[0]), rule, *(line(row) for row in cells[1:])]) + '\n'


def write_csv(errors: Iterable[RootError], path: str | Path) -> None:
    """One line per estimate: who, where it was put, where it is, and the errors."""
    with open(path, 'w', newline='', encoding='utf-8') as file:
        out = csv.writer(file)
        out.writerow(['camera', 'frame', 'who', 'id', 'x_m', 'y_m', 'z_m', 'true_x_m', 'true_y_m', 'true_z_m',
                      'error_m', 'depth_error_percent'])
        for e in errors:
            out.writerow([e.camera, e.frame, e.who, e.id, *(f'{v:.4f}' for v in (*e.root, *e.true_root, e.distance_m)),
                          f'{e.depth_percent:.2f}'])
