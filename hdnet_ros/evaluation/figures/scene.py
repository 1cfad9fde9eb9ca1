"""People in metres as somebody sees them who stands beside the camera (columns 2 and 3 of the paper's Figure 5)."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hdnet_ros.drawing import strokes
from hdnet_ros.drawing.level import FORWARD, RIGHT, UP
from hdnet_ros.drawing.memory import Memory
from hdnet_ros.drawing.palette import Color, mix, side_color
from hdnet_ros.drawing.views import FAINT, GRID, INK, PAPER, nice_step
from hdnet_ros.perception.people import Person
from hdnet_ros.skeleton import HUMAN36M_17

SHADOW: Color = (216, 212, 208)
_SUPERSAMPLING = 2
_ASSUMED_HIP_M = 0.95      # height of the root above the floor where no feet are known
_MARGIN_M = 0.6            # of floor around the people
_LIMB_M = 0.045            # as thick as limbs are drawn where that can be seen
_FEET = [HUMAN36M_17.index('left_foot'), HUMAN36M_17.index('right_foot')]


@dataclass(frozen=True)
class Viewpoint:
    """Where the onlooker stands.

    name: for the caption.
    azimuth_deg: direction from the people to the onlooker: 0 is where the camera is, -45 to the left of it as the
        camera sees the scene, 45 to its right.
    elevation_deg: how high the onlooker stands above the floor, 0..90.
    """

    name: str
    azimuth_deg: float
    elevation_deg: float = 28.0

    def axes(self) -> np.ndarray:
        """(3, 3) rows: the onlooker's right, up and backward, in right, up, forward of the camera."""
        azimuth, elevation = np.radians([self.azimuth_deg, self.elevation_deg])
        right = np.array([np.cos(azimuth), 0.0, np.sin(azimuth)])
        backward = np.array([np.sin(azimuth) * np.cos(elevation), np.sin(elevation),
                             -np.cos(azimuth) * np.cos(elevation)])
        return np.array([right, np.cross(right, backward), backward])


LEFT_FRONT = Viewpoint('from the left front', -50.0)
RIGHT_FRONT = Viewpoint('from the right front', 50.0)


