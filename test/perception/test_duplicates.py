"""The same person twice becomes one; different people stay."""
from __future__ import annotations

from dataclasses import replace

import numpy as np

from hdnet_ros.perception.duplicates import _SAME_POSE, _difference_px, drop_duplicates
from hdnet_ros.perception.people import Detection, Observation, Pose, Root

BODY_PX = np.random.default_rng(0).uniform([0, 0], [100, 300], size=(17, 2))
BOX = np.array([0, 0, 100, 300.0])


def person(shift_px=(0, 0), *, depth_m=4.0, score=0.9, box=BOX, pose=True, confidence=None, joints_px=BODY_PX):
    shift_px = np.asarray(shift_px, float)
    confidence = np.ones(17) if confidence is None else confidence
    skeleton = Pose(joints_px + shift_px, np.zeros((17, 3)), confidence) if pose else None
    root = Root(np.array([0, 0, depth_m]), np.eye(3), shift_px)
    return Observation(Detection(box + np.tile(shift_px, 2), score), root, skeleton)


def test_upper_half_and_whole_body():
    whole, half = person(score=0.8), person(box=np.array([0, 0, 100, 150.0]), score=0.9)
    assert drop_duplicates([whole, half]) == [half]


def test_beside_a_fisheye_distance_counts_and_not_depth():
    """85 degrees off the axis a degree is a fifth of the depth."""
    pair = []
    for degrees, score in ((85.0, 0.9), (84.0, 0.8)):
        place = 3.0 * np.array([np.sin(np.radians(degrees)), 0, np.cos(np.radians(degrees))])
        pair.append(replace(person(score=score), root=Root(place, np.eye(3), np.zeros(2))))
    assert drop_duplicates(pair) == pair[:1]


def test_order_is_kept():
    a, b, c = person(score=0.5), person((400, 0), score=0.9), person((2, 1), score=0.7)
    assert drop_duplicates([a, b, c]) == [b, c]
    assert drop_duplicates([]) == []


def test_people_side_by_side_stay():
    pair = [person(), person((60, 0))]
    assert drop_duplicates(pair) == pair


def test_people_behind_one_another_stay():
    pair = [person(), person(depth_m=5.0)]
    assert drop_duplicates(pair) == pair


def test_only_sure_joints_count():
    """Legs that are guesses may differ; with hardly any sure joint all of them count."""
    unsure = np.where(np.arange(17) < 8, 1.0, 0.1)
    moved = BODY_PX + np.where(np.arange(17) < 8, 0, 200)[:, None]
    first, second = person(confidence=unsure), person(confidence=unsure, joints_px=moved, score=0.8)
    assert drop_duplicates([first, second]) == [first]
    none_sure = [person(confidence=np.zeros(17)), person(confidence=np.zeros(17), joints_px=moved, score=0.8)]
    assert drop_duplicates(none_sure) == none_sure


def test_without_skeletons_boxes_decide():
    first, same, other = person(pose=False), person((5, 5), score=0.8), person((40, 0), score=0.7, pose=False)
    assert drop_duplicates([first, same, other]) == [first, other]


def test_skeletons_without_pixels_are_not_the_same():
    pair = [person(joints_px=np.full((17, 2), np.nan)), person(score=0.8)]
    assert drop_duplicates(pair) == pair


def test_a_few_joints_in_the_same_place_do_not_make_two_people_one():
    """Three joints that both are sure of, the others 50 px apart and unsure."""
    confidence = np.where(np.arange(17) < 3, 0.9, 0.1)
    one = Pose(np.zeros((17, 2)), np.zeros((17, 3)), confidence)
    other = replace(one, joints_px=np.where(np.arange(17)[:, None] < 3, 0.0, 50.0) * np.ones(2))
    assert _difference_px(one, other) > 50


def test_the_smaller_box_says_how_far_apart_skeletons_may_be():
    apart_px = _SAME_POSE * 200
    small, large = person(box=np.array([0, 0, 50, 100.0]), score=0.8), person((0, apart_px))
    for pair in ([small, large], [large, small]):
        assert drop_duplicates(pair) == pair


def test_joints_that_either_is_unsure_of_do_not_count():
    unsure = np.where(np.arange(17) < 8, 1.0, 0.1)
    moved = BODY_PX + np.where(np.arange(17) < 8, 0, 200)[:, None]
    for scores in ((0.9, 0.8), (0.8, 0.9)):
        sure, other = person(score=scores[0]), person(confidence=unsure, joints_px=moved, score=scores[1])
        assert len(drop_duplicates([sure, other])) == len(drop_duplicates([other, sure])) == 1
