"""People in metres, from above and from the side (as in the paper's Fig. 5)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..camera import Camera
from ..perception.people import Person, TrackState
from ..skeleton import HUMAN36M_17
from . import strokes
from .level import FORWARD, RIGHT, UP
from .memory import Memory
from .palette import WHITE, Color, mix, side_color
from .sight import sight

PAPER: Color = (252, 251, 250)
SIGHT: Color = (242, 236, 228)     # what the camera sees
GRID: Color = (222, 218, 214)
INK: Color = (70, 62, 56)
FAINT: Color = (150, 142, 136)

SIGMAS = 2.0            # of the uncertainty ellipse
_SUPERSAMPLING = 2      # drawn so many times larger and then reduced: smoother than OpenCV's own lines
_SQUARE = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)


@dataclass(frozen=True, eq=False)
class Panel:
    """A part of the canvas in metres.

    image: (H, W, 3) the part itself, a view into the canvas.
    horizontal, vertical: which of right, up and forward they show.
    origin: (2,) px where the camera's foot is; px_per_m: the same both ways.
    unit: width of a thin line, px.
    """

    image: np.ndarray
    horizontal: int
    vertical: int
    origin: np.ndarray
    px_per_m: float
    unit: float

    @property
    def text_px(self) -> float:
        return 9.0 * self.unit

    def px(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres right, up, forward to (..., 2) px."""
        points = np.asarray(points, float)
        flat = np.stack([points[..., self.horizontal], -points[..., self.vertical]], axis=-1)
        return self.origin + self.px_per_m * flat


def draw_views(people: Sequence[Person], camera: Camera | None = None, size: tuple[int, int] = (640, 960), *,
               memory: Memory | None = None) -> np.ndarray:
    """A picture with the top view above the side view; equal scale in both directions, in metres.

    size: (width, height) of the picture, px.
    camera: draws its field of view.
    memory: keeps colours, floor and range from picture to picture; the caller updates it (``draw_figure`` does).
    The top view shows the camera at its foot, distances along the floor as arcs, and everybody's skeleton and
    uncertainty (2 sigma). The side view shows heights above the floor if feet are seen, else relative to the camera.
    """
    if memory is None:
        memory = Memory()
        memory.update(people)
    canvas, unit = _canvas(size)
    split = round(canvas.shape[0] * 0.58)
    _top_view(canvas[:split], people, camera, memory, unit)
    strokes.line(canvas, [(0, split), (canvas.shape[1], split)], GRID, unit)
    _side_view(canvas[split:], people, camera, memory, unit)
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)


def draw_top_view(people: Sequence[Person], camera: Camera | None = None, size: tuple[int, int] = (640, 640), *,
                  memory: Memory | None = None) -> np.ndarray:
    """The top view of ``draw_views`` as a picture of (width, height) px by itself."""
    if memory is None:
        memory = Memory()
        memory.update(people)
    canvas, unit = _canvas(size)
    _top_view(canvas, people, camera, memory, unit)
    return cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)


def nice_step(reach: float, most: int = 6) -> float:
    """The finest step of 1, 2 or 5 times a power of ten that divides ``reach`` into at most ``most`` parts."""
    base = 10.0 ** np.floor(np.log10(reach / most))
    return float(next(m * base for m in (1, 2, 5, 10) if reach / (m * base) <= most + 1e-9))


def _canvas(size: tuple[int, int]) -> tuple[np.ndarray, float]:
    """An empty canvas for a picture of (width, height), and the width of a thin line on it, px."""
    canvas = np.full((size[1] * _SUPERSAMPLING, size[0] * _SUPERSAMPLING, 3), PAPER, np.uint8)
    return canvas, max(0.8, np.sqrt(size[0] * size[1]) / 620) * _SUPERSAMPLING


def _top_view(image: np.ndarray, people: Sequence[Person], camera: Camera | None, memory: Memory, unit: float) -> None:
    height, width = image.shape[:2]
    below, above = 34 * unit, 30 * unit
    sideways = max((abs(memory.level.points(p.root)[RIGHT]) for p in people), default=0.0) + 0.5
    scale = min((height - below - above) / memory.reach_m, (width / 2 - 12 * unit) / sideways)
    panel = Panel(image, RIGHT, FORWARD, np.array([width / 2, height - below]), scale, unit)
    bearing = np.radians(20)
    if camera is not None:
        left, right = sight(camera, memory.level, RIGHT)
        _fill_sight(panel, left, right)
        bearing = np.clip(right, 0, np.radians(50))
    labels = _arcs(panel, memory.reach_m, bearing)
    _camera_from_above(panel)
    for person in _far_to_near(people):
        _draw_person(panel, person, memory)
    _name_people(panel, people, memory, labels)
    strokes.text(image, 'top view', (12 * unit, 12 * unit), panel.text_px, INK, anchor=(0, 0))
    strokes.text(image, 'limbs: left light, right dark; ellipse: 2 sigma', (width - 12 * unit, height - 9 * unit),
                 0.7 * panel.text_px, FAINT, anchor=(1, 1))


