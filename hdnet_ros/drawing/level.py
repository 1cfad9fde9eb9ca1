"""The floor under the people: turns camera axes into right, up and forward of a person who looks at the scene."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..perception.people import Person
from ..skeleton import HUMAN36M_17

RIGHT, UP, FORWARD = 0, 1, 2    # axes of the levelled frame

_FEET = [HUMAN36M_17.index('left_foot'), HUMAN36M_17.index('right_foot')]
_THORAX = HUMAN36M_17.index('thorax')

# Cameras are mostly held level: this much of a standing body (m) speaks for it against the bodies in view.
_HELD_LEVEL_M = 0.3
_STEEPEST = 0.95   # cosine between view direction and vertical above which 'forward' means nothing


@dataclass(frozen=True, eq=False)
class Level:
    """A levelled frame at the camera.

    axes: (3, 3) rows are right, up and forward as unit vectors in camera axes; right and forward are horizontal.
    ground_m: height of the floor relative to the camera (negative: below it); NaN if nobody's feet are known.
    """

    axes: np.ndarray
    ground_m: float = float('nan')

    @classmethod
    def from_up(cls, up: np.ndarray) -> Level:
        """Level frame for an upward direction (3,) in camera axes; the camera's own if it looks straight down or up.

        The height of the floor is unknown.
        """
        up = np.asarray(up, float) / np.linalg.norm(up)
        if abs(up[2]) > _STEEPEST:
            up = np.array([0.0, -1.0, 0.0])
        forward = np.array([0.0, 0.0, 1.0]) - up[2] * up
        forward /= np.linalg.norm(forward)
        return cls(np.array([np.cross(forward, up), up, forward]))

    def points(self, camera_points: np.ndarray) -> np.ndarray:
        """(..., 3) camera axes to (..., 3) right, up, forward; metres, still seen from the camera."""
        return np.asarray(camera_points, float) @ self.axes.T

    def covariance(self, camera_covariance: np.ndarray) -> np.ndarray:
        """(3, 3) in camera axes to (3, 3) in right, up, forward."""
        return self.axes @ camera_covariance @ self.axes.T


def bodies_up(people: Sequence[Person]) -> np.ndarray:
    """(3,) sum of the vectors from everybody's feet to the thorax, metres, camera axes; zero if nobody shows both."""
    total = np.zeros(3)
    for person in people:
        body = person.joints[_THORAX] - person.joints[_FEET].mean(axis=0)
        if person.observation is not None and np.isfinite(body).all():
            total += body
    return total


def level_from_people(people: Sequence[Person], up_sum: np.ndarray | None = None) -> Level:
    """The level on which these people stand, taking the long axis of their bodies for the vertical.

    up_sum: (3,) sum of body vectors over more than this frame; by default those of ``people``.
    A single person who bends down tilts it: this is for pictures, not for measuring.
    """
    bodies = bodies_up(people) if up_sum is None else up_sum
    level = Level.from_up(bodies + np.array([0.0, -_HELD_LEVEL_M, 0.0]))
    feet = [level.points(p.joints[_FEET])[:, 1].min() for p in people if np.isfinite(p.joints[_FEET]).all()]
    return Level(level.axes, float(np.median(feet)) if feet else float('nan'))
