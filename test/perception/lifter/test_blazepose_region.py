from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.lifter.blazepose_region import Region

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


def test_follows():
    region = Region(np.array([50.0, 50.0]), 40)
    assert Region(np.array([90.0, 50.0]), 70).follows(region)
    assert not Region(np.array([50.0, 50.0]), 81).follows(region)
    assert not Region(np.array([50.0, 50.0]), 19).follows(region)
    assert not Region(np.array([np.nan, 50.0]), 40).follows(region)
    assert not Region(np.array([50.0, 50.0]), np.nan).follows(region)
