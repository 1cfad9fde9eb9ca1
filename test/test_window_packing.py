from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros import window_packing
from hdnet_ros.window_packing import group_boxes

SIZE = 100.0
# Whole numbers, so that edges often coincide, which is where mistakes hide.
box = st.tuples(st.integers(0, 300), st.integers(0, 150), st.integers(1, 110), st.integers(1, 110))
boxes = st.lists(box, max_size=6)


def corners(values):
    array = np.array(values, dtype=float).reshape(-1, 4)
    return array[:, :2], array[:, :2] + array[:, 2:]


def fits(low, high, members):
    members = list(members)
    return (high[members].max(axis=0) - low[members].min(axis=0) <= SIZE).all()


def fewest_by_trying(low, high):
    """The size of the smallest partition into groups that each fit a window, by trying all subsets."""
    count = len(low)
    groups = [set(group) for size in range(1, count + 1) for group in combinations(range(count), size)
              if fits(low, high, group)]
    for number in range(count + 1):
        if any(len(set().union(*choice)) == count for choice in combinations(groups, number)):
            return number
    raise AssertionError('every box fits a window alone')


@given(values=boxes)
def test_every_box_once_and_inside(values):
    low, high = corners(values)
    groups = group_boxes(low, high, SIZE)
    assert sorted(np.concatenate(groups) if groups else []) == list(range(len(low)))
    for group in groups:
        assert fits(low, high, group) or len(group) == 1
        assert list(group) == sorted(group)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)


@given(values=boxes.map(lambda values: [(x, y, min(w, 100), min(h, 100)) for x, y, w, h in values]))
def test_no_fewer_are_possible(values):
    low, high = corners(values)
    assert len(group_boxes(low, high, SIZE)) == fewest_by_trying(low, high)


def test_two_hundred_people():
    """Looked at in bits, for a crowd must not cost seconds: with a window for each pair of edges these were 10 MB."""
    random = np.random.default_rng(0)
    low = random.uniform(0, 2000, (200, 2))
    high = low + random.uniform(20, 100, (200, 2))
    origins, covers = window_packing._candidates(low, high, SIZE)
    assert len(covers) < 2000 and covers.any(axis=0).all()
    for origin, held in zip(origins, covers):
        np.testing.assert_array_equal(held, ((low >= origin) & (high <= origin + SIZE + 1e-6)).all(axis=1))
    assert sorted(np.concatenate(group_boxes(low, high, SIZE))) == list(range(200))


@given(values=boxes)
def test_the_same_every_time(values):
    low, high = corners(values)
    first, second = group_boxes(low, high, SIZE), group_boxes(low, high, SIZE)
    assert [group.tolist() for group in first] == [group.tolist() for group in second]


@given(values=boxes, shift=st.tuples(st.integers(-500, 500), st.integers(-500, 500)))
@settings(max_examples=30)
def test_place_does_not_matter(values, shift):
    low, high = corners(values)
    assert [g.tolist() for g in group_boxes(low, high, SIZE)] == \
        [g.tolist() for g in group_boxes(low + shift, high + shift, SIZE)]


def test_large_boxes_stay_alone():
    low, high = corners([(0, 0, 150, 50), (10, 10, 20, 20), (40, 10, 20, 20)])
    assert [group.tolist() for group in group_boxes(low, high, SIZE)] == [[0], [1, 2]]


def greedy_is_beaten():
    """A scene, found by search, where taking the fullest window first needs more windows than necessary."""
    rng = np.random.default_rng(0)
    while True:
        low = rng.integers(0, 250, (9, 2)).astype(float)
        high = low + rng.integers(5, 60, (9, 2))
        _, covers = window_packing._candidates(low, high, SIZE)
        greedy = len(window_packing._greedy_cover(covers))
        if len(group_boxes(low, high, SIZE)) < greedy:
            return low, high, greedy


def test_better_than_greedy_where_greedy_fails():
    low, high, greedy = greedy_is_beaten()
    assert len(group_boxes(low, high, SIZE)) == greedy - 1


def test_greedy_still_holds_all_when_the_solver_has_no_time(monkeypatch):
    low, high, greedy = greedy_is_beaten()
    monkeypatch.setattr(window_packing, 'SOLVER_SECONDS', 0.0)
    groups = group_boxes(low, high, SIZE)
    assert sorted(np.concatenate(groups)) == list(range(9))
    assert len(groups) <= greedy


@pytest.mark.parametrize('people', [20, 60])
def test_a_crowd(people):
    rng = np.random.default_rng(people)
    low = rng.uniform(0, (1800, 800), (people, 2))
    high = low + rng.uniform(20, 250, (people, 2))
    groups = group_boxes(low, high, 400.0)
    assert sum(len(group) for group in groups) == people
    assert len(groups) < people * 0.7