def _arcs(panel: Panel, reach_m: float, bearing: float) -> list[np.ndarray]:
    """Distances along the floor, named just outside of that bearing (rad, to the right); (4,) boxes of the names."""
    boxes = []
    height = 0.85 * panel.text_px
    step = nice_step(reach_m)
    angles = np.linspace(-np.pi / 2, np.pi / 2, 181)
    for distance in np.arange(step, np.hypot(*panel.image.shape[:2]) / panel.px_per_m + step, step):
        arc = np.stack([np.sin(angles), 0 * angles, np.cos(angles)], axis=1) * distance
        strokes.line(panel.image, panel.px(arc), GRID, panel.unit)
        words = _metres(distance)
        size = np.array(strokes.text_size(words, height))
        at = bearing + (size[0] / 2 + 8 * panel.unit) / (distance * panel.px_per_m)
        corner = panel.px(distance * np.array([np.sin(at), 0, np.cos(at)])) - size / 2
        if corner[1] > 0:
            strokes.polygon(panel.image, corner + size / 2 + (size / 2 + 3 * panel.unit) * _SQUARE, PAPER)
            strokes.text(panel.image, words, corner, height, FAINT, anchor=(0, 0))
            boxes.append(np.concatenate([corner, corner + size]))
    return boxes


def _side_view(image: np.ndarray, people: Sequence[Person], camera: Camera | None, memory: Memory, unit: float) -> None:
    height, width = image.shape[:2]
    known = np.isfinite(memory.level.ground_m)
    ground = memory.level.ground_m if known else 0.0
    left, below, above, right = 44 * unit, 30 * unit, 34 * unit, 26 * unit
    tops = [np.nanmax(_joints_and_root(p, memory)[:, UP]) for p in people]
    bottoms = [np.nanmin(_joints_and_root(p, memory)[:, UP]) for p in people]
    low = min([ground - 0.1] + bottoms) if known else min([-1.0] + bottoms)
    high = max([0.2, ground + 2.0 if known else 1.0] + tops)
    scale = min((width - left - right) / memory.reach_m, (height - below - above) / (high - low))
    panel = Panel(image, FORWARD, UP, np.array([left, height - below + low * scale]), scale, unit)
    high = (panel.origin[1] - above) / scale      # to the top of the panel
    if camera is not None:
        _fill_sight(panel, *sight(camera, memory.level, UP))
    reach = (width - left - right) / scale
    _grid(panel, reach, low, high, ground)
    strokes.disc(image, panel.origin, 4.5 * unit, INK)
    if known:
        floor = panel.px(np.array([[0, ground, 0], [0, ground, reach]]))
        strokes.line(image, floor, FAINT, 2 * unit)
    for person in _far_to_near(people):
        _draw_person(panel, person, memory)
    what = 'height above the floor' if known else 'height above the camera'
    strokes.text(image, f'side view, {what}', (12 * unit, 12 * unit), panel.text_px, INK, anchor=(0, 0))


def _grid(panel: Panel, reach: float, low: float, high: float, zero: float) -> None:
    step = nice_step(reach, most=9)
    bottom = panel.px(np.array([0, low, 0]))[1]
    for distance in np.arange(0, reach + 1e-6, step):
        ends = panel.px(np.array([[0, low, distance], [0, high, distance]]))
        strokes.line(panel.image, ends, GRID, panel.unit)
        strokes.text(panel.image, _metres(distance), (ends[0][0], bottom + 6 * panel.unit), 0.85 * panel.text_px, FAINT,
                     anchor=(0.5, 0))
    for up in np.arange(np.ceil((low - zero) / step), np.floor((high - zero) / step) + 1) * step:
        ends = panel.px(np.array([[0, up + zero, 0], [0, up + zero, reach]]))
        strokes.line(panel.image, ends, GRID, panel.unit)
        strokes.text(panel.image, _metres(up), ends[0] - (6 * panel.unit, 0), 0.85 * panel.text_px, FAINT,
                     anchor=(1, 0.5))


def _metres(value: float) -> str:
    return f'{round(value, 6) + 0.0:g} m'


