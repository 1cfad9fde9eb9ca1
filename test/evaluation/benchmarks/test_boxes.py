from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.benchmarks.boxes import jittered_inside, owners_of


def joints(x0, y0, x1, y1):
    return np.array([[x0, y0], [x1, y1], [np.nan, np.nan]])


def test_a_box_is_of_the_person_whose_joints_fill_it_best():
    people = [joints(0, 0, 100, 200), joints(60, 0, 160, 200)]
    boxes = np.array([[55, -10, 165, 210], [500, 0, 600, 200], [-5, -10, 105, 210.0]])
    assert owners_of(boxes, people).tolist() == [1, -1, 0]


def test_one_box_for_two_people_is_of_one_of_them():
    people = [joints(0, 0, 100, 200), joints(20, 0, 120, 200)]
    assert owners_of(np.array([[18, 0, 122, 200.0]]), people).tolist() == [1]


def test_a_faint_overlap_does_not_take_the_box_of_somebody_else():
    # Together, 0.27 + 0.62 would beat 0.69 alone.
    people = [joints(0, 0, 100, 100), joints(140, 0, 240, 100)]
    boxes = np.array([[0, 0, 145, 100], [75, 0, 150, 100.0]])
    assert owners_of(boxes, people).tolist() == [0, -1]


def test_nobody_and_no_boxes():
    assert owners_of(np.empty((0, 4)), [joints(0, 0, 1, 1)]).tolist() == []
    assert owners_of(np.array([[0, 0, 1, 1.0]]), []).tolist() == [-1]


def test_jitter_has_the_spread_asked_for_and_no_bias():
    box = np.array([1000, 1000, 1200, 1400.0])
    off = np.array([jittered_inside(box, 0.05, 4000, 4000, np.random.default_rng(i)) for i in range(2000)]) - box
    np.testing.assert_allclose(off.std(axis=0), [10, 20, 10, 20], rtol=0.06)
    np.testing.assert_allclose(off.mean(axis=0), 0, atol=2)


def test_no_jitter_changes_nothing():
    box = np.array([10, 20, 30, 60.0])
    np.testing.assert_array_equal(jittered_inside(box, 0.0, 100, 100, np.random.default_rng(0)), box)


@given(st.lists(st.floats(-300, 400), min_size=4, max_size=4), st.floats(0, 2), st.integers(0, 1000))
def test_a_jittered_box_lies_in_the_image_and_is_never_empty(corners, jitter, seed):
    low, high = np.minimum(corners[:2], corners[2:]), np.maximum(corners[:2], corners[2:])
    box = jittered_inside(np.concatenate([low, high]), jitter, 120, 90, np.random.default_rng(seed))
    assert (box[:2] >= 0).all() and (box[2:] <= [119, 89]).all() and (box[2:] - box[:2] >= 1.999).all()
