from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.drawing.level import FORWARD, RIGHT, UP, Level
from hdnet_ros.drawing.sight import sight

LEVEL = Level.from_up(np.array([0.0, -1.0, 0.0]))
FISHEYE = Camera(1280, 960, [[330.0, 0, 640], [0, 330.0, 480], [0, 0, 1]], [0.0] * 4, 'equidistant')
# Wide open in the middle of a larger image: no edge of it has a ray.
CIRCULAR = Camera(1280, 960, [[250.0, 0, 640], [0, 250.0, 480], [0, 0, 1]], [0.0] * 4, 'equidistant')
# Folds back within the image.
BARREL = Camera(640, 480, [[300.0, 0, 320], [0, 300.0, 240], [0, 0, 1]], [-0.3, 0.01, 0.002, -0.001, 0.0])


def held(roll_deg=0.0, down_deg=0.0) -> Level:
    """The level of a camera that is turned about its axis, and then looks down."""
    turn = Rotation.from_euler('zx', [roll_deg, down_deg], degrees=True)
    return Level.from_up(turn.apply([0.0, -1.0, 0.0]))


@pytest.mark.parametrize(('roll_deg', 'tangent'), [
    (0, 319.5 / 500), (90, 239.5 / 500), (180, 319.5 / 500), (45, (319.5 + 239.5) / np.sqrt(2) / 500)])
def test_a_camera_that_is_turned_about_its_axis_sees_what_its_image_shows(camera, roll_deg, tangent):
    left, right = sight(camera, held(roll_deg), RIGHT)
    assert (left, right) == (pytest.approx(-np.arctan(tangent)), pytest.approx(np.arctan(tangent)))


@pytest.mark.parametrize('level', [LEVEL, held(30), held(-70, 40), held(90, 65)])
@pytest.mark.parametrize('axis', [RIGHT, UP])
@pytest.mark.parametrize('lens', [Camera.pinhole(640, 480, 500), FISHEYE, CIRCULAR, BARREL])
def test_everything_in_the_image_is_in_sight_and_nothing_else(lens, level, axis):
    across, down = np.meshgrid(np.linspace(0, lens.width - 1, 301), np.linspace(0, lens.height - 1, 301))
    rays = level.points(lens.unproject(np.stack([across, down], axis=-1).reshape(-1, 2)))
    angles = np.arctan2(rays[:, axis], rays[:, FORWARD])
    low, high = sight(lens, level, axis)
    if high - low < 2 * np.pi:
        angles = (angles - (low + high) / 2 + np.pi) % (2 * np.pi) - np.pi + (low + high) / 2
    np.testing.assert_allclose((low, high), (np.nanmin(angles), np.nanmax(angles)), atol=np.radians(1.5))


def test_who_sees_the_ground_below_the_camera_sees_all_around():
    wide = Camera.pinhole(640, 480, 300)     # 38.6 degrees up and down
    assert sight(wide, held(down_deg=60), RIGHT) == (-np.pi, np.pi)
    assert np.degrees(sight(wide, held(down_deg=50), RIGHT)) == pytest.approx([-88.3, 88.3], abs=0.1)
    assert np.degrees(sight(wide, held(down_deg=60), UP)) == pytest.approx([-98.6, -21.4], abs=0.1)
