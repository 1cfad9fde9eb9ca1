"""Keeps a skeleton steady: its joints relative to the root, averaged while they stay, followed while they move."""
from __future__ import annotations

import numpy as np

from hdnet_ros.perception.tracker.motion import Motion
from hdnet_ros.perception.tracker.steady import Habits, SteadyFilter
from hdnet_ros.skeleton import HUMAN36M_17

_JOINTS = len(HUMAN36M_17)
_FLIP = np.array(HUMAN36M_17.flip_order)
_SIDED = np.arange(_JOINTS) != _FLIP

# A hand that swings while walking: 0.3 m to and fro, once a second.
_HABITS = Habits(Motion(30.0, memory_s=0.3), resting_speed_sigma=0.03, average_s=0.3)
_UNKNOWN_M2 = 1e6
_FORGET_S = 0.6          # after so long unseen the old skeleton says nothing about the present one
_LEAST_CONFIDENCE = 0.05
# Left and right are taken for exchanged if that fits twice as well and the skeleton as it came is off by so much.
_SWAP_GAIN, _SWAP_MIN_M = 0.5, 0.08
_SWAP_LONGEST_S = 0.5    # somebody who stays "exchanged" for longer has turned round


class SkeletonFilter:
    """One person's joints relative to the root, in axes that do not turn between two calls.

    Joints of low confidence lean on the past; jumps count for less than steady motion; a skeleton whose left and right
    are exchanged for a few images is put right.
    """

    def __init__(self) -> None:
        self._filter: SteadyFilter | None = None
        self._known = np.zeros(_JOINTS, dtype=bool)
        self._unseen_s = np.zeros(_JOINTS)
        self._swapped_s = 0.0

    def see(self, joints: np.ndarray, confidence: np.ndarray, dt_s: float, sigma_m: float, memory_s: float) -> bool:
        """Takes in a skeleton; whether its left and right were exchanged.

        joints: (17, 3) metres relative to the root, NaN where unknown; confidence: (17,) 0..1.
        dt_s: seconds since the last one.
        sigma_m: standard deviation of each coordinate of a joint of confidence 1; memory_s: time over which its errors
            stay alike.
        """
        if self._filter is None or dt_s > _FORGET_S:
            self._begin(joints, sigma_m)
            return False
        self._filter.predict(dt_s, _HABITS)
        expected = self._filter.state.position
        swapped = self._exchanged(joints, confidence, expected)
        self._swapped_s = self._swapped_s + dt_s if swapped else 0.0
        if self._swapped_s > _SWAP_LONGEST_S:
            self._begin(joints, sigma_m)
            return False
        if swapped:
            joints, confidence = joints[_FLIP], confidence[_FLIP]
        measured = np.isfinite(joints).all(axis=1)
        unseen_s = np.where(measured, 0.0, self._unseen_s + dt_s)
        if (measured & ~self._known).any():   # the first sight of some joints: easiest to begin anew with all
            joints = np.where(measured[:, None] | ~self._known[:, None], joints, self._filter.position)
            self._begin(joints, sigma_m)
            self._forget(unseen_s)
            return swapped
        place = np.where(measured[:, None], joints, expected)
        variance = (sigma_m / np.clip(confidence, _LEAST_CONFIDENCE, 1.0)) ** 2
        variance = np.where(measured, variance, _UNKNOWN_M2)
        self._filter.see(place, variance[:, None, None] * np.eye(3), dt_s, memory_s, _HABITS)
        self._forget(unseen_s)
        return swapped

    def _forget(self, unseen_s: np.ndarray) -> None:
        """Joints that have not been seen for so long, (17,) seconds, are unknown in the end."""
        self._unseen_s = unseen_s
        self._known &= unseen_s <= _FORGET_S

    def relative(self, age_s: float = 0.0) -> np.ndarray:
        """(17, 3) metres from the root; NaN for joints that were never seen, or not for long.

        age_s: how old the last skeleton was when the person was last in sight. All joints are NaN if it says nothing
            about the person any more.
        """
        if self._filter is None or age_s > _FORGET_S:
            return np.full((_JOINTS, 3), np.nan)
        return np.where(self._known[:, None], self._filter.position, np.nan)

    def turn(self, rotation: np.ndarray) -> None:
        """From now on in other axes: ``rotation @ p``."""
        if self._filter is not None:
            self._filter.move(rotation, np.zeros(3))

    def _begin(self, joints: np.ndarray, sigma_m: float) -> None:
        self._known = np.isfinite(joints).all(axis=1)
        self._unseen_s = np.zeros(_JOINTS)
        self._filter = SteadyFilter(np.where(self._known[:, None], joints, 0.0), np.eye(3) * sigma_m ** 2,
                                    _HABITS.speed_sigma)
        self._swapped_s = 0.0

    def _exchanged(self, joints: np.ndarray, confidence: np.ndarray, expected: np.ndarray) -> bool:
        """Whether the skeleton fits what was expected much better with left and right exchanged."""
        usable = _SIDED & self._known & self._known[_FLIP] & np.isfinite(joints).all(axis=1)
        usable &= usable[_FLIP]
        weight = np.where(usable, confidence, 0.0)
        if weight.sum() <= 0:
            return False
        places = np.where(usable[:, None], joints, 0.0)
        as_it_came = np.sum(weight * np.linalg.norm(places - expected, axis=1)) / weight.sum()
        exchanged = np.sum(weight[_FLIP] * np.linalg.norm(places[_FLIP] - expected, axis=1)) / weight.sum()
        return bool(as_it_came >= _SWAP_MIN_M and exchanged <= _SWAP_GAIN * as_it_came)
