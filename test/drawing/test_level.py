from __future__ import annotations

import cv2
import numpy as np
import pytest

from hdnet_ros.drawing.level import Level, bodies_up, level_from_people
from hdnet_ros.drawing.memory import Memory


def rotation(pitch_deg, roll_deg):
    """Axes of a levelled camera to those of one that is pitched down and rolled."""
    pitch, roll = np.radians([pitch_deg, roll_deg])
    return cv2.Rodrigues(np.array([0, 0, roll]))[0] @ cv2.Rodrigues(np.array([pitch, 0, 0]))[0]


def test_a_level_camera_sees_right_up_forward():
    points = Level.from_up(np.array([0, -1, 0])).points(np.array([[1.0, 2.0, 3.0]]))
    np.testing.assert_allclose(points, [[1, -2, 3]])


def test_a_camera_that_looks_straight_down_keeps_its_own_axes():
    np.testing.assert_allclose(Level.from_up(np.array([0.0, 0.01, -1.0])).axes[1], [0, -1, 0])


@pytest.mark.parametrize('pitch, roll', [(0, 0), (25, 0), (-15, 10), (20, -30)])
def test_standing_people_show_where_the_floor_is(make_person, pitch, roll):
    R = rotation(pitch, roll)
    places = np.array([(-1, 0.5, 4), (0.5, 0.5, 5), (1, 0.5, 6)]) @ R.T
    people = [make_person(place, id=f'p000{i}', rotation=R) for i, place in enumerate(places)]
    level = level_from_people(people, 100 * bodies_up(people))      # many pictures: the bodies outweigh the habit
    np.testing.assert_allclose(level.axes @ level.axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(level.axes[1], R @ [0, -1, 0], atol=0.01)
    assert level.ground_m == pytest.approx(-1.4, abs=0.03)
    # One picture alone is a few degrees off at most.
    once = level_from_people(people)
    assert np.degrees(np.arccos(once.axes[1] @ R @ [0, -1, 0])) < 5


def test_covariance_turns_with_the_points():
    level = Level.from_up(np.array([0.2, -0.9, 0.3]))
    samples = np.random.default_rng(0).normal(size=(20000, 3)) * (0.1, 0.2, 0.5)
    covariance = level.covariance(np.diag([0.01, 0.04, 0.25]))
    np.testing.assert_allclose(covariance, np.cov(level.points(samples).T), atol=0.01)


def test_nobody_means_a_level_camera_and_an_unknown_floor():
    level = level_from_people([])
    np.testing.assert_allclose(level.axes, np.diag([1, -1, 1]), atol=1e-12)
    assert np.isnan(level.ground_m)


def test_memory_keeps_the_floor_and_does_not_let_the_range_jump(make_person):
    memory = Memory()
    memory.update([make_person((0, 0.5, 4))])
    floor, reach = memory.level.ground_m, memory.reach_m
    assert floor == pytest.approx(-1.4, abs=0.01) and 4 < reach <= 6
    memory.update([])
    assert memory.level.ground_m == floor and memory.reach_m == reach
    memory.update([make_person((0, 0.5, 3.6))])
    assert memory.reach_m == reach, 'a little nearer is no reason for another scale'
    memory.update([make_person((0, 0.5, 20))])
    assert memory.reach_m >= 20
    memory.update([make_person((0, 0.5, 2))])
    assert memory.reach_m < 6, 'but much nearer is'
    before = memory.level.ground_m
    memory.update([make_person((0, 1.5, 4))])
    assert abs(memory.level.ground_m - before) < 0.2, 'one picture moves the floor only a little'
