"""How people move when nobody looks: velocity driven by noise, and forgotten after a while or never."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Motion:
    """White acceleration on a velocity that decays (an Ornstein-Uhlenbeck velocity, the same in all directions).

    acceleration_density: of the white acceleration, m^2/s^3.
    memory_s: a velocity falls to 1/e in this time; inf is constant velocity.
    """

    acceleration_density: float
    memory_s: float = math.inf

    def step(self, dt_s: float) -> tuple[np.ndarray, np.ndarray]:
        """What ``dt_s`` >= 0 seconds do to position and velocity.

        Returns the transition (2, 2) and the covariance (2, 2) of the noise of one direction.
        """
        q, decay = self.acceleration_density, dt_s / self.memory_s
        if decay < 1e-3:   # the formulae below lose their digits
            crossed = dt_s ** 2 / 2 * (1 - decay)
            noise = q * np.array([[dt_s ** 3 / 3 * (1 - 0.75 * decay), crossed], [crossed, dt_s * (1 - decay)]])
            return np.array([[1.0, dt_s * (1 - decay / 2)], [0.0, 1 - decay + decay ** 2 / 2]]), noise
        tau, kept = self.memory_s, math.exp(-decay)
        lost = 1 - kept
        noise = q * tau / 2 * np.array([
            [tau ** 2 * (2 * decay - 3 + 4 * kept - kept ** 2), tau * lost ** 2], [tau * lost ** 2, 1 - kept ** 2]])
        return np.array([[1.0, tau * lost], [0.0, kept]]), noise
