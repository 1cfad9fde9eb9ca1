"""One person's track."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.people import Observation, Person, TrackState
from hdnet_ros.perception.tracker import kalman
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)


@dataclass(eq=False)
class Track:
    """What is remembered of one person.

    state: filtered root at the time of the last update.
    bias_covariance: (3, 3) part of the last measurement's error that stays the same from image to image.
    hits: number of images the person was seen in.
    seen: in the last image.
    """

    id: str
    state: kalman.State
    bias_covariance: np.ndarray
    first_seen_s: float
    last_seen_s: float
    observation: Observation
    hits: int = 1
    confirmed: bool = False
    seen: bool = True

    @classmethod
    def begin(cls, name: str, observation: Observation, stamp_s: float, config: TrackerConfig) -> Track:
        """A track of a person seen for the first time."""
        jitter, bias = split_covariance(observation.root.covariance, config.jitter_fraction)
        state = kalman.start(observation.root.position, jitter, config.initial_speed_sigma)
        track = cls(name, state, bias, stamp_s, stamp_s, observation)
        track.confirmed = config.min_hits <= 1
        return track

    def see(self, observation: Observation, stamp_s: float, config: TrackerConfig, restart: bool = False) -> None:
        """Takes in a measurement made at the time of ``state``; ``restart`` forgets where the person seemed to be."""
        jitter, self.bias_covariance = split_covariance(observation.root.covariance, config.jitter_fraction)
        if restart:
            self.state = kalman.start(observation.root.position, jitter, config.initial_speed_sigma)
        else:
            self.state = kalman.update(self.state, observation.root.position, jitter)
        self.observation = observation
        self.last_seen_s = stamp_s
        self.hits += 1
        self.seen = True
        old_enough = stamp_s - self.first_seen_s >= config.confirm_s
        self.confirmed = self.confirmed or self.hits >= config.min_hits or old_enough

    def expired(self, stamp_s: float, config: TrackerConfig) -> bool:
        """Whether the person has been out of sight for too long, or is predicted where no camera sees."""
        limit_s = config.coast_s if self.confirmed else config.tentative_coast_s
        return stamp_s - self.last_seen_s > limit_s or self.state.position[2] <= 0

    def person(self, stamp_s: float) -> Person:
        """The track as it is published for the image of that stamp."""
        observation, pose = self.observation, self.observation.pose
        if self.seen:
            root, covariance = observation.root.position, observation.root.covariance
            state = TrackState.CONFIRMED if self.confirmed else TrackState.TENTATIVE
        else:
            root, covariance = self.state.position, self.state.position_covariance + self.bias_covariance
            state = TrackState.COASTING
        relative = np.full((_JOINTS, 3), np.nan) if pose is None else pose.joints_relative
        visible = self.seen and pose is not None
        return Person(
            id=self.id, state=state, age_s=stamp_s - self.first_seen_s, unseen_s=stamp_s - self.last_seen_s,
            root=root, root_covariance=covariance,
            velocity=self.state.velocity, velocity_covariance=self.state.velocity_covariance,
            observation=observation if self.seen else None,
            joints=root + relative,
            joints_px=pose.joints_px if visible else np.full((_JOINTS, 2), np.nan),
            confidence=pose.confidence if visible else np.zeros(_JOINTS))


def split_covariance(covariance: np.ndarray, jitter_fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """A measurement's (3, 3) covariance as the part that changes from image to image and the part that stays."""
    jitter = covariance * jitter_fraction ** 2
    # A millimetre of noise keeps an all too sure measurement from making the filter singular.
    return jitter + np.eye(3) * 1e-6, covariance - jitter
