"""A point that is followed without lag while it moves, and averaged for longer while it stays."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.tracker import kalman
from hdnet_ros.perception.tracker.kalman import State
from hdnet_ros.perception.tracker.motion import Motion
from hdnet_ros.perception.tracker.noise import correlation_factor, robust_factor

# How much speaks for motion: the squared Mahalanobis length of the velocity, and half of that of the way by which the
# average is behind. At the first number the point moves as likely as it stays; the second says how sharply one becomes
# the other. A compromise between steady people who stand and prompt ones who turn on the spot.
_MOVES, _SHARPNESS = 4.0, 0.7
_BEHIND = 0.5
# Who rests may start to move, which is noise in the velocity: this share of the noise that drives people who walk.
# A start every 6 s, with 0.8 m/s in each direction, is 0.1 of 1 m^2/s^3. Twice that is a compromise: in simulation,
# after a second out of sight, the squared error over the claimed is 0.5 of 3 of who stays and 2.7 of 3 of who starts.
_STARTS = 0.2


@dataclass(frozen=True)
class Habits:
    """How a point moves.

    moving: its motion while it moves.
    resting_speed_sigma: standard deviation of each component of its velocity while it stays, m/s.
    average_s: time constant of the average while it stays.
    """

    moving: Motion
    resting_speed_sigma: float
    average_s: float

    @property
    def speed_sigma(self) -> float:
        """Standard deviation of each component of the velocity while it moves, in the long run, m/s."""
        return (self.moving.acceleration_density * self.moving.memory_s / 2) ** 0.5

    @property
    def starting(self) -> Motion:
        """What has to be expected of a point that rests, while nobody looks."""
        return Motion(_STARTS * self.moving.acceleration_density, self.moving.memory_s)


class SteadyFilter:
    """A Kalman filter, and behind it an average that is the longer the less the velocity differs from zero.

    state: of the Kalman filter, for one point or many, at the time of the last prediction or measurement.
    resting: (...) how likely it is that the point stays, 0..1.
    """

    def __init__(self, position: np.ndarray, covariance: np.ndarray, speed_sigma: float,
                 velocity: np.ndarray | None = None) -> None:
        """A first measurement: (..., 3) metres with (..., 3, 3); velocity as in ``kalman.start``."""
        self.state: State = kalman.start(position, covariance, speed_sigma, velocity)
        self._average = self.state.position.copy()
        self.resting = np.zeros(self._average.shape[:-1])
        self._rest = self.state     # as ``state``, of a point that rested when it was measured

    @property
    def position(self) -> np.ndarray:
        """(..., 3) metres: the average."""
        return self._average

    @property
    def velocity(self) -> np.ndarray:
        """(..., 3) m/s: that of the Kalman filter, unless the point very likely stays."""
        return (1 - self.resting[..., None] ** 2) * self.state.velocity

    @property
    def position_covariance(self) -> np.ndarray:
        """(..., 3, 3) square metres, of ``position``."""
        return self._mixed(self.state.position_covariance, self._rest.position_covariance)

    @property
    def velocity_covariance(self) -> np.ndarray:
        """(..., 3, 3) square metres per square second, of ``velocity``."""
        return self._mixed(self.state.velocity_covariance, self._rest.velocity_covariance)

    def _mixed(self, moving: np.ndarray, resting: np.ndarray) -> np.ndarray:
        share = self.resting[..., None, None] ** 2
        return (1 - share) * moving + share * resting

    def predict(self, dt_s: float, habits: Habits) -> None:
        """Moves on by ``dt_s`` >= 0 seconds."""
        before = self.state.position
        self.state = kalman.predict(self.state, habits.moving, dt_s)
        self._rest = kalman.predict(self._rest, habits.starting, dt_s)
        self._average = self._average + (1 - self.resting[..., None]) * (self.state.position - before)

    def see(self, position: np.ndarray, noise: np.ndarray, dt_s: float, memory_s: float, habits: Habits) -> None:
        """Takes in measurements of now.

        position: (..., 3) metres; noise: (..., 3, 3) covariance of the part of their error that does not stay.
        dt_s: seconds since the last ones; memory_s: for how long that part of the error is alike.
        """
        noise = noise * correlation_factor(dt_s, memory_s)
        odd = robust_factor(position - self.state.position, self.state.position_covariance + noise)
        self.state = kalman.update(self.state, position, noise * odd[..., None, None])
        velocity, covariance = self.state.velocity, self.state.velocity_covariance
        expected = covariance + habits.resting_speed_sigma ** 2 * np.eye(3)
        length2 = _length2(velocity, expected) + _BEHIND * _length2(
            self.state.position - self._average, self.state.position_covariance)
        self.resting = 1 / (1 + np.exp(np.clip((length2 - _MOVES) / _SHARPNESS, -30, 30)))
        # A velocity that is not known yet is no sign of rest.
        spread = np.einsum('...ii->...', covariance) / 3
        known = habits.speed_sigma ** 2 / (habits.speed_sigma ** 2 + spread)
        average_s = np.maximum(habits.average_s * self.resting * known, 1e-6)
        share = 1 - np.exp(-dt_s / average_s)
        self._average = self._average + share[..., None] * (self.state.position - self._average)
        self._rest = kalman.start(self._average, self.state.position_covariance, habits.resting_speed_sigma)

    def move(self, rotation: np.ndarray, translation: np.ndarray) -> None:
        """From now on in other coordinates: ``rotation @ p + translation``."""
        self.state = kalman.moved(self.state, rotation, translation)
        self._rest = kalman.moved(self._rest, rotation, translation)
        self._average = self._average @ rotation.T + translation


def _length2(vector: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Squared Mahalanobis lengths (...) of (..., 3) with (..., 3, 3)."""
    return np.einsum('...i,...i->...', vector, np.linalg.solve(covariance, vector[..., None])[..., 0])
