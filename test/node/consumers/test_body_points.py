from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.node.consumers.body_points import cylinder_points, joint_points

UP = np.array([0.0, -1.0, 0.0])


def test_joints_and_always_the_root(somebody):
    person = somebody()
    assert len(joint_points(person)) == 18
    person.joints[5] = np.nan
    assert len(joint_points(person)) == 17
    unknown = somebody(joints=np.full((17, 3), np.nan))
    assert joint_points(unknown) == pytest.approx(unknown.root[None])


@given(axis=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1), radius=st.floats(0.05, 5.0))
def test_a_cylinder_is_one_whichever_way_is_up(somebody, axis, radius):
    up = np.array(axis) / np.linalg.norm(axis)
    person = somebody()
    points = cylinder_points(person, up, radius) - person.root
    heights = points @ up
    assert np.linalg.norm(points - heights[:, None] * up, axis=1) == pytest.approx(np.full(len(points), radius))
    wanted = (person.joints - person.root) @ up
    assert (heights.min(), heights.max()) == pytest.approx((wanted.min(), wanted.max()))


def test_a_cylinder_leaves_no_gap_for_a_costmap(somebody):
    person = somebody()
    points = cylinder_points(person, UP, 0.3)
    gaps = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert gaps.min(axis=1).max() < 0.051
    assert np.diff(np.unique(np.round(points[:, 1], 6))).max() <= 0.1 + 1e-6
    assert points[:, 1].max() == pytest.approx(0.9) and points[:, 1].min() == pytest.approx(-0.75)


def test_without_a_skeleton_it_is_as_tall_as_an_adult(somebody):
    person = somebody(joints=np.full((17, 3), np.nan))
    heights = -cylinder_points(person, UP, 0.3)[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((-0.95, 0.8))