def _far_to_near(people: Sequence[Person]) -> list[Person]:
    return sorted(people, key=lambda p: -p.root[2])


def _joints_and_root(person: Person, memory: Memory) -> np.ndarray:
    """(J + 1, 3) joints and, last, the root: right, up, forward; only the root is always known."""
    return memory.level.points(np.vstack([person.joints, person.root]))


def _fill_sight(panel: Panel, low: float, high: float) -> None:
    """All directions between those two angles to 'forward', rad."""
    angles = np.linspace(low, high, 65)
    directions = np.zeros((len(angles), 3))
    directions[:, FORWARD] = np.cos(angles)
    directions[:, RIGHT] = directions[:, UP] = np.sin(angles)    # the panel shows one of them
    ends = panel.px(directions * 1.1 * np.hypot(*panel.image.shape[:2]) / panel.px_per_m)    # out of the picture
    strokes.polygon(panel.image, np.array([panel.origin, *ends]), SIGHT)
    if high - low < 2 * np.pi:
        for end in ends[[0, -1]]:
            strokes.line(panel.image, [panel.origin, end], FAINT, panel.unit)


def _camera_from_above(panel: Panel) -> None:
    u = panel.unit
    body = panel.origin + np.array([(-7, 3), (7, 3), (7, 13), (-7, 13)]) * u
    lens = panel.origin + np.array([(-2.5, 4), (2.5, 4), (6, -4), (-6, -4)]) * u
    strokes.polygon(panel.image, body, INK)
    strokes.polygon(panel.image, lens, INK)


def _draw_person(panel: Panel, person: Person, memory: Memory) -> None:
    color = memory.palette.colors([person])[person.id]
    coasting = person.state == TrackState.COASTING
    paint = mix(color, PAPER, 0.55) if coasting else color
    root = panel.px(memory.level.points(person.root))
    outline = _ellipse(panel, person, memory)
    strokes.polygon(panel.image, outline, paint, opacity=0.16)
    if person.state == TrackState.CONFIRMED:
        strokes.line(panel.image, outline, paint, panel.unit, closed=True)
    else:
        strokes.dashes(panel.image, np.vstack([outline, outline[:1]]), paint, panel.unit, dash=3 * panel.unit)
    joints = panel.px(memory.level.points(person.joints))
    for a, b in HUMAN36M_17.edges:
        shade = side_color(color, HUMAN36M_17.joints[b])
        strokes.line(panel.image, joints[[a, b]], mix(shade, PAPER, 0.55) if coasting else shade, 2.6 * panel.unit)
    strokes.disc(panel.image, root, 5.0 * panel.unit, WHITE)
    strokes.disc(panel.image, root, 3.8 * panel.unit, paint)


def _ellipse(panel: Panel, person: Person, memory: Memory) -> np.ndarray:
    """(72, 2) px: where the root is with 2 sigma, as seen in the panel."""
    axes = [panel.horizontal, panel.vertical]
    covariance = memory.level.covariance(person.root_covariance)[np.ix_(axes, axes)]
    values, vectors = np.linalg.eigh(covariance)
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)])
    spread = np.zeros((72, 3))
    spread[:, axes] = (vectors @ (SIGMAS * np.sqrt(np.maximum(values, 0))[:, None] * circle)).T
    return panel.px(memory.level.points(person.root) + spread)


def _name_people(panel: Panel, people: Sequence[Person], memory: Memory, placed: list[np.ndarray]) -> None:
    """Ids beside the people, on the outer side, the nearest first; one that would cover other text moves down.

    placed: (4,) boxes of the texts that are there already.
    """
    placed = list(placed)
    colors = memory.palette.colors(people)
    height = panel.text_px
    for person in reversed(_far_to_near(people)):
        joints = panel.px(_joints_and_root(person, memory))
        low, high = np.nanmin(joints, axis=0), np.nanmax(joints, axis=0)
        size = np.array(strokes.text_size(person.id, height))
        rightward = joints[-1][0] >= panel.origin[0]
        x = high[0] + 8 * panel.unit if rightward else low[0] - 8 * panel.unit - size[0]
        corner = np.array([np.clip(x, 0, panel.image.shape[1] - size[0]), joints[-1][1] - height / 2])
        while any(strokes.overlap(corner, size + 0.3 * height, other) for other in placed):
            corner[1] += 0.5 * height
        placed.append(np.concatenate([corner, corner + size]))
        strokes.text(panel.image, person.id, corner, height, mix(colors[person.id], INK, 0.35), anchor=(0, 0))
