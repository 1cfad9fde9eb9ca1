from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.evaluation.protocols import matching
from hdnet_ros.evaluation.protocols.matching import match_greedily

JOINTS = 13


def match_slowly(truth_image, truth_px, image, pixels, within_px=40.0):
    """One person, one estimate, one joint at a time."""
    found, taken = [], set()
    for number, person in zip(truth_image, truth_px):
        best, best_score = -1, 0
        for row, (other, estimate) in enumerate(zip(image, pixels)):
            if other != number or row in taken:
                continue
            score = 0
            for (u, v), (x, y) in zip(person, estimate):
                if not (x == 0 and y == 0) and abs(u - x) < within_px and abs(v - y) < within_px:
                    score += 1
            if score > best_score:
                best, best_score = row, score
        taken.add(best)
        found.append(best)
    return np.array(found, dtype=int)


def person(offset, close=JOINTS):
    """Joints around (500, 500), moved by an offset; those beyond ``close`` are far away."""
    joints = np.tile([500.0, 500.0], (JOINTS, 1)) + np.arange(JOINTS)[:, None] + offset
    joints[close:] += 1000
    return joints


def test_nearest_limit_is_strict_and_holds_for_each_axis():
    truth = person((0, 0))[None]
    for offset, matched in [((39.9, -39.9), 0), ((40, 0), -1), ((0, 40), -1), ((-40, 0), -1)]:
        assert match_greedily([0], truth, [0], person(offset)[None]).tolist() == [matched], offset


def test_one_close_joint_is_enough():
    assert match_greedily([0], person((0, 0))[None], [0], person((0, 0), close=1)[None]).tolist() == [0]
    assert match_greedily([0], person((0, 0))[None], [0], person((0, 0), close=0)[None]).tolist() == [-1]


def test_first_true_person_chooses_first_even_if_the_second_would_fit_better():
    truth = np.stack([person((0, 0)), person((30, 0))])
    estimates = np.stack([person((30, 0)), person((-300, 0))])
    assert match_greedily([0, 0], truth, [0, 0], estimates).tolist() == [0, -1]


def test_most_joints_win_and_the_first_of_equals():
    truth = person((0, 0))[None]
    estimates = np.stack([person((0, 0), close=5), person((9, 9), close=7), person((0, 0), close=7)])
    assert match_greedily([0], truth, [0, 0, 0], estimates).tolist() == [1]


def test_joints_at_the_origin_and_unknown_ones_are_invisible():
    truth = np.zeros((1, JOINTS, 2)) + 5
    at_origin = np.zeros((1, JOINTS, 2))
    assert match_greedily([0], truth, [0], at_origin).tolist() == [-1]
    at_origin[0, 3] = [0, 1]
    assert match_greedily([0], truth, [0], at_origin).tolist() == [0]
    assert match_greedily([0], truth, [0], np.full((1, JOINTS, 2), np.nan)).tolist() == [-1]


def test_other_images_do_not_matter_and_nobody_may_be_there():
    truth = np.stack([person((0, 0)), person((0, 0))])
    assert match_greedily([1, 3], truth, [0, 2, 3], np.tile(person((0, 0)), (3, 1, 1))).tolist() == [-1, 2]
    assert match_greedily([1, 3], truth, [], np.zeros((0, JOINTS, 2))).tolist() == [-1, -1]
    assert match_greedily([], np.zeros((0, JOINTS, 2)), [4], truth[:1]).tolist() == []


@pytest.mark.parametrize('block', [1, 3, 4096])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_equals_the_slow_loop(seed, block):
    random = np.random.default_rng(seed)
    truth_image = np.sort(random.integers(0, 6, random.integers(0, 14)))
    image = np.sort(random.integers(0, 6, random.integers(0, 20)))
    truth_px, pixels = (random.integers(0, 4, (len(rows), JOINTS, 2)) * 39.0 for rows in (truth_image, image))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, 'BLOCK', block)
        found = match_greedily(truth_image, truth_px, image, pixels)
    np.testing.assert_array_equal(found, match_slowly(truth_image, truth_px, image, pixels))
