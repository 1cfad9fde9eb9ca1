"""Constant-velocity Kalman filter of a point in 3D."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class State:
    """Position and velocity.

    mean: (6,) x, y, z in metres, then their velocities in m/s.
    covariance: (6, 6).
    """

    mean: np.ndarray
    covariance: np.ndarray

    @property
    def position(self) -> np.ndarray:
        """(3,) metres."""
        return self.mean[:3]

    @property
    def velocity(self) -> np.ndarray:
        """(3,) m/s."""
        return self.mean[3:]

    @property
    def position_covariance(self) -> np.ndarray:
        """(3, 3) square metres."""
        return self.covariance[:3, :3]

    @property
    def velocity_covariance(self) -> np.ndarray:
        """(3, 3) square metres per square second."""
        return self.covariance[3:, 3:]


def start(position: np.ndarray, covariance: np.ndarray, speed_sigma: float) -> State:
    """A state at rest at a first measurement.

    position: (3,) metres; covariance: (3, 3); speed_sigma: standard deviation of each component of the velocity, m/s.
    """
    full = np.zeros((6, 6))
    full[:3, :3] = covariance
    full[3:, 3:] = np.eye(3) * speed_sigma ** 2
    return State(np.concatenate([np.asarray(position, dtype=float), np.zeros(3)]), full)


def predict(state: State, dt_s: float, acceleration_density: float) -> State:
    """The state ``dt_s`` >= 0 seconds later, driven by white acceleration of the given density (m^2/s^3)."""
    transition = np.eye(6)
    transition[:3, 3:] = np.eye(3) * dt_s
    covariance = transition @ state.covariance @ transition.T
    axes = np.arange(3)
    covariance[axes, axes] += acceleration_density * dt_s ** 3 / 3
    covariance[axes, axes + 3] += acceleration_density * dt_s ** 2 / 2
    covariance[axes + 3, axes] += acceleration_density * dt_s ** 2 / 2
    covariance[axes + 3, axes + 3] += acceleration_density * dt_s
    return State(transition @ state.mean, covariance)


def update(state: State, position: np.ndarray, covariance: np.ndarray) -> State:
    """The state after a position was measured: (3,) m with (3, 3) m^2."""
    innovation_covariance = state.position_covariance + covariance
    gain = np.linalg.solve(innovation_covariance, state.covariance[:3]).T
    mean = state.mean + gain @ (position - state.position)
    # Joseph's form keeps the covariance symmetric and positive over hours.
    keep = np.eye(6)
    keep[:, :3] -= gain
    return State(mean, keep @ state.covariance @ keep.T + gain @ covariance @ gain.T)
