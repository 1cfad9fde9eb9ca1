"""One person's track."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import Observation, Person, TrackState
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.perception.tracker.kalman import State
from hdnet_ros.perception.tracker.looks import remember
from hdnet_ros.perception.tracker.motion import Motion
from hdnet_ros.perception.tracker.skeleton_filter import SkeletonFilter
from hdnet_ros.perception.tracker.steady import Habits, SteadyFilter
from hdnet_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_FLIP = np.array(HUMAN36M_17.flip_order)
_WALK_MEMORY_S = 5.0     # people go on as they go for so long


class Track:
    """What is remembered of one person, in the tracker's frame: the fixed one, or the camera's.

    hits: number of images the person was seen in.
    seen: in the last image.
    observation: the last one, in the camera frame of its image.
    appearance: how the person looks, over the last seconds in sight; None if never seen alone.
    """

    def __init__(self, name: str, observation: Observation, stamp_s: float, pose: CameraPose,
                 config: TrackerConfig) -> None:
        self.id = name
        self.first_seen_s = self.last_seen_s = stamp_s
        self.hits, self.seen, self.observation = 1, True, observation
        self.appearance = observation.appearance
        self.confirmed = config.min_hits <= 1
        self._leap_s: float | None = None    # when it began
        self._swapped = False
        self._skeleton = SkeletonFilter()
        self._skeleton_seen_s = stamp_s
        self._restart(observation, pose, config)
        self._see_skeleton(observation, stamp_s, pose, config)

    @property
    def state(self) -> State:
        """Filtered root, at the time of the last prediction."""
        return self._root.state

    def predict(self, dt_s: float, config: TrackerConfig) -> None:
        """Moves on by ``dt_s`` seconds without having been seen yet."""
        self.seen = False
        self._root.predict(dt_s, walker(config))

    def see(self, observation: Observation, stamp_s: float, pose: CameraPose, config: TrackerConfig,
            leaps: bool = False) -> None:
        """Takes in a measurement made at the time of ``state``; leaps: it is where the person cannot have gone."""
        if leaps:
            self._leap_s = stamp_s if self._leap_s is None else self._leap_s
            if stamp_s - self._leap_s >= config.leap_s:
                self._restart(observation, pose, config)
        else:
            self._leap_s = None
            jitter = self._split(observation, pose, config)
            self._root.see(pose.to_fixed(observation.root.position), jitter, stamp_s - self.last_seen_s,
                           config.jitter_memory_s, walker(config))
        self._see_skeleton(observation, stamp_s, pose, config)
        self.appearance = remember(self.appearance, observation.appearance, stamp_s - self.last_seen_s)
        self.observation = observation
        self.last_seen_s = stamp_s
        self.hits += 1
        self.seen = True
        old_enough = stamp_s - self.first_seen_s >= config.confirm_s
        self.confirmed = self.confirmed or self.hits >= config.min_hits or old_enough

    def change_frame(self, rotation: np.ndarray, translation: np.ndarray, velocity: np.ndarray | None,
                     config: TrackerConfig) -> None:
        """Goes over to another frame, ``rotation @ p + translation``.

        velocity: (3,) m/s of the person in the new frame; None if nothing is known of it.
        """
        self._root = SteadyFilter(rotation @ self.state.position + translation,
                                  rotation @ self.state.position_covariance @ rotation.T, config.initial_speed_sigma,
                                  velocity)
        self._bias = rotation @ self._bias @ rotation.T
        self._skeleton.turn(rotation)

    def move(self, rotation: np.ndarray, translation: np.ndarray) -> None:
        """The frame itself has moved under the person: the same place and motion, ``rotation @ p + translation``."""
        self._root.move(rotation, translation)
        self._bias = rotation @ self._bias @ rotation.T
        self._skeleton.turn(rotation)

    def expired(self, stamp_s: float, config: TrackerConfig, tentative_s: float) -> bool:
        """Whether the person has been out of sight for too long to be recognised.

        tentative_s: what is too long for somebody who is not confirmed yet.
        """
        limit_s = max(config.coast_s, config.remember_s) if self.confirmed else tentative_s
        return stamp_s - self.last_seen_s > limit_s

    def shown(self, stamp_s: float, config: TrackerConfig) -> bool:
        """Whether to report the person: in sight, or known for sure and not hidden for too long."""
        return self.seen or self.confirmed and stamp_s - self.last_seen_s <= config.coast_s

    def person(self, stamp_s: float, pose: CameraPose, config: TrackerConfig) -> Person:
        """The track as it is published for the image of that stamp, whose camera had that pose."""
        observation, skeleton = self.observation, self.observation.pose
        state = TrackState.COASTING
        if self.seen:
            state = TrackState.CONFIRMED if self.confirmed else TrackState.TENTATIVE
        if self.seen and not config.smooth:
            root, covariance = observation.root.position, observation.root.covariance
            relative = np.full((_JOINTS, 3), np.nan) if skeleton is None else skeleton.joints_relative
        else:
            root = pose.to_camera(self._root.position)
            covariance = pose.covariance_to_camera(self._root.position_covariance + self._bias)
            # Out of sight, the skeleton of the last sight goes along; in sight without one, the last one soon is none.
            relative = self._skeleton.relative(self.last_seen_s - self._skeleton_seen_s) @ pose.rotation
        joints_px, confidence = np.full((_JOINTS, 2), np.nan), np.zeros(_JOINTS)
        if self.seen and skeleton is not None:
            order = _FLIP if self._swapped and config.smooth else np.arange(_JOINTS)
            known = np.isfinite(relative).all(axis=1)
            joints_px[known], confidence[known] = skeleton.joints_px[order][known], skeleton.confidence[order][known]
        return Person(
            id=self.id, state=state, age_s=stamp_s - self.first_seen_s, unseen_s=stamp_s - self.last_seen_s,
            root=root, root_covariance=covariance,
            velocity=self._root.velocity, velocity_covariance=self._root.velocity_covariance,
            observation=observation if self.seen else None,
            joints=root + relative, joints_px=joints_px, confidence=confidence)

    def _restart(self, observation: Observation, pose: CameraPose, config: TrackerConfig) -> None:
        """Forgets where the person seemed to be."""
        self._root = SteadyFilter(pose.to_fixed(observation.root.position), self._split(observation, pose, config),
                                  config.initial_speed_sigma)
        self._leap_s = None

    def _split(self, observation: Observation, pose: CameraPose, config: TrackerConfig) -> np.ndarray:
        """Keeps the part of a measurement's covariance that stays with the person; (3, 3), the other part.

        Both in the tracker's frame: who was misjudged along a ray stays so when the camera turns away.
        """
        jitter, bias = split_covariance(observation.root.covariance, config.jitter_fraction)
        self._bias = pose.covariance_to_fixed(bias)
        return pose.covariance_to_fixed(jitter)

    def _see_skeleton(self, observation: Observation, stamp_s: float, pose: CameraPose, config: TrackerConfig) -> None:
        if observation.pose is None:
            return
        joints = observation.pose.joints_relative @ pose.rotation.T
        self._swapped = self._skeleton.see(joints, observation.pose.confidence, stamp_s - self._skeleton_seen_s,
                                           config.joint_sigma_m, config.jitter_memory_s)
        self._skeleton_seen_s = stamp_s


def walker(config: TrackerConfig) -> Habits:
    """How people move."""
    return Habits(Motion(config.acceleration_density, _WALK_MEMORY_S), config.standing_speed_sigma, config.average_s)


def split_covariance(covariance: np.ndarray, jitter_fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """A measurement's (3, 3) covariance as the part that changes within moments and the part that stays."""
    jitter = covariance * jitter_fraction ** 2
    # A millimetre of noise keeps an all too sure measurement from making the filter singular.
    return jitter + np.eye(3) * 1e-6, covariance - jitter
