"""Simulated people with the depth errors of a single camera keep their ids."""
from __future__ import annotations

import pickle
import re

import numpy as np

from hdnet_ros.perception.tracker import Tracker, TrackerConfig


def crossing(rng):
    """Two people who walk past each other half a metre to two metres apart, one hidden for a while."""
    near_m = rng.uniform(2, 5)
    far_m = near_m + rng.uniform(0.5, 2)
    right, left = rng.uniform(0.6, 1.4), -rng.uniform(0.6, 1.4)
    away, sway = rng.uniform(-0.3, 0.3, size=2), rng.uniform(0, 6, size=2)
    return [lambda t: np.array([right * (t - 4) + 0.04 * np.sin(6 * t + sway[0]), 0.1, near_m + away[0] * (t - 4)]),
            lambda t: np.array([left * (t - 4), 0.1, far_m + away[1] * (t - 4) + 0.04 * np.sin(6 * t + sway[1])])]


def test_crossing_people_keep_their_ids(world):
    runs = [world.follow(crossing(np.random.default_rng(k)), np.random.default_rng(1000 + k)) for k in range(40)]
    # Where the errors in size make both seem equally far, no depth can tell them apart: one run in 20 may fail.
    assert sum(run.switches > 0 for run in runs) <= 2
    assert sum(len(run.ids) == 2 for run in runs) >= 38


def test_crossing_with_strong_jitter(world):
    runs = [world.follow(crossing(np.random.default_rng(k)), np.random.default_rng(1000 + k), jitter=0.06)
            for k in range(30)]
    assert sum(run.switches > 0 for run in runs) <= 3


def test_crossing_with_missed_detections_and_uneven_frames(world):
    runs = [world.follow(crossing(np.random.default_rng(k)), np.random.default_rng(1000 + k), fps=8, miss=0.2,
                         jitter=0.03, irregular=True) for k in range(30)]
    assert sum(run.switches > 0 for run in runs) <= 4


def test_people_who_meet_and_turn_back(world):
    for k in range(10):
        rng = np.random.default_rng(k)
        depth_m, speed = rng.uniform(2, 5), rng.uniform(0.6, 1.2)
        run = world.follow([lambda t, d=depth_m, s=speed: np.array([-abs(t - 4) * s - 0.4, 0.1, d]),
                            lambda t, d=depth_m, s=speed: np.array([abs(t - 4) * s + 0.4, 0.1, d + 0.2])],
                           rng, jitter=0.03)
        assert run.switches == 0 and len(run.ids) == 2


def test_a_second_behind_a_pillar(world):
    """A walker who vanishes for a second comes back as the same person, at any frame rate."""
    for fps in (4.0, 10.0, 30.0):
        for seed in range(8):
            rng, tracker = np.random.default_rng(seed), Tracker(TrackerConfig())
            bias, ids = rng.normal(scale=0.05), set()
            for stamp_s in np.arange(0, 5, 1 / fps):
                seen = not 2.5 < stamp_s < 3.5
                place = (-2 + 0.8 * stamp_s, 0.1, 4.0 + 0.2 * stamp_s)
                factor = 1 + bias + rng.normal(scale=0.03)
                people = tracker.update([world.observe(place, depth_factor=factor)] if seen else [], stamp_s)
                assert len(people) == 1
                ids.add(people[0].id)
            assert len(ids) == 1


def test_three_thousand_frames_of_coming_and_going(world):
    """Ids come from the pool, are never shared, and memory does not grow."""
    config = TrackerConfig(id_pool_size=60, max_people=20)
    tracker, rng = Tracker(config), np.random.default_rng(0)
    places = rng.uniform([-3, -0.2, 2], [3, 0.2, 9], size=(5, 3))
    ids, most, sizes = set(), 0, []
    for frame in range(3000):
        if frame % 25 == 0:      # somebody leaves, somebody comes
            places[rng.integers(5)] = rng.uniform([-3, -0.2, 2], [3, 0.2, 9])
        shown = [world.observe(p, depth_factor=1 + rng.normal(scale=0.02)) for p in places if rng.random() > 0.1]
        people = tracker.update(shown, frame / 20)
        names = [p.id for p in people]
        assert len(set(names)) == len(names)
        ids.update(names)
        most = max(most, len(names))
        if frame % 100 == 99:
            sizes.append(len(pickle.dumps(tracker)))
    assert most <= config.max_people
    assert 30 < len(ids) <= 60 and all(re.fullmatch('[a-z][a-z0-9]{4}', name) for name in ids)
    assert max(sizes[15:]) < 1.3 * max(sizes[:15])      # the second half against the first
