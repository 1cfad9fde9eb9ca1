"""The figures of tracking over many seeds."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hdnet_ros.evaluation.tracking.crowd import CrowdOptions, simulate
from hdnet_ros.evaluation.tracking.identity import IdentityFigures, IdentityFrame, identity_figures
from hdnet_ros.evaluation.tracking.robot import driving_past, turning
from hdnet_ros.evaluation.tracking.steadiness import follow
from hdnet_ros.evaluation.tracking.walks import pacing, standing, walking
from hdnet_ros.perception.people import TrackState
from hdnet_ros.perception.tracker import Tracker, TrackerConfig
from hdnet_ros.skeleton import HUMAN36M_17

Figures = dict[str, tuple[float, float]]   # name -> mean and worst over the seeds
_WRIST = HUMAN36M_17.index('left_wrist')


@dataclass(frozen=True)
class CrowdRun:
    """What became of the ids of a crowd.

    identity: figures for people while a detector could see them.
    hidden: how often somebody was not detected for 0.2 to 1.2 s; kept: how often with the same id afterwards.
    newcomers: how many came in later; mistaken: how many of them got the id of somebody who was there before.
    """

    identity: IdentityFigures
    hidden: int
    kept: int
    newcomers: int
    mistaken: int


def track_crowd(options: CrowdOptions, seed: int, config: TrackerConfig) -> CrowdRun:
    """How well the ids of one simulated crowd hold."""
    tracker, frames, detected_s, last, before, owners = Tracker(config), [], {}, {}, {}, {}
    hidden = kept = newcomers = mistaken = 0
    for frame in simulate(options, seed):
        shown = [person for person in tracker.update(frame.observations, frame.stamp_s)
                 if person.state == TrackState.CONFIRMED]
        names = {id(person.observation): person.id for person in shown}
        for who, observation in zip(frame.who, frame.observations, strict=True):
            if who < 0:
                continue
            # Whoever was lost is not confirmed at once: the gap is that of the detections.
            if who in last and 0.2 <= frame.stamp_s - detected_s[who] <= 1.2:
                before.setdefault(who, last[who])
            detected_s[who] = frame.stamp_s
            name = names.get(id(observation))
            if name is None:
                continue
            if who not in last and who >= options.people:
                newcomers, mistaken = newcomers + 1, mistaken + (name in owners)
            owners.setdefault(name, who)
            if who in before:
                hidden, kept = hidden + 1, kept + (name == before.pop(who))
            last[who] = name
        visible = np.flatnonzero(1 - frame.visible <= options.covered)
        boxes = np.array([person.observation.detection.box for person in shown]).reshape(-1, 4)
        frames.append(IdentityFrame(frame.people[visible].tolist(), frame.boxes[visible],
                                    [person.id for person in shown], boxes))
    return CrowdRun(identity_figures(frames), hidden, kept, newcomers, mistaken)


def crowd_report(seeds: Iterable[int], options: CrowdOptions, config: TrackerConfig) -> Figures:
    """MOTA, IDF1 and the like of crowds; HOTA only with trackeval."""
    runs = [track_crowd(options, seed, config) for seed in seeds]
    figures = {}
    for name, field, worst in (('MOTA', 'mota', min), ('IDF1', 'idf1', min), ('HOTA', 'hota', min),
                               ('AssA (identity part of HOTA)', 'assa', min), ('id switches', 'switches', max),
                               ('different ids', 'ids', max)):
        values = [float(getattr(run.identity, field)) for run in runs]
        if not np.isnan(values).any():
            figures[name] = float(np.mean(values)), worst(values)
    shares = [run.kept / max(run.hidden, 1) for run in runs]
    figures['ids kept when hidden for 0.2 to 1.2 s'] = float(np.mean(shares)), min(shares)
    if options.leaving:
        for name, field in (('newcomers', 'newcomers'), ('newcomers with the id of somebody else', 'mistaken')):
            values = [getattr(run, field) for run in runs]
            figures[name] = float(np.mean(values)), max(values)
    return figures


def motion_report(seeds: Iterable[int], fps: float, config: TrackerConfig) -> Figures:
    """Steadiness and lag of one person, and the speed of somebody who stands when the robot moves."""
    values: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        values.setdefault(name, []).append(float(value))
    for seed in seeds:
        still = follow(standing((0.5, 0.2, 4.0)), seed, fps=fps, walks=False, config=config)
        for axis, ratio in zip('xyz', still.spread('root') / still.spread('raw'), strict=True):
            note(f'standing: spread of {axis}, share of raw', ratio)
        note('standing: spread of joints, share of raw',
             still.joint_spread('joints') / still.joint_spread('raw_joints'))
        note('standing: speed, m/s', np.linalg.norm(still.velocity, axis=1).mean())
        for name, path, seconds in (('walking across', walking((-3.5, 0.2, 4.0), (1.2, 0.0, 0.0)), 6.0),
                                    ('walking towards', walking((0.3, 0.2, 9.0), (0.0, 0.0, -1.2)), 6.0),
                                    ('to and fro, 5 m away', pacing((0.0, 0.2, 5.0), (0.0, 0.0, 1.0)), 12.0)):
            walk = follow(path, seed, fps=fps, seconds=seconds, config=config)
            note(f'{name}: lag, s', walk.lag_s('root'))
            note(f'{name}: lag of a wrist, s', walk.joint_lag_s('joints', _WRIST))
        for name, camera in (('robot drives past, 1.2 m/s', driving_past), ('robot turns, up to 70 deg/s', turning)):
            seen = follow(standing((0.4, 0.2, 4.0)), seed, fps=fps, walks=False, config=config, camera=camera,
                          told=camera)
            note(f'{name}: speed of who stands, m/s', np.linalg.norm(seen.velocity, axis=1).mean())
            note(f'{name}: different ids', seen.ids)
    return {name: (float(np.mean(numbers)), float(np.max(numbers))) for name, numbers in values.items()}
