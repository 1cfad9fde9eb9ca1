"""People drawn on the image in which they were seen."""
from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ..camera import Camera
from ..perception.people import Person, TrackState
from ..skeleton import HUMAN36M_17
from . import strokes
from .palette import BLACK, Color, Palette, ink_on, mix, side_color

LEAST_CONFIDENCE = 0.3     # joints below are not drawn
FADED = 0.45               # opacity of those who are not seen in this image


def draw_people(image: np.ndarray, people: Sequence[Person], camera: Camera | None = None, *,
                palette: Palette | None = None, size: tuple[int, int] | None = None) -> np.ndarray:
    """A copy of the image with everybody's box, skeleton and, as a label, id and distance from the camera in metres.

    image: (H, W, 3) uint8 BGR.
    camera: of this image; with it people who are coasting are drawn, faded, where they should be.
    palette: keeps colours from picture to picture.
    size: (width, height) to which the image is resized before it is drawn on.
    Boxes of tentative and of coasting people are dashed; limbs are lighter on the left, darker on the right.
    """
    if size is None or tuple(size) == image.shape[1::-1]:
        drawn = np.ascontiguousarray(image).copy()
    else:
        shrinks = size[0] < image.shape[1]
        drawn = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    scale = np.array(drawn.shape[1::-1]) / image.shape[1::-1]
    unit = line_unit(drawn)
    colors = (palette or Palette()).colors(people)
    tags = []
    for person in sorted(people, key=lambda p: -p.root[2]):      # the nearest last, on top
        box, joints, confidence = _in_image(person, camera)
        if box is None:
            continue
        box, joints = np.tile(scale, 2) * (box + 0.5) - 0.5, scale * (joints + 0.5) - 0.5
        coasting = person.state == TrackState.COASTING
        target = drawn.copy() if coasting else drawn
        _draw_skeleton(target, joints, confidence, colors[person.id], unit)
        _draw_box(target, box, colors[person.id], unit, solid=person.state == TrackState.CONFIRMED)
        if coasting:
            drawn = cv2.addWeighted(target, FADED, drawn, 1 - FADED, 0)
        tags.append((person, box, colors[person.id]))
    _draw_tags(drawn, tags, unit)
    return drawn


def line_unit(image: np.ndarray) -> float:
    """Width of a thin line, px: about 1 at VGA and 3 at 4K, so that pictures look alike at every size."""
    return max(0.6, np.sqrt(image.shape[0] * image.shape[1]) / 850)


def _in_image(person: Person, camera: Camera | None) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Box (4,), joints (J, 2) and confidence (J,) to draw; no box if it is not known where the person is seen."""
    if person.observation is not None:
        return np.asarray(person.observation.detection.box, float), person.joints_px, person.confidence
    joints = np.full_like(person.joints_px, np.nan)
    if camera is not None:
        joints = camera.project(person.joints)
    seen = joints[np.isfinite(joints).all(axis=1)]
    if len(seen) < 2:
        return None, joints, np.zeros(len(joints))
    low, high = seen.min(axis=0), seen.max(axis=0)
    if (high < 0).any() or camera is not None and (low > (camera.width, camera.height)).any():
        return None, joints, np.zeros(len(joints))
    margin = 0.08 * (high - low).max()
    return np.concatenate([low - margin, high + margin]), joints, np.ones(len(joints))


def _draw_skeleton(image: np.ndarray, joints: np.ndarray, confidence: np.ndarray, color: Color, unit: float) -> None:
    visible = (confidence >= LEAST_CONFIDENCE) & np.isfinite(joints).all(axis=1)
    bones = [(a, b) for a, b in HUMAN36M_17.edges if visible[a] and visible[b]]
    outline = mix(color, BLACK, 0.75)
    for a, b in bones:
        strokes.line(image, joints[[a, b]], outline, 3.2 * unit + 1.5)
    for a, b in bones:
        strokes.line(image, joints[[a, b]], side_color(color, HUMAN36M_17.joints[b]), 3.2 * unit)
    for j in np.flatnonzero(visible):
        strokes.disc(image, joints[j], 3.0 * unit + 0.6, outline)
        strokes.disc(image, joints[j], 2.2 * unit, side_color(color, HUMAN36M_17.joints[j]))


def _draw_box(image: np.ndarray, box: np.ndarray, color: Color, unit: float, solid: bool) -> None:
    # At the very edge of the image half of the line would be lost.
    last = np.array(image.shape[1::-1]) - 1 - unit
    (x0, y0), (x1, y1) = np.clip(box[:2], unit, last), np.clip(box[2:], unit, last)
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)])
    if solid:
        strokes.line(image, corners, mix(color, BLACK, 0.75), 2.2 * unit + 1.2, closed=True)
        strokes.line(image, corners, color, 2.2 * unit, closed=True)
    else:
        strokes.dashes(image, corners, color, 2.0 * unit, dash=9 * unit)


def _draw_tags(image: np.ndarray, tags: list[tuple[Person, np.ndarray, Color]], unit: float) -> None:
    """Labels on top of the boxes; one that would cover another goes to the next free place."""
    limit = np.array(image.shape[1::-1], float)
    height = max(7.0, 11.0 * unit)
    placed: list[np.ndarray] = []
    for person, box, color in reversed(tags):
        words = f'{person.id}  {np.linalg.norm(person.root):.2f} m'
        size = np.array(strokes.tag_size(words, height))
        low, high = np.clip(box[:2], 0, limit), np.clip(box[2:], 0, limit)
        candidates = [(low[0], low[1] - size[1]), (high[0] - size[0], low[1] - size[1]), (low[0], low[1]),
                      (low[0], high[1]), (low[0], high[1] - size[1])]
        corners = [np.clip(c, 0, np.maximum(limit - size, 0)) for c in candidates]
        corner = next((c for c in corners if not any(strokes.overlap(c, size, p) for p in placed)), corners[0])
        placed.append(np.concatenate([corner, corner + size]))
        faded = person.state == TrackState.COASTING
        background = mix(color, (128, 128, 128), 0.6) if faded else color
        strokes.tag(image, words, corner, height, background, ink_on(background))

