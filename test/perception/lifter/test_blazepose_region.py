from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.perception.lifter.blazepose_region import Region
from hdnet_ros.perception.turned_view import turned_view

REGIONS = st.builds(lambda x, y, size, angle: Region(np.array([x, y]), size, angle),
                    st.floats(-500, 2500), st.floats(-500, 2500), st.floats(5, 3000), st.floats(-np.pi, np.pi))


@given(REGIONS)
def test_maps_as_opencv_maps_three_corners(region):
    cos, sin, half = np.cos(region.angle_rad), np.sin(region.angle_rad), region.size_px / 2
    offsets = np.array([(-half, -half), (half, -half), (-half, half)])
    corners = [region.center_px + (x * cos - y * sin, x * sin + y * cos) for x, y in offsets]
    expected = cv2.getAffineTransform(np.float32(corners), np.float32([(0, 0), (256, 0), (0, 256)]))
    inputs = np.array([(0, 0), (256, 0), (0, 256), (30, 99)], float)
    assert np.allclose(region.to_image(inputs[:3]), corners, atol=1e-6)
    image = region.to_image(inputs)
    assert np.allclose(image @ region.image_to_input()[:, :2].T + region.image_to_input()[:, 2], inputs, atol=1e-6)
    # OpenCV takes its corners in single precision.
    assert np.allclose(image @ expected[:, :2].T + expected[:, 2], inputs, atol=0.5)


def test_box_fills_four_fifths():
    region = Region.from_box(np.array([100, 200, 200, 600]))
    assert region.center_px.tolist() == [150, 400] and region.size_px == 500 and region.angle_rad == 0


@given(st.floats(-np.pi, np.pi), st.floats(10, 900))
def test_circle_stands_upright(direction, radius):
    center = np.array([300.0, 500.0])
    top = center + radius * np.array([np.cos(direction), np.sin(direction)])
    region = Region.from_circle(center, top)
    matrix = region.image_to_input()
    assert np.allclose(matrix[:, :2] @ top + matrix[:, 2], [128, 128 - 128 / 1.25], atol=1e-6)


def test_sample_turns_the_image():
    image = np.zeros((100, 100, 3), np.uint8)
    image[50:, :] = 255                       # white below
    lying = Region(np.array([50.0, 50.0]), 40, np.pi / 2).sample(image)
    # The region is turned clockwise by a quarter: its right edge is where the image's lower edge is.
    assert lying[:, 160:].min() == 255 and lying[:, :96].max() == 0


VIEW = turned_view(Camera.pinhole(1600, 1200, 450.0), np.array([1350.0, 700.0]), 30.0)


@given(REGIONS)
def test_the_same_person_in_another_view(region):
    """Near the axis of the view, where neither picture is stretched much, there and back is where it was."""
    there = Region(VIEW.K[:2, 2] + 0.05 * (region.center_px - 1000), 20 + 0.01 * region.size_px, region.angle_rad, VIEW)
    picture = there.in_view(None)
    assert picture.view is None and picture.in_view(None) is picture
    np.testing.assert_allclose(picture.center_px, VIEW.distort(there.center_px))
    back = picture.in_view(VIEW)
    np.testing.assert_allclose(back.center_px, there.center_px, atol=1e-6)
    assert back.size_px == pytest.approx(there.size_px)
    assert np.cos(back.angle_rad - there.angle_rad) == pytest.approx(1)


def test_a_region_of_a_view_shows_the_view():
    """A white dot and what lies 40 px above it in the view, as input pixels, by OpenCV's own projection."""
    image = np.zeros((1200, 1600, 3), np.uint8)
    middle = VIEW.K[:2, 2] + [10, -6]
    for place in (middle, middle - [0, 40]):
        cv2.circle(image, np.round(VIEW.distort(place) * 16).astype(int).tolist(), 6 * 16, (255,) * 3, -1, shift=4)
    region = Region(middle, 128.0, np.radians(90), VIEW)
    seen = region.sample(image)
    assert seen[128, 128].min() == 255
    # The region is turned clockwise by a quarter, so what is above lies to the left.
    assert seen[128, 48].min() == 255 and seen[48, 128].max() == seen[128, 208].max() == 0
    np.testing.assert_allclose(region.to_image(np.array([48.0, 128])), VIEW.distort(middle - [0, 40]), atol=1e-6)


def test_axes_look_at_the_centre_from_upright():
    for region in (Region(np.array([850.0, 620.0]), 100.0, 0.3), Region(VIEW.K[:2, 2] + [30, 20], 100.0, 0.3, VIEW)):
        axes = region.axes(VIEW.lens)
        ray = VIEW.lens.unproject(region.to_image(np.array([128.0, 128.0])))
        np.testing.assert_allclose(axes[:, 2], ray / np.linalg.norm(ray), atol=1e-9)
        # A little to the right in the region is a little along its first axis.
        beside = VIEW.lens.unproject(region.to_image(np.array([128.5, 128.0]))) @ axes
        assert beside[0] / beside[2] > 20 * abs(beside[1] / beside[2])


def test_follows():
    region = Region(np.array([50.0, 50.0]), 40)
    assert Region(np.array([90.0, 50.0]), 70).follows(region)
    assert not Region(np.array([50.0, 50.0]), 81).follows(region)
    assert not Region(np.array([50.0, 50.0]), 19).follows(region)
    assert not Region(np.array([np.nan, 50.0]), 40).follows(region)
    assert not Region(np.array([50.0, 50.0]), np.nan).follows(region)
