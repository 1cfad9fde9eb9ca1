"""How well a system placed the people of a benchmark."""
from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hdnet_ros.evaluation.benchmarks.benchmark import NOBODY, Benchmark
from hdnet_ros.evaluation.metrics import Mrpe, coverage, mrpe, pck_2d, relative_depth_error
from hdnet_ros.evaluation.people_table import PeopleTable
from hdnet_ros.evaluation.root_ap import THRESHOLDS_M, root_ap


@dataclass(frozen=True)
class Scores:
    """Figures of one system over one group of people; NaN where there is nothing to measure.

    people: true people; placed: how many of them were given a place. ``ap`` and ``ar`` are over all people, the other
    figures over those placed.
    depth_error: median |estimated / true depth - 1|; depth_bias: median with its sign, positive is too far.
    root_error_m: median distance to the true root. mrpe: mean distance and its parts, metres.
    ap, ar: of the root within each of ``THRESHOLDS_M``, 0..1; estimates for other people do not count.
    coverage_95: share of the people whose depth lies in the interval that should hold 95 %.
    joints_close: share of the known, visible joints that were seen within a fifth of the torso of where they are.
    """

    system: str
    group: str
    people: int
    placed: int
    depth_error: float
    depth_bias: float
    root_error_m: float
    mrpe: Mrpe
    ap: tuple[float, ...]
    ar: tuple[float, ...]
    coverage_95: float
    joints_close: float


def score(system: str, people: PeopleTable, benchmark: Benchmark) -> list[Scores]:
    """The figures of one system for each group of the benchmark, and for everybody where there are several groups.

    Raises PredictionError if the estimates are not of the benchmark's boxes.
    """
    owner = benchmark.owners(people)
    groups = dict(benchmark.groups)
    if len(groups) > 1:
        groups['all'] = np.logical_or.reduce(list(groups.values()))
    return [_score(system, name, people, owner, benchmark, members) for name, members in groups.items()]


def _score(system: str, group: str, people: PeopleTable, owner: np.ndarray, benchmark: Benchmark,
           members: np.ndarray) -> Scores:
    truth = benchmark.truth
    rows = np.flatnonzero((owner != NOBODY) & members[owner])
    mine, whose = people.take(rows), owner[rows]
    true_root = truth.root[whose]
    relative = relative_depth_error(mine.root[:, 2], true_root[:, 2])
    found = [root_ap(mine.root, mine.score, truth.image[whose], truth.root[members], truth.image[members], threshold)
             for threshold in THRESHOLDS_M]
    return Scores(
        system=system, group=group, people=int(members.sum()), placed=len(np.unique(whose)),
        depth_error=_median(np.abs(relative)), depth_bias=_median(relative),
        root_error_m=_median(np.linalg.norm(mine.root - true_root, axis=1)), mrpe=mrpe(mine.root, true_root),
        ap=tuple(each.ap for each in found), ar=tuple(each.ar for each in found),
        coverage_95=coverage(np.log1p(relative), mine.log_sigma), joints_close=joints_close(mine, whose, benchmark))


def joints_close(people: PeopleTable, owner: np.ndarray, benchmark: Benchmark) -> float:
    """Share of close joints over all known, visible joints of these people; NaN if nobody's joints were looked for.

    A joint that was not found is not close.
    """
    truth = benchmark.truth
    if people.joints_px is None or not np.isfinite(people.joints_px).any():
        return math.nan
    if people.joint_set != truth.joint_set:
        raise ValueError(f'joints of {people.joint_set} cannot be compared with those of {truth.joint_set}')
    true_px = truth.joints_px[owner]
    if truth.visible is not None:
        true_px = np.where(truth.visible[owner][:, :, None], true_px, np.nan)
    return pck_2d(people.joints_px, true_px, benchmark.torso_px[owner])


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else math.nan
