"""What counts as seen, on pictures of identities that are written down."""
from __future__ import annotations

import numpy as np

from hdnet_ros.training.synthetic.material import Drawable, pack
from hdnet_ros.training.synthetic.view import View
from hdnet_ros.training.synthetic.visibility import Seen, body_box


def seen(scale=2):
    """Person 1 left, 3 m away, and person 2 in front of the right half, 2 m away; nobody else in 20 x 10 cells."""
    identities, depths = np.zeros((10, 20), int), np.full((10, 20), np.inf)
    identities[2:8, 4:12], depths[2:8, 4:12] = 1, 3.0
    identities[4:10, 10:15], depths[4:10, 10:15] = 2, 2.0
    return Seen(identities, depths, scale)


def test_boxes_reach_from_edge_to_edge_of_the_visible_pixels():
    """A cell of 2 x 2 px, number 4, covers the pixels 8 and 9: from 7.5 to 9.5."""
    assert seen().box(1).tolist() == [7.5, 3.5, 23.5, 15.5]
    assert seen().box(2).tolist() == [19.5, 7.5, 29.5, 19.5]
    assert seen().box(3) is None


def test_areas_count_pixels_of_the_image():
    assert seen().area_px(2) == 6 * 5 * 4
    assert seen().area_px(1) == (6 * 8 - 4 * 2) * 4
    assert seen(scale=1).area_px(2) == 30


def test_joints_are_visible_where_their_own_surface_is_just_in_front():
    places = np.array([[12.0, 8], [12, 8], [12, 8], [22, 12], [2, 2], [-3, 8], [12, 40], [200, 8]])
    depths = np.array([3.1, 3.17, 2.95, 3.1, 3.1, 3.1, 3.1, 3.1])
    expected = [True,       # 10 cm below the surface
                False,      # too deep: the back of somebody who turns the chest to the camera
                True,       # in the cloth
                False,      # person 2 is in front
                False,      # background
                False, False, False]    # outside the image
    assert seen().joints(1, places, depths).tolist() == expected


def test_the_box_of_a_body_goes_around_what_is_drawn_of_it():
    K = np.array([[100.0, 0, 50], [0, 100, 40], [0, 0, 1]])
    view = View(100, 80, K, 1.0, np.eye(3))
    places = np.array([[0, 0, 2.0], [1, 0, 2], [0, -1, 4], [9, 9, 2]])     # the last is of no triangle
    body = Drawable(pack(places, np.zeros((4, 3))), np.array([[0, 1, 2]], np.int32), ())
    np.testing.assert_allclose(body_box(body, view), [50, 15, 100, 40])
