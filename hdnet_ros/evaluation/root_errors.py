"""Root errors of single estimates, and their medians by person and camera."""
from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .pose2sim_truth import WHO


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
