"""What is around people: a room with furniture, or only what they stand on and what hides them."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.training.synthetic.config import SceneConfig
from hdnet_ros.training.synthetic.furniture import Furniture
from hdnet_ros.training.synthetic.material import Drawable, Material
from hdnet_ros.training.synthetic.placement import PlacedPerson
from hdnet_ros.training.synthetic.props import board, box, furniture
from hdnet_ros.training.synthetic.view import View

_FLOOR_STEPS = 48
_SEAT_CLEARANCE_M = 0.09     # from the hip joints down to the seat
_SEAT_BEHIND_M = 0.07       # the seat's middle lies behind the hip joints
_PERSON_RADIUS_M = 0.35
_NEAREST_THING_M = 0.7
_TALL_M = 1.0
_ROOM_BEGINS_M = 0.2
_CEILING = Material(tint_upper=(0.7, 0.7, 0.68), tint=0.6)


class Surroundings:
    """Draws rooms, furniture and occluders; walls: numbers of wall pictures and pieces: furniture of the split."""

    def __init__(self, config: SceneConfig, walls: Sequence[int], pieces: Sequence[Furniture]) -> None:
        self._config = config
        self._walls = tuple(walls)
        self._pieces = tuple(pieces)

    def room(self, view: View, people: Sequence[PlacedPerson], rng: np.random.Generator) -> list[Drawable]:
        """Floor, walls and ceiling around the people and the camera, with pictures on the wall."""
        x, z = np.array([p.floor_place for p in people]).T
        left, right = min(x.min(), -0.5) - rng.uniform(0.6, 4), max(x.max(), 0.5) + rng.uniform(0.6, 4)
        near, far = _ROOM_BEGINS_M, z.max() + rng.uniform(0.6, 4)
        floor, ceiling = view.height_m, view.height_m - rng.uniform(max(2.4, view.height_m + 0.3), 3.6)
        wide, deep, tall = (right - left, 0, 0), (0, 0, far - near), (0, floor - ceiling, 0)
        paint, tiles = self._wall_paint(rng), np.array([right - left, far - near]) / rng.uniform(1.2, 3)
        across, along = ((right - left) / 3, 1), ((far - near) / 3, 1)
        things = [
            board(view, (left, floor, near), wide, deep, (0, -1, 0), tiles, self._wall_paint(rng, 0.02), _FLOOR_STEPS,
                  receives=True),
            board(view, (left, ceiling, far), wide, tall, (0, 0, -1), across, paint),
            board(view, (left, ceiling, near), deep, tall, (1, 0, 0), along, paint),
            board(view, (right, ceiling, near), deep, tall, (-1, 0, 0), along, paint),
            board(view, (left, ceiling, near), wide, deep, (0, 1, 0), (1, 1), _CEILING),
        ]
        for _ in range(rng.integers(0, 4)):
            width, height = rng.uniform([0.4, 0.4], [1.8, 1.4])
            corner = (rng.uniform(left, right - width), rng.uniform(ceiling + 0.2, floor - 0.8 - height), far - 0.02)
            things.append(board(view, corner, (width, 0, 0), (0, height, 0), (0, 0, -1), (1, 1),
                                Material(texture=self._wall(rng), shine=0.05)))
        return things

    def ground(self, view: View, people: Sequence[PlacedPerson]) -> list[Drawable]:
        """A floor that only receives shadows, in front of a photograph or a panorama."""
        x, z = np.array([p.floor_place for p in people]).T
        left, right, far = x.min() - 3, x.max() + 3, z.max() + 3
        near = max(0.4, z.min() - 3)
        return [board(view, (left, view.height_m, near), (right - left, 0, 0), (0, 0, far - near), (0, -1, 0), (1, 1),
                      Material(), _FLOOR_STEPS, receives=True)]

    def things(self, view: View, people: Sequence[PlacedPerson], inside: bool,
               rng: np.random.Generator) -> list[Drawable]:
        """Seats under those who sit, furniture between the people, and now and then something in front of one."""
        things = [self._seat(view, person, rng) for person in people if person.sits and person.seat_m > 0.2]
        low, high = self._config.furniture
        for _ in range(int(rng.integers(low, high + 1)) if inside else int(rng.integers(0, 2))):
            depth = rng.uniform(_NEAREST_THING_M, max(p.floor_place[1] for p in people) + 1.5)
            place = np.array([rng.uniform(-0.6, 0.6) * view.width / view.focal_px * depth, depth])
            things += self._piece(view, people, place, rng)
        if rng.random() < self._config.occluder_share:
            person = people[rng.integers(len(people))]
            place = person.floor_place * rng.uniform(0.45, 0.85) + [rng.normal(0, 0.25), 0]
            things += self._piece(view, people, place, rng)
        return things

    def _piece(self, view: View, people: Sequence[PlacedPerson], place: np.ndarray,
               rng: np.random.Generator) -> list[Drawable]:
        """Furniture or a box at a place, unless somebody stands there or it would fill the view."""
        quarter = rng.integers(4) * np.pi / 2 + rng.normal(0, 0.15)
        piece = None
        if self._pieces and rng.random() < 0.75:
            piece = self._pieces[rng.integers(len(self._pieces))]
            size = piece.size_m
        else:
            size = rng.uniform([0.3, 0.35, 0.3], [1.4, 1.1 if rng.random() < 0.8 else 2.0, 1.0])
        radius = np.hypot(size[0], size[2]) / 2
        too_close = place[1] - radius < (_NEAREST_THING_M if size[1] < _TALL_M else 2 * _NEAREST_THING_M)
        if too_close or any(np.linalg.norm(p.floor_place - place) < radius + _PERSON_RADIUS_M for p in people):
            return []
        if piece is not None:
            shade = rng.normal(0, 0.12, 3) if rng.random() < 0.5 else np.zeros(3)
            return [furniture(view, piece, place, quarter, rng.uniform(0.6, 1.2), shade)]
        return [box(view, place, size, quarter, self._wall_paint(rng))]

    def _seat(self, view: View, person: PlacedPerson, rng: np.random.Generator) -> Drawable:
        back = _SEAT_BEHIND_M * np.array([np.sin(person.yaw_rad), np.cos(person.yaw_rad)])
        size = np.array([rng.uniform(0.38, 0.6), person.seat_m - _SEAT_CLEARANCE_M, rng.uniform(0.36, 0.46)])
        return box(view, person.floor_place + back, size, person.yaw_rad, self._wall_paint(rng))

    def _wall_paint(self, rng: np.random.Generator, shine: float = 0.0) -> Material:
        colour = np.clip(rng.uniform(0.08, 0.65) * (1 + rng.normal(0, 0.18, 3)), 0.02, 0.9)
        return Material(texture=self._wall(rng), tint_upper=tuple(map(float, colour)), tint=rng.uniform(0, 0.8),
                        shine=shine)

    def _wall(self, rng: np.random.Generator) -> str:
        return f'wall:{self._walls[rng.integers(len(self._walls))]}'
