"""Errors and their causes on people whose circumstances are known."""
from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.evaluation.figures.errors import (
    AVERAGE_STATURE_M,
    PersonError,
    causes_table,
    errors_table,
    overlaps,
    person_errors,
    statures,
    true_boxes,
    with_cut_off,
)


def error(**changes):
    return PersonError(**{'image_id': 'a', 'truth_row': 0, 'error_m': 1.0, 'depth_error': 0.2,
                          'distance_m': 4.0, 'overlap': 0.0, 'size': 1.0, 'hidden': 0.0, **changes})


def test_errors_are_sorted_and_matched_by_direction(truth_of, people_of):
    truth = truth_of((0, (-1, 0, 4), 1), (0, (1, 0, 4), 1), (1, (0, 0, 5), 1))
    # The first is seen where the left one is, but twice as far: still that person.
    people = people_of((0, (2 - 0.05, 0, 8)), (0, (-1, 0, 4.2)), (1, (0, 0.1, 4)))
    errors, missed = person_errors(people, truth)
    assert missed == 0
    assert [(e.image_id, e.truth_row) for e in errors] == [('a', 1), ('b', 2), ('a', 0)]
    assert [e.depth_error for e in errors] == pytest.approx([1, -0.2, 0.05])
    assert errors[1].error_m == pytest.approx(np.hypot(0.1, 1)) and errors[1].distance_m == 5


def test_people_beside_the_gate_or_without_estimates_are_missed(truth_of, people_of):
    truth = truth_of((0, (0, 0, 4), 1), (0, (2, 0, 4), 1), (1, (0, 0, 4), 1))
    people = people_of((0, (0.36, 0, 4)), (0, (-3, 0, 4)))
    assert person_errors(people, truth)[1] == 3
    # Images that the predictions do not name were not asked about.
    assert person_errors(people_of((0, (0, 0, 4)), image_ids=['a']), truth)[1] == 1
    assert person_errors(people_of(), truth)[0] == []


def test_images_are_matched_by_name_and_not_by_number(truth_of, people_of):
    errors, _ = person_errors(people_of((0, (0, 0, 3)), image_ids=['b', 'other']), truth_of((1, (0, 0, 4), 1)))
    assert [(e.image_id, e.depth_error) for e in errors] == [('b', pytest.approx(-0.25))]


box = st.tuples(*[st.integers(0, 30)] * 4).map(lambda v: [min(v[0], v[2]), min(v[1], v[3]), max(v[0], v[2]) + 1,
                                                          max(v[1], v[3]) + 1])


@given(st.lists(box, min_size=1, max_size=5))
def test_overlap_counts_pixels(boxes):
    """Against painting the boxes."""
    painted = np.zeros((len(boxes), 40, 40), bool)
    for mask, (x0, y0, x1, y1) in zip(painted, boxes):
        mask[y0:y1, x0:x1] = True
    expected = np.zeros(len(boxes))
    for a, b in itertools.permutations(range(len(boxes)), 2):
        expected[a] = max(expected[a], (painted[a] & painted[b]).sum() / painted[a].sum())
    assert overlaps(np.array(boxes, float)) == pytest.approx(expected)


def test_statures_follow_the_limbs_and_not_the_pose(truth_of, standing):
    truth = truth_of((0, (0, 0, 4), 1), (0, (1, 0, 4), 0.6))
    tall, small = statures(truth)
    assert small == pytest.approx(0.6 * tall) and 1.6 < tall < 1.8
    sitting = truth.joints.copy()
    sitting[:, [2, 5]] = sitting[:, [1, 4]] + [0, 0, 0.42]      # knees forward; shanks hang from them
    sitting[:, [3, 6]] = sitting[:, [2, 5]] + [0, 0.42, 0]
    assert statures(replace(truth, joints=sitting))[0] == pytest.approx(tall)
    lacking = np.full_like(truth.joints, np.nan)
    lacking[:, 4:7] = truth.joints[:, 4:7]
    assert statures(replace(truth, joints=lacking))[0] == pytest.approx(0.84 / 0.491)
    lacking[:, 6] = np.nan
    assert np.isnan(statures(replace(truth, joints=lacking))).all()
    assert np.isnan(statures(replace(truth, joints=None, joints_px=None, visible=None, joint_set=None))).all()


@pytest.mark.parametrize(('changes', 'causes'), [
    ({}, ()), ({'overlap': 0.3}, ('overlap',)), ({'size': 0.8}, ('size',)), ({'size': 1.2}, ()),
    ({'size': 1.2, 'depth_error': -0.1}, ('size',)), ({'size': float('nan'), 'hidden': float('nan')}, ()),
    ({'hidden': 0.6, 'cut_off': 0.3, 'overlap': 1.0, 'size': 0.5}, ('overlap', 'size', 'cut off', 'hidden'))])
def test_causes(changes, causes):
    assert error(**changes).causes == causes


def test_circumstances_come_from_the_truth(truth_of, people_of):
    truth = truth_of((0, (0, 0, 4), 1), (0, (0.1, 0, 6), 0.7), (1, (2.4, 0, 4), 1))
    visible = truth.visible.copy()
    visible[1, :10] = False
    truth = replace(truth, visible=visible)
    people = people_of((0, (0, 0, 4)), (0, (0.11, 0, 6.6)), (1, (2.4, 0, 4)))
    errors, _ = person_errors(people, truth)
    small = next(e for e in errors if e.truth_row == 1)
    assert small.overlap == pytest.approx(1) and small.hidden == pytest.approx(10 / 17)
    assert small.size == pytest.approx(statures(truth)[1] / AVERAGE_STATURE_M)
    # The one at the right edge: x = 500 * 2.4 / 4 + 319.5 = 619.5, and the joints 0.17 m further on are outside.
    edge = next(e for e in with_cut_off(errors, truth, {'a': (640, 480), 'b': (640, 480)}) if e.truth_row == 2)
    outside = (truth.joints_px[2] > 639.5).any(axis=1).mean()
    assert edge.cut_off == pytest.approx(outside) and outside > 0
    assert with_cut_off(errors, replace(truth, joints_px=None), {}) == errors


def test_boxes_of_truth_without_boxes_hold_the_joints(truth_of):
    truth = truth_of((0, (0, 0, 4), 1))
    x0, y0, x1, y1 = true_boxes(replace(truth, box=np.full((1, 4), np.nan)))[0]
    assert (truth.joints_px[0] > [x0, y0]).all() and (truth.joints_px[0] < [x1, y1]).all()
    nothing = replace(truth, box=np.full((1, 4), np.nan), joints_px=np.full((1, 17, 2), np.nan))
    assert not true_boxes(nothing).any()


def test_tables():
    errors = [error(overlap=0.5, error_m=3.0), error(size=0.8, error_m=2.0), error(error_m=0.5, depth_error=-0.1)]
    table = errors_table(errors, 'T')
    assert [row.label for row in table.rows] == ['1 a: overlap', '2 a: size', '3 a: none of these']
    assert table.rows[0].values[:4] == pytest.approx((3.0, 20, 4.0, 50))
    by_name = {row.label: row.values for row in causes_table(errors, 2).rows}
    assert by_name['overlap of 30% and more'] == pytest.approx((1, 3, 20, 20))
    assert by_name['smaller than 90% of average'] == pytest.approx((1, 2, 20, 20))
    assert by_name['larger than 110% of average'][0] == 0
    assert by_name['none of these'] == pytest.approx((1, 0.5, 10, -10))
    assert by_name['everybody'] == pytest.approx((3, 2, 20, 20))
    assert '2 of 5 true people' in causes_table(errors, 2).notes[-1]
