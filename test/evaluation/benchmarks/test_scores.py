from __future__ import annotations

import math

import numpy as np
import pytest

from hdnet_ros.evaluation.benchmarks.benchmark import NOBODY
from hdnet_ros.evaluation.benchmarks.scores import joints_close, score
from hdnet_ros.evaluation.people_table import PeopleTable, PredictionError
from hdnet_ros.skeleton import HUMAN36M_17

# Estimates in the order of the boxes: the child, the stranger, the adult at 2 m, the adult at 5 m.
OWNER = [1, NOBODY, 0, 2]


def estimates(benchmark, offsets, **columns):
    """Every box's owner, off by some metres; the stranger stands where nobody is."""
    detections = [d for given in benchmark.boxes for d in given.detections]
    root = np.array([benchmark.truth.root[o] if o >= 0 else [0, 0, 9.0] for o in OWNER])
    return PeopleTable(['a', 'b'], np.array([0, 0, 0, 1]), root + offsets, box=np.array([d.box for d in detections]),
                       score=np.array([d.score for d in detections]), **columns)


def by_group(people, benchmark):
    return {each.group: each for each in score('mine', people, benchmark)}


def test_boxes_tell_who_is_meant(benchmark):
    people = estimates(benchmark, np.zeros((4, 3)))
    assert benchmark.owners(people).tolist() == OWNER
    assert benchmark.owners(people.take(np.array([3, 1]))).tolist() == [NOBODY, 2]


def test_other_boxes_are_refused(benchmark):
    people = estimates(benchmark, np.zeros((4, 3)))
    people.box[2] += 1
    with pytest.raises(PredictionError, match="image 'a'.*other boxes"):
        benchmark.owners(people)
    with pytest.raises(PredictionError, match='other boxes'):
        benchmark.owners(PeopleTable(['a'], np.array([0]), np.ones((1, 3))))


def test_a_perfect_estimate_lacks_nothing_but_the_person_without_a_box(benchmark):
    found = by_group(estimates(benchmark, np.zeros((4, 3)), log_sigma=np.full(4, 0.1)), benchmark)
    assert list(found) == ['adults', 'children', 'all']
    adults = found['adults']
    assert (adults.system, adults.people, adults.placed) == ('mine', 3, 2)
    assert adults.depth_error == adults.depth_bias == adults.root_error_m == adults.mrpe.total == 0
    assert adults.coverage_95 == 1
    # Two of three are found; AP leaves out the step of the first.
    assert adults.ar == pytest.approx([2 / 3] * 4) and adults.ap == pytest.approx([1 / 3] * 4)
    assert (found['children'].people, found['children'].placed) == (1, 1)
    assert (found['all'].people, found['all'].placed) == (4, 3)


def test_figures_reckoned_by_hand(benchmark):
    offsets = np.array([[0, 0, 0.4], [0, 0, 0], [0.12, 0, 0], [0, 0, -0.5]])
    found = by_group(estimates(benchmark, offsets, log_sigma=np.array([0.01, 1, 0.01, 0.1])), benchmark)
    child, adults = found['children'], found['adults']
    assert child.depth_error == pytest.approx(0.1) and child.depth_bias == pytest.approx(0.1)
    assert child.coverage_95 == 0 and child.ar == (0, 0, 0, 0)
    assert adults.depth_error == pytest.approx(0.05) and adults.depth_bias == pytest.approx(-0.05)
    assert adults.root_error_m == pytest.approx((0.12 + 0.5) / 2)
    assert (adults.mrpe.x, adults.mrpe.y, adults.mrpe.z) == pytest.approx((0.06, 0, 0.25))
    assert adults.coverage_95 == 1     # ln 0.9 = -0.105 against 1.96 x 0.1
    assert adults.ar == pytest.approx((1 / 3, 1 / 3, 1 / 3, 0))


def test_nobody_placed_and_no_spread(benchmark):
    nobody = by_group(estimates(benchmark, np.zeros((4, 3))).take(np.array([], int)), benchmark)['adults']
    assert nobody.placed == 0 and nobody.ar == (0, 0, 0, 0)
    assert all(map(math.isnan, (nobody.depth_error, nobody.root_error_m, nobody.mrpe.z, nobody.coverage_95)))
    some = by_group(estimates(benchmark, np.zeros((4, 3))), benchmark)['adults']
    assert math.isnan(some.coverage_95) and math.isnan(some.joints_close)


def test_close_joints(benchmark):
    joints_px = np.full((4, 17, 2), np.nan)
    for row, owner in enumerate(OWNER):
        if owner >= 0:
            joints_px[row] = benchmark.truth.joints_px[owner]
    joints_px[2, 0, 0] += 19.9     # a fifth of the torso is 20 px
    joints_px[2, 1, 0] += 20.1
    joints_px[2, 2] = np.nan
    joints_px[2, 9] = 0.0           # not in the truth
    people = estimates(benchmark, np.zeros((4, 3)), joints_px=joints_px, joint_set=HUMAN36M_17.name)
    found = by_group(people, benchmark)
    assert found['children'].joints_close == 1
    assert found['adults'].joints_close == pytest.approx((3 + 5) / 10)
    visible = np.ones((4, 17), bool)
    visible[0, 1:3] = False
    benchmark.truth._set('visible', visible)
    assert by_group(people, benchmark)['adults'].joints_close == 1


def test_joints_of_another_set_are_refused(benchmark):
    people = estimates(benchmark, np.zeros((4, 3)), joints_px=np.zeros((4, 21, 2)), joint_set='muco_21')
    with pytest.raises(ValueError, match='muco_21 cannot be compared'):
        joints_close(people.take(np.array([0])), np.array([1]), benchmark)
