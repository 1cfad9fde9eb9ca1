"""A crowd in a room: people who walk to and fro, stop, avoid and cover each other, with a pillar in the middle.

Some may leave, and others come in their place.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hdnet_ros.evaluation.tracking.errors import PERSON_M, ErrorModel, ErrorSource, box_of
from hdnet_ros.evaluation.tracking.wardrobe import Wardrobe
from hdnet_ros.perception.appearance import LEAST_SHARE, is_before
from hdnet_ros.perception.people import Detection, Observation, Root

_NEAR_M, _FAR_M = 3.0, 12.0
_SLOPE = 0.95             # |x| / z inside the image, with a margin
_EDGE, _OUTSIDE = 1.0, 1.3  # |x| / z where the image ends, and where those who have left are
_PELVIS_BELOW_CAMERA_M = 0.3
_PILLAR = (0.0, 4.0, 0.5)  # x, z and width, metres
_STEP_S = 1 / 60


@dataclass(frozen=True)
class CrowdOptions:
    """Ten people in view of one camera for a minute.

    covered: whoever is covered by more than this share is not detected.
    missed: share of sightings that the detector loses for no reason.
    ghosts: mean number of false detections per image.
    leaving: share of walks that lead out of the image for good; then somebody else comes in.
    """

    people: int = 10
    seconds: float = 60.0
    fps: float = 15.0
    covered: float = 0.6
    missed: float = 0.03
    ghosts: float = 0.02
    leaving: float = 0.0
    errors: ErrorModel = ErrorModel()


@dataclass(frozen=True, eq=False)
class CrowdFrame:
    """One image: what a detector and a root method say, and who it is.

    observations: in random order; who: number of the person of each, -1 for a ghost.
    people: (P,) numbers of all who are here, and of those on their way in or out; boxes: (P, 4) their true boxes in
        pixels; roots: (P, 3) metres; visible: (P,) share that is in the image and not covered.
    """

    stamp_s: float
    observations: list[Observation]
    who: list[int]
    people: np.ndarray
    boxes: np.ndarray
    roots: np.ndarray
    visible: np.ndarray


def simulate(options: CrowdOptions, seed: int) -> Iterator[CrowdFrame]:
    """The images of one crowd; the same seed gives the same crowd."""
    rng = np.random.default_rng([seed, 1])
    # The same paths whatever the errors.
    walkers = _Walkers(options.people, options.leaving, np.random.default_rng([seed, 0]))
    looks = np.random.default_rng([seed, 2])
    sources: list[ErrorSource] = []
    wardrobes: list[Wardrobe] = []
    last_seen_s: dict[int, float] = {}
    substeps = max(1, round(1 / options.fps / _STEP_S))
    for number in range(round(options.seconds * options.fps)):
        for _ in range(substeps):
            walkers.step(1 / options.fps / substeps)
        people = walkers.people.copy()
        for _ in range(len(sources), people.max() + 1):
            sources.append(ErrorSource(options.errors, rng))
            wardrobes.append(Wardrobe(looks))
        stamp_s = number / options.fps
        roots = walkers.roots()
        visible = np.array([_visible(i, roots) for i in range(options.people)])
        seen = []
        for i in rng.permutation(options.people):
            if 1 - visible[i] > options.covered or rng.random() < options.missed:
                continue
            who, worse = int(people[i]), 1 + 2 * (1 - visible[i])
            gap_s = stamp_s - last_seen_s.get(who, -1e3)
            observation = sources[who].observe(roots[i], gap_s, worse=worse)
            seen.append((who, replace(observation, appearance=wardrobes[who].look(gap_s, worse))))
            last_seen_s[who] = stamp_s
        seen += [(-1, _ghost(rng)) for _ in range(rng.poisson(options.ghosts))]
        boxes = np.array([o.detection.box for _, o in seen]).reshape(-1, 4)
        seen = [(who, o if _free_share(o.detection.box, boxes) >= LEAST_SHARE else replace(o, appearance=None))
                for who, o in seen]
        yield CrowdFrame(stamp_s, [o for _, o in seen], [i for i, _ in seen], people,
                         np.array([box_of(root) for root in roots]), roots, visible)


class _Walkers:
    """People on the floor, (x, z) in metres; each walks to places at random and rests there.

    people: (P,) their numbers; whoever comes in for somebody who has left gets a new one.
    """

    def __init__(self, count: int, leaving: float, rng: np.random.Generator) -> None:
        self.people = np.arange(count)
        self._rng, self._leaving = rng, leaving
        self._leaves = np.zeros(count, dtype=bool)
        self._place = np.array([self._somewhere() for _ in range(count)])
        self._goal = np.array([self._somewhere() for _ in range(count)])
        self._velocity = np.zeros((count, 2))
        self._speed = rng.uniform(0.6, 1.4, size=count)
        self._rest_s = rng.uniform(0, 2, size=count)

    def _somewhere(self) -> np.ndarray:
        z = self._rng.uniform(_NEAR_M, _FAR_M)
        return np.array([self._rng.uniform(-_SLOPE, _SLOPE) * z, z])

    def _outside(self) -> np.ndarray:
        z = self._rng.uniform(_NEAR_M, _FAR_M)
        return np.array([self._rng.choice([-1, 1]) * _OUTSIDE * z, z])

    def _next(self, i: int) -> None:
        """Where somebody goes who has arrived; if outside, somebody else comes in."""
        if self._leaves[i]:
            self.people[i] = self.people.max() + 1
            self._place[i], self._velocity[i], self._speed[i] = self._outside(), 0, self._rng.uniform(0.6, 1.4)
        self._leaves[i] = not self._leaves[i] and self._leaving > 0 and self._rng.random() < self._leaving
        self._goal[i] = self._outside() if self._leaves[i] else self._somewhere()
        self._rest_s[i] = self._rng.choice([0.0, self._rng.uniform(0, 2)])

    def step(self, dt_s: float) -> None:
        way = self._goal - self._place
        distance = np.linalg.norm(way, axis=1)
        for i in np.flatnonzero(distance < 0.3):
            self._next(i)
        self._rest_s = np.maximum(self._rest_s - dt_s, 0)
        wish = np.where(self._rest_s > 0, 0, self._speed)[:, None] * way / np.maximum(distance, 1e-6)[:, None]
        apart = self._place[:, None] - self._place[None]
        gap = np.linalg.norm(apart, axis=2) + np.eye(len(apart)) * 1e3
        push = (np.maximum(0.9 - gap, 0) * 6 / gap)[..., None] * apart
        outside = _is_outside(*self._place.T)
        self._velocity += dt_s * ((wish - self._velocity) / 0.4 + push.sum(axis=1))
        self._place += dt_s * self._velocity
        z = np.clip(self._place[:, 1], _NEAR_M, _FAR_M)
        limit = np.where(self._leaves | outside, 2 * _OUTSIDE, _SLOPE) * z
        self._place = np.stack([np.clip(self._place[:, 0], -limit, limit), z], axis=1)

    def roots(self) -> np.ndarray:
        """(P, 3) pelvises in the frame of the camera, which looks along the floor."""
        x, z = self._place.T
        return np.stack([x, np.full_like(x, _PELVIS_BELOW_CAMERA_M), z], axis=1)


def _is_outside(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return np.abs(x) > _SLOPE * z + 1e-9


def _visible(index: int, roots: np.ndarray) -> float:
    """Share of a person's width that is in the image, and that neither somebody nearer nor the pillar covers."""
    x, _, z = roots[index]
    samples = (x + np.linspace(-0.5, 0.5, 41) * PERSON_M[0]) / z
    nearer = [(other[0], other[2], PERSON_M[0]) for other in roots if other[2] < z]
    nearer += [_PILLAR] if _PILLAR[1] < z else []
    covered = np.abs(samples) > (_EDGE if _is_outside(x, z) else np.inf)
    for middle, depth, width in nearer:
        covered |= np.abs(samples - middle / depth) < width / 2 / depth
    return 1 - covered.mean()


def _free_share(box: np.ndarray, boxes: np.ndarray) -> float:
    """Share of the middle of a box that no nearer box reaches."""
    samples = box[0] + np.linspace(0.3, 0.7, 41) * (box[2] - box[0])
    before = boxes[is_before(box, boxes)]
    return 1 - ((samples[:, None] >= before[:, 0]) & (samples[:, None] <= before[:, 2])).any(axis=1).mean()


def _ghost(rng: np.random.Generator) -> Observation:
    z = rng.uniform(_NEAR_M, _FAR_M)
    place = np.array([rng.uniform(-_SLOPE, _SLOPE) * z, rng.uniform(-0.5, 0.5), z])
    covariance = 0.07 ** 2 * np.outer(place, place) + 0.025 ** 2 * np.eye(3)
    look = Wardrobe(rng).look(0.0)
    return Observation(Detection(box_of(place), rng.uniform(0.4, 0.7)), Root(place, covariance, np.zeros(2)),
                       appearance=look)
