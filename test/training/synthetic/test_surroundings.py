from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from hdnet_ros.training.synthetic.surroundings import Surroundings
from hdnet_ros.training.synthetic.view import View

VIEW = View(640, 480, np.array([[500.0, 0, 319.5], [0, 500, 239.5], [0, 0, 1]]), 1.4, np.eye(3))


def person(x=0.3, z=3.0, yaw=0.0, sits=False):
    return SimpleNamespace(floor_place=np.array([x, z]), seat_m=0.5, yaw_rad=yaw, sits=sits)


@pytest.fixture
def surroundings(config):
    return Surroundings(config.scene, range(3), [])


def corners(drawables):
    return np.concatenate([drawable.vertices[:, :3] for drawable in drawables])


def test_a_room_holds_the_people_and_the_camera(surroundings):
    people = [person(-1, 2), person(2, 6)]
    for seed in range(20):
        room = surroundings.room(VIEW, people, np.random.default_rng(seed))
        low, high = corners(room).min(axis=0), corners(room).max(axis=0)
        assert (low[[0, 2]] < [-1.5, 0.3]).all() and (high[[0, 2]] > [2.5, 6.5]).all()
        assert high[1] == pytest.approx(VIEW.height_m) and -2.3 < low[1] < -0.25
        assert sum(drawable.receives for drawable in room) == 1
        for drawable in room:    # every board faces the inside
            centre = drawable.vertices[:, :3].mean(axis=0)
            assert drawable.vertices[0, 3:6] @ (np.array([0.5, 0.5, 3.0]) - centre) > 0


def test_the_floor_in_front_of_a_photograph_only_receives(surroundings):
    (floor,) = surroundings.ground(VIEW, [person()])
    assert floor.receives and np.allclose(floor.vertices[:, 1], VIEW.height_m)


@pytest.mark.parametrize('yaw', [0.0, 1.0, 3.0])
def test_who_sits_has_a_seat_below_and_behind(surroundings, yaw):
    sitter = person(yaw=yaw, sits=True)
    seat = surroundings._seat(VIEW, sitter, np.random.default_rng(0))
    low, high = corners([seat]).min(axis=0), corners([seat]).max(axis=0)
    assert high[1] == pytest.approx(VIEW.height_m)
    assert 0.05 < low[1] - (VIEW.height_m - sitter.seat_m) < 0.15
    backwards = np.array([np.sin(yaw), np.cos(yaw)])    # at yaw 0 people face the camera
    assert ((low + high)[[0, 2]] / 2 - sitter.floor_place) @ backwards == pytest.approx(0.07, abs=1e-6)


def test_nothing_stands_in_somebody_or_in_the_camera(surroundings):
    people = [person(-0.5, 2.5), person(0.6, 4)]
    for seed in range(40):
        for thing in surroundings.things(VIEW, people, True, np.random.default_rng(seed)):
            places = corners([thing])[:, [0, 2]]
            assert places[:, 1].min() > 0.3
            middle = places.mean(axis=0)
            reach = np.linalg.norm(places - middle, axis=1).max()
            for someone in people:
                assert np.linalg.norm(middle - someone.floor_place) > reach + 0.35 - 1e-3