class Projection:
    """A mild perspective that fits given points into a picture.

    points: (N, 3) right, up, forward, metres; center and size (width, height) of the part to fill, px.
    px_per_m: in the middle of the scene.
    """

    def __init__(self, viewpoint: Viewpoint, points: np.ndarray, center: np.ndarray, size: np.ndarray):
        self._axes = viewpoint.axes()
        self._middle = (points.min(axis=0) + points.max(axis=0)) / 2
        # So many times the scene's radius away: near people look a little larger, as one expects of a room.
        self._distance_m = 5.0 * max(0.5, float(np.linalg.norm(points - self._middle, axis=1).max()))
        flat = self._flat(points)
        low, high = flat.min(axis=0), flat.max(axis=0)
        self.px_per_m = float(np.min(size / np.maximum(high - low, 1e-6)))
        self._offset = center - self.px_per_m * (low + high) / 2

    def _flat(self, points: np.ndarray) -> np.ndarray:
        seen = (points - self._middle) @ self._axes.T
        return seen[..., :2] * (1, -1) / (1 - seen[..., 2:] / self._distance_m)

    def px(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres right, up, forward to (..., 2) px."""
        return self._offset + self.px_per_m * self._flat(np.asarray(points, float))

    def nearness(self, points: np.ndarray) -> np.ndarray:
        """(...) larger is nearer to the onlooker, metres."""
        return (np.asarray(points, float) - self._middle) @ self._axes[2]


def draw_scene(people: Sequence[Person], viewpoint: Viewpoint, size: tuple[int, int] = (640, 640), *,
               memory: Memory | None = None, truth: Sequence[Person] = ()) -> np.ndarray:
    """People on a floor with a grid in metres, whose numbers count from the camera.

    size: (width, height) px. memory: colours and the level of the floor; by default those of these people.
    truth: people drawn in grey beneath, to compare with.
    Returns (height, width, 3) uint8 BGR.
    """
    if memory is None:
        memory = Memory()
        memory.update([*people, *truth])
    image = np.full((size[1] * _SUPERSAMPLING, size[0] * _SUPERSAMPLING, 3), PAPER, np.uint8)
    unit = max(0.8, np.sqrt(size[0] * size[1]) / 620) * _SUPERSAMPLING
    skeletons = [_levelled(person, memory) for person in [*truth, *people]]
    strokes.text(image, viewpoint.name, (12 * unit, 12 * unit), 9 * unit, INK, anchor=(0, 0))
    if truth:
        strokes.text(image, 'grey: truth', (image.shape[1] - 12 * unit, 12 * unit), 7 * unit, FAINT, anchor=(1, 0))
    if skeletons:
        colors = memory.palette.colors(people)
        paint = [FAINT] * len(truth) + [colors[person.id] for person in people]
        floor = _floor(skeletons)
        _draw(image, skeletons, paint, [person.id for person in people], viewpoint, floor, unit)
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class _Floor:
    """A rectangle of floor, metres, with lines every ``step_m``."""

    height_m: float
    low: np.ndarray
    high: np.ndarray
    step_m: float

    def lines(self) -> list[np.ndarray]:
        """(2, 3) ends of each line."""
        found = []
        for along, across in ((0, 1), (1, 0)):
            for at in np.arange(self.low[across], self.high[across] + 1e-6, self.step_m):
                ends = np.zeros((2, 3))
                ends[:, UP] = self.height_m
                ends[:, (RIGHT, FORWARD)[along]] = self.low[along], self.high[along]
                ends[:, (RIGHT, FORWARD)[across]] = at
                found.append(ends)
        return found

    def corners(self) -> np.ndarray:
        """(4, 3)."""
        (x0, z0), (x1, z1) = self.low, self.high
        return np.array([(x, self.height_m, z) for x in (x0, x1) for z in (z0, z1)])


def _levelled(person: Person, memory: Memory) -> np.ndarray:
    """(18, 3) joints and, last, the root: right, up, forward."""
    return memory.level.points(np.vstack([person.joints, person.root]))


def _floor(skeletons: Sequence[np.ndarray]) -> _Floor:
    points = np.concatenate(skeletons)
    # Under the lowest of them: a depth that is wrong shows as somebody who floats, and nobody sinks in.
    height = min(s[-1, UP] - _ASSUMED_HIP_M if np.isnan(s[_FEET, UP]).all() else np.nanmin(s[:, UP]) for s in skeletons)
    low, high = np.nanmin(points, axis=0)[[RIGHT, FORWARD]], np.nanmax(points, axis=0)[[RIGHT, FORWARD]]
    step = max(1.0, nice_step(float((high - low).max()) + 2 * _MARGIN_M, most=8))
    return _Floor(float(height), np.floor((low - _MARGIN_M) / step) * step, np.ceil((high + _MARGIN_M) / step) * step,
                  step)


def _draw(image: np.ndarray, skeletons: Sequence[np.ndarray], colors: Sequence[Color], names: Sequence[str],
          viewpoint: Viewpoint, floor: _Floor, unit: float) -> None:
    """Floor, shadows and limbs, the farthest limb first."""
    points = np.concatenate([*skeletons, floor.corners()])
    points = points[np.isfinite(points).all(axis=1)]
    border = np.array([52, 40]) * unit
    size = np.array(image.shape[1::-1])
    projection = Projection(viewpoint, points, size / 2 + (0, 6 * unit), size - 2 * border)
    for ends in floor.lines():
        strokes.line(image, projection.px(ends), GRID, unit)
    _name_distances(image, floor, viewpoint, projection, unit)
    limb_px = float(np.clip(_LIMB_M * projection.px_per_m, 1.3 * unit, 3.2 * unit))
    for skeleton in skeletons:
        _draw_shadow(image, skeleton, floor.height_m, projection, 0.9 * limb_px)
    limbs = []
    for skeleton, color in zip(skeletons, colors):
        for a, b in HUMAN36M_17.edges:
            if np.isfinite(skeleton[[a, b]]).all():
                shade = color if color is FAINT else side_color(color, HUMAN36M_17.joints[b])
                limbs.append((float(projection.nearness(skeleton[[a, b]]).mean()), skeleton[[a, b]], shade))
        limbs.append((float(projection.nearness(skeleton[-1])), skeleton[-1], color))
    for _, ends, color in sorted(limbs, key=lambda limb: limb[0]):
        pixels = projection.px(ends)
        if ends.ndim == 1:
            strokes.disc(image, pixels, 1.25 * limb_px, mix(color, PAPER, 0.8))
            strokes.disc(image, pixels, 0.95 * limb_px, color)
        else:
            strokes.line(image, pixels, mix(color, INK, 0.6), limb_px + 1.2 * unit)
            strokes.line(image, pixels, color, limb_px)
    for skeleton, color, name in zip(skeletons[len(skeletons) - len(names):], colors[-len(names):], names):
        top = projection.px(skeleton)
        at = top[np.nanargmin(top[:, 1])] - (0, 7 * unit)
        strokes.text(image, name, at, 8.5 * unit, mix(color, INK, 0.35), anchor=(0.5, 1.0))


def _draw_shadow(image: np.ndarray, skeleton: np.ndarray, height_m: float, projection: Projection,
                 width_px: float) -> None:
    """What the limbs and the body throw straight down on the floor: shows where somebody stands."""
    flat = skeleton.copy()
    flat[:, UP] = height_m
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    disc = flat[-1] + 0.22 * np.stack([np.cos(angles), 0 * angles, np.sin(angles)], axis=1)
    strokes.polygon(image, projection.px(disc), SHADOW)
    for a, b in HUMAN36M_17.edges:
        strokes.line(image, projection.px(flat[[a, b]]), SHADOW, width_px)


def _name_distances(image: np.ndarray, floor: _Floor, viewpoint: Viewpoint, projection: Projection,
                    unit: float) -> None:
    """Metres from the camera along the side of the floor that is nearer to the onlooker."""
    height = 7.5 * unit
    side = floor.low[0] if viewpoint.azimuth_deg < 0 else floor.high[0]
    outward = np.array([-1.0 if viewpoint.azimuth_deg < 0 else 1.0, 0, 0])
    anchor = (1.0, 0.0) if viewpoint.azimuth_deg < 0 else (0.0, 0.0)
    distances = np.arange(floor.low[1], floor.high[1] + 1e-6, floor.step_m)
    places = projection.px(np.array([(side, floor.height_m, d) for d in distances]) + 0.12 * floor.step_m * outward)
    gaps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    widest = max(strokes.text_size(f'{d:g} m', height)[0] for d in distances)
    every = int(np.ceil(1.2 * widest / max(gaps.min(), 1e-6)))
    for distance, at in list(zip(distances, places))[::every]:
        strokes.text(image, f'{distance:g} m', at, height, FAINT, anchor=anchor)
