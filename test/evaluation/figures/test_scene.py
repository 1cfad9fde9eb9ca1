"""Scenes from the side: geometry of the projection, and what is drawn where."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.drawing import Memory
from hdnet_ros.drawing.palette import COLORS
from hdnet_ros.evaluation.figures.people import people_of_rows
from hdnet_ros.evaluation.figures.scene import LEFT_FRONT, RIGHT_FRONT, Projection, Viewpoint, draw_scene

angles = st.floats(-179, 179)


@given(angles, st.floats(0, 90))
def test_axes_are_orthonormal_and_look_at_the_scene(azimuth, elevation):
    axes = Viewpoint('x', azimuth, elevation).axes()
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert axes[0][1] == 0 and axes[1][1] >= -1e-9, 'the horizon is level and up is up'
    assert axes[2][1] == pytest.approx(np.sin(np.radians(elevation)))


def test_from_the_camera_itself_left_is_left_and_near_is_near():
    axes = Viewpoint('x', 0.0, 0.0).axes()
    assert np.allclose(axes, [[1, 0, 0], [0, 1, 0], [0, 0, -1]])
    # From the left front, what is on the left (of the camera) is nearer than what is on the right.
    assert LEFT_FRONT.axes()[2][0] < 0 < RIGHT_FRONT.axes()[2][0]


@given(st.lists(st.tuples(*[st.floats(-20, 20)] * 3), min_size=2, max_size=12), angles, st.floats(0, 89))
def test_everything_fits_into_the_picture(points, azimuth, elevation):
    points = np.array(points)
    viewpoint = Viewpoint('x', azimuth, elevation)
    pixels = Projection(viewpoint, points, np.array([100.0, 80.0]), np.array([120.0, 90.0])).px(points)
    assert (np.abs(pixels - [100, 80]) <= np.array([60, 45]) + 1e-6).all()


def test_the_projection_is_a_perspective_with_straight_lines():
    corners = np.array([[-2.0, 0, 2], [2, 0, 2], [-2, 0, 6], [2, 2, 6]])
    projection = Projection(RIGHT_FRONT, corners, np.zeros(2), np.full(2, 500.0))
    ends = np.array([[-2.0, 0.5, 3], [2.0, 1.5, 5]])
    line = projection.px(ends[0] + np.linspace(0, 1, 9)[:, None] * (ends[1] - ends[0]))
    direction = line[-1] - line[0]
    across = (line - line[0]) @ np.array([-direction[1], direction[0]]) / np.linalg.norm(direction)
    assert np.abs(across).max() < 1e-9
    # A metre nearer to the onlooker looks longer.
    near, far = (projection.px(np.array([[x, 0, 2 if x > 0 else 6], [x, 1, 2 if x > 0 else 6]])) for x in (2.0, -2.0))
    assert np.linalg.norm(near[1] - near[0]) > np.linalg.norm(far[1] - far[0])
    assert projection.nearness(np.array([2.0, 0, 2])) > projection.nearness(np.array([-2.0, 0, 6]))


def where(picture, color):
    """Mean (x, y) of pixels in exactly that colour's neighbourhood."""
    y, x = np.nonzero(np.abs(picture.astype(int) - color).max(axis=2) < 14)
    assert len(x) > 5
    return np.array([x.mean(), y.mean()])


def test_neighbours_change_sides_with_the_view(truth_of, camera):
    truth = truth_of((0, (0, 0, 3), 1), (0, (0, 0, 6), 1))
    people = people_of_rows(truth, np.array([0, 1]), camera)
    memory = Memory()
    memory.update(people)
    near, far = (memory.palette.colors(people)[person.id] for person in people)
    assert {near, far} <= set(COLORS)
    left, right = (draw_scene(people, view, (500, 500), memory=memory) for view in (LEFT_FRONT, RIGHT_FRONT))
    # Who is farther away appears on the left from the left front, and on the right from the right front.
    assert where(left, near)[0] > where(left, far)[0] + 50
    assert where(right, near)[0] < where(right, far)[0] - 50
    assert where(left, near)[1] > where(left, far)[1] + 20


def test_everybody_stands_on_or_above_the_floor_and_truth_is_grey(truth_of, camera):
    truth = truth_of((0, (0, 0, 4), 1), (0, (1, 0.3, 4), 1))
    people = people_of_rows(truth, np.array([0]), camera)
    other = people_of_rows(truth, np.array([1]), camera)
    alone = draw_scene(people, LEFT_FRONT, (400, 300))
    both = draw_scene(people, LEFT_FRONT, (400, 300), truth=other)
    assert alone.shape == both.shape == (300, 400, 3)
    strong = [((p.max(axis=2).astype(int) - p.min(axis=2)) > 60).any(axis=None) for p in (alone, both)]
    assert all(strong) and (alone != both).any()
    grey = draw_scene([], RIGHT_FRONT, (400, 300), truth=other)
    assert (grey.max(axis=2).astype(int) - grey.min(axis=2)).max() < 40 and (grey < 160).any()


def test_nobody_and_people_without_joints(people_of, camera):
    empty = draw_scene([], LEFT_FRONT, (200, 200))
    assert empty.shape == (200, 200, 3)
    people = people_of_rows(people_of((0, (0, 0, 4))), np.array([0]), camera)
    assert (draw_scene(people, LEFT_FRONT, (200, 200)) != empty).any()
