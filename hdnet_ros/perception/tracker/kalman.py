"""Kalman filters of points in 3D with position and velocity; any number at once."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.tracker.motion import Motion

_SAME_AXIS = np.tile(np.eye(3), (2, 2))


@dataclass(frozen=True, eq=False)
class State:
    """Position and velocity, of one point or of many.

    mean: (..., 6) x, y, z in metres, then their velocities in m/s.
    covariance: (..., 6, 6).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def position(self) -> np.ndarray:
        """(..., 3) metres."""
        return self.mean[..., :3]

    @property
    def velocity(self) -> np.ndarray:
        """(..., 3) m/s."""
        return self.mean[..., 3:]

    @property
    def position_covariance(self) -> np.ndarray:
        """(..., 3, 3) square metres."""
        return self.covariance[..., :3, :3]

    @property
    def velocity_covariance(self) -> np.ndarray:
        """(..., 3, 3) square metres per square second."""
        return self.covariance[..., 3:, 3:]


def start(position: np.ndarray, covariance: np.ndarray, speed_sigma: float,
          velocity: np.ndarray | None = None) -> State:
    """A state at a first measurement.

    position: (..., 3) metres; covariance: (..., 3, 3).
    velocity: (..., 3) m/s, at rest by default; speed_sigma: standard deviation of each component of it, m/s.
    """
    position = np.asarray(position, dtype=float)
    full = np.zeros((*position.shape[:-1], 6, 6))
    full[..., :3, :3] = covariance
    full[..., 3:, 3:] = np.eye(3) * speed_sigma ** 2
    velocity = np.zeros_like(position) if velocity is None else velocity
    return State(np.concatenate([position, velocity], axis=-1), full)


def predict(state: State, motion: Motion, dt_s: float) -> State:
    """The state ``dt_s`` >= 0 seconds later."""
    step, noise = motion.step(dt_s)
    transition = _each_axis(step)
    covariance = transition @ state.covariance @ transition.T + _each_axis(noise)
    return State(state.mean @ transition.T, covariance)


def update(state: State, position: np.ndarray, covariance: np.ndarray) -> State:
    """The state after positions (..., 3) m were measured with covariances (..., 3, 3) m^2."""
    innovation_covariance = state.position_covariance + covariance
    gain = np.linalg.solve(innovation_covariance, state.covariance[..., :3, :]).swapaxes(-1, -2)
    mean = state.mean + (gain @ (position - state.position)[..., None])[..., 0]
    # Joseph's form keeps the covariance symmetric and positive over hours.
    keep = np.broadcast_to(np.eye(6), state.covariance.shape).copy()
    keep[..., :3] -= gain
    return State(mean, keep @ state.covariance @ keep.swapaxes(-1, -2) + gain @ covariance @ gain.swapaxes(-1, -2))


def moved(state: State, rotation: np.ndarray, translation: np.ndarray) -> State:
    """The same in other coordinates: ``rotation @ p + translation``; both frames at rest to each other."""
    turn = np.kron(np.eye(2), rotation)
    mean = state.mean @ turn.T
    mean[..., :3] += translation
    return State(mean, turn @ state.covariance @ turn.T)


def _each_axis(matrix: np.ndarray) -> np.ndarray:
    """(2, 2) for position and velocity of one axis -> (6, 6) of all three."""
    return matrix.repeat(3, axis=0).repeat(3, axis=1) * _SAME_AXIS
