"""Keeps people apart from image to image."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.detector.boxes import box_overlap
from hdnet_ros.perception.people import Observation, Person
from hdnet_ros.perception.tracker.assignment import assign, log_likelihood_ratio, log_size_ratio
from hdnet_ros.perception.tracker.config import TrackerConfig
from hdnet_ros.perception.tracker.frame_keeper import FrameKeeper
from hdnet_ros.perception.tracker.ids import IdPool
from hdnet_ros.perception.tracker.looks import log_appearance_ratio
from hdnet_ros.perception.tracker.track import Track

# Logarithms of the odds that somebody is detected who was, or was not, detected in the image before.
_IN_SIGHT, _OUT_OF_SIGHT = 2.5, -1.5
_PAUSE = 2.5    # so many times the last interval between two images is none of their rate


class Tracker:
    """Gives people stable ids, velocities, and a place while they are hidden.

    A filter per person that knows standing and walking, one-to-one assignment of observations by likelihood, expiry in
    seconds of message time.
    All of this happens in a fixed frame while the camera's pose in it is known, else in the camera's own frame.
    People are reported from first sight on (``TENTATIVE``), and once confirmed also while hidden (``COASTING``).
    """

    def __init__(self, config: TrackerConfig | None = None):
        self.config = config or TrackerConfig()
        self._ids = IdPool(self.config.id_pool_size, self.config.seed, self.config.id_prefix, self.config.first_id)
        self._tracks: list[Track] = []
        self._stamp_s: float | None = None
        self._previous_s = 0.0
        self._interval_s: float | None = None   # between the last two images
        self._frame = FrameKeeper()

    def reset(self) -> None:
        """Forgets everybody; their ids go to the end of the queue."""
        for track in self._tracks:
            self._ids.give_back(track.id)
        self._tracks = []
        self._stamp_s = self._interval_s = None
        self._frame = FrameKeeper()

    def update(self, observations: Sequence[Observation], stamp_s: float,
               camera_pose: CameraPose | None = None) -> tuple[Person, ...]:
        """Takes in what one image showed and returns everybody, oldest track first.

        observations: people with finite root position and covariance, in the axes of one camera.
        stamp_s: the image's time in seconds; need not be evenly spaced.
        camera_pose: of the camera in the fixed frame at that time; None if unknown. People keep their ids when it
            becomes known or unknown. While it is known, velocities are in the axes of the fixed frame and relative to
            it, else in those of the camera and relative to that.
        A stamp far behind the last one resets the tracker. ValueError if it is not finite.
        """
        if not math.isfinite(stamp_s):
            raise ValueError(f'an image needs a finite stamp in seconds, not {stamp_s}')
        stamp_s = self._advance_to(stamp_s, camera_pose)
        pose = camera_pose or CameraPose.identity()
        unexplained = list(observations)
        # People who are known for sure choose first, or a ghost seen once could take over their place.
        for confirmed in (True, False):
            tracks = [track for track in self._tracks if track.confirmed == confirmed]
            tracks, unexplained = self._match_by_place(tracks, unexplained, stamp_s, pose)
            unexplained = self._match_by_box(tracks, unexplained, stamp_s, pose)
        self._drop(lambda track: track.expired(stamp_s, self.config, self.config.tentative_coast_s))
        while len(self._tracks) > self.config.max_people:    # it has been lowered
            self._forget(self._longest_hidden())
        if camera_pose is None:   # without a fixed frame nobody is followed past the camera
            self._drop(lambda track: track.state.position[2] <= 0)
        self._begin(unexplained, stamp_s, pose)
        return tuple(track.person(stamp_s, pose, self.config) for track in self._tracks
                     if track.shown(stamp_s, self.config))

    def _advance_to(self, stamp_s: float, pose: CameraPose | None) -> float:
        """Predicts all tracks to the stamp, in the frame of that image, and returns the time they are now at."""
        if self._stamp_s is not None and stamp_s < self._stamp_s - self.config.late_s:
            self.reset()
        previous_s = self._previous_s = stamp_s if self._stamp_s is None else self._stamp_s
        self._stamp_s = max(stamp_s, previous_s)
        patience_s = self._patience_s()
        self._drop(lambda track: track.expired(self._stamp_s, self.config, patience_s))
        if self._stamp_s > previous_s:
            self._interval_s = self._stamp_s - previous_s
        if pose is None:
            self._frame.leave(self._tracks, self.config)
        for track in self._tracks:
            track.predict(self._stamp_s - previous_s, self.config)
        if pose is not None:
            self._frame.enter(self._tracks, pose, stamp_s, self.config)
        return self._stamp_s

    def _patience_s(self) -> float:
        """How long without an image those who are not confirmed yet are still looked for in the next one.

        At a low rate they could never be confirmed otherwise; but a single ghost must not outlive a pause.
        """
        config = self.config
        # Without an interval there is no rate to be judged by yet.
        pause_s = math.inf if self._interval_s is None else _PAUSE * self._interval_s
        return max(config.tentative_coast_s, config.coast_s, min(pause_s, config.remember_s))

    def _match_by_place(self, tracks: list[Track], observations: list[Observation], stamp_s: float,
                        pose: CameraPose) -> tuple[list[Track], list[Observation]]:
        if not tracks or not observations:
            return tracks, observations
        ratio = log_likelihood_ratio(
            np.stack([t.state.position for t in tracks]), np.stack([t.state.position_covariance for t in tracks]),
            pose.to_fixed(np.stack([o.root.position for o in observations])),
            pose.covariance_to_fixed(np.stack([o.root.covariance for o in observations])),
            jitter_fraction=self.config.jitter_fraction, newcomer_density=self.config.newcomer_density,
            gate_probability=self.config.gate_probability)
        ratio += log_size_ratio(np.array([t.observation.detection.size_px for t in tracks]),
                                  np.array([stamp_s - t.last_seen_s for t in tracks]),
                                  np.array([o.detection.size_px for o in observations]))
        ratio += np.array([_IN_SIGHT if t.last_seen_s >= self._previous_s else _OUT_OF_SIGHT for t in tracks])[:, None]
        if self.config.appearance:
            ratio += log_appearance_ratio([t.appearance for t in tracks], [o.appearance for o in observations])
        return self._take_in(tracks, observations, assign(ratio), stamp_s, pose)

    def _match_by_box(self, tracks: list[Track], observations: list[Observation], stamp_s: float,
                      pose: CameraPose) -> list[Observation]:
        """Saves tracks whose depth was misjudged: somebody who half leaves the image may seem to leap by metres."""
        recent = [t for t in tracks if stamp_s - t.last_seen_s <= self.config.tentative_coast_s]
        if not recent or not observations:
            return observations
        boxes = np.stack([o.detection.box for o in observations])
        overlap = np.stack([box_overlap(t.observation.detection.box, boxes) for t in recent])
        pairs = assign(np.where(overlap >= self.config.rescue_iou, overlap, -np.inf))
        return self._take_in(recent, observations, pairs, stamp_s, pose, leaps=True)[1]

    def _take_in(self, tracks: list[Track], observations: list[Observation], pairs: list[tuple[int, int]],
                 stamp_s: float, pose: CameraPose, leaps: bool = False) -> tuple[list[Track], list[Observation]]:
        """Updates the matched tracks and returns what is left over."""
        for t, o in pairs:
            tracks[t].see(observations[o], stamp_s, pose, self.config, leaps)
        matched_tracks, matched_observations = {t for t, _ in pairs}, {o for _, o in pairs}
        return ([t for i, t in enumerate(tracks) if i not in matched_tracks],
                [o for i, o in enumerate(observations) if i not in matched_observations])

    def _begin(self, newcomers: list[Observation], stamp_s: float, pose: CameraPose) -> None:
        """Starts tracks, the best detections first; somebody in sight takes the place of somebody hidden."""
        for observation in sorted(newcomers, key=lambda o: o.detection.score, reverse=True):
            if len(self._tracks) >= self.config.max_people:
                longest_hidden = self._longest_hidden()
                if longest_hidden.seen:
                    return
                self._forget(longest_hidden)
            self._tracks.append(Track(self._ids.take(), observation, stamp_s, pose, self.config))

    def _longest_hidden(self) -> Track:
        """Of those in sight, the last one who came."""
        return min(self._tracks, key=lambda t: (t.seen, t.last_seen_s, -t.first_seen_s))

    def _forget(self, victim: Track) -> None:
        self._drop(lambda track: track is victim)

    def _drop(self, unwanted: Callable[[Track], bool]) -> None:
        for track in self._tracks:
            if unwanted(track):
                self._ids.give_back(track.id)
        self._tracks = [t for t in self._tracks if not unwanted(t)]
