"""A sheet of samples with joints, boxes and metres drawn in."""
from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.training.synthetic.sample import SyntheticImage

_LEFT, _RIGHT, _MIDDLE = (60, 160, 255), (255, 140, 40), (60, 220, 60)


def draw_truth(sample: SyntheticImage) -> np.ndarray:
    """A copy of the image with every target's box, skeleton, and depth of the root in metres."""
    image = sample.image.copy()
    for person in sample.people:
        points = np.rint(np.clip(person.joints_px, -9999, 9999)).astype(int)
        for a, b in HUMAN36M_17.edges:
            names = HUMAN36M_17.joints[a] + HUMAN36M_17.joints[b]
            colour = _LEFT if 'left' in names else _RIGHT if 'right' in names else _MIDDLE
            cv2.line(image, tuple(map(int, points[a])), tuple(map(int, points[b])), colour, 1, cv2.LINE_AA)
        for point, visible in zip(points, person.joints_visible):
            cv2.circle(image, tuple(map(int, point)), 2, (255, 255, 255) if visible else (0, 0, 0), -1, cv2.LINE_AA)
        x0, y0, x1, y1 = map(int, np.rint(person.box))
        cv2.rectangle(image, (x0, y0), (x1, y1), (0, 230, 230), 1)
        text = f'{person.joints_camera[HUMAN36M_17.root, 2]:.2f} m  {person.height_m:.2f} m {person.age_years:.0f} y'
        for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(image, text, (max(2, x0), max(12, y0 - 4)), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, width,
                        cv2.LINE_AA)
    return image


def contact_sheet(samples: Sequence[SyntheticImage], columns: int = 4, cell: tuple[int, int] = (480, 360),
                  truth: bool = True) -> np.ndarray:
    """One BGR picture of all samples, each fitted into a cell of (width, height) px; truth: draw it in."""
    cells = []
    for sample in samples:
        image = draw_truth(sample) if truth else sample.image
        scale = min(cell[0] / image.shape[1], cell[1] / image.shape[0])
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=method)
        canvas = np.full((cell[1], cell[0], 3), 24, np.uint8)
        y, x = (cell[1] - image.shape[0]) // 2, (cell[0] - image.shape[1]) // 2
        canvas[y:y + image.shape[0], x:x + image.shape[1]] = image
        cells.append(canvas)
    cells += [np.full((cell[1], cell[0], 3), 24, np.uint8)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[i:i + columns]) for i in range(0, len(cells), columns)])
