"""What becomes of the network's outputs; a network that says what it is told takes LiteRT's place."""
from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.lifter.blazepose_network import BlazePoseNetwork
from hdnet_ros.perception.lifter.blazepose_region import Region
from hdnet_ros.perception.view_rotation import view_rotation

REGION = Region(np.array([300.0, 200]), 128.0)     # half an image pixel per input pixel, its corner at (236, 136)
HALF = 0.0, 0.5                                    # a logit and its probability
RARE = np.log(0.1 / 0.9), 0.1


class Interpreter:
    """LiteRT's, with outputs that are written into ``outputs`` by name; keeps its last input."""

    outputs = {'Identity': np.zeros((1, 195), np.float32), 'Identity_1': np.zeros((1, 1), np.float32),
               'Identity_4': np.zeros((1, 117), np.float32)}
    input = None

    def __init__(self, **_):
        self.outputs = {name: output.copy() for name, output in self.outputs.items()}

    def get_input_details(self):
        return [{'name': 'input', 'index': 0, 'shape': np.array([1, 256, 256, 3]), 'dtype': np.float32}]

    def get_output_details(self):
        return [{'name': name, 'index': name, 'shape': np.array(output.shape)} for name, output in self.outputs.items()]

    def get_tensor(self, index):
        return self.outputs[index]

    def set_tensor(self, index, tensor):
        self.input = tensor

    def allocate_tensors(self):
        pass

    invoke = allocate_tensors


@pytest.fixture
def network(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'ai_edge_litert.interpreter', SimpleNamespace(Interpreter=Interpreter))
    path = tmp_path / 'told.tflite'
    path.touch()
    return BlazePoseNetwork(path)


@pytest.fixture
def points(network):
    """(39, 5) what the network says of each point: x, y, z in input pixels and two logits."""
    return network._interpreter.outputs['Identity'].reshape(39, 5)


def image(color=(0, 0, 0)):
    return np.full((480, 640, 3), color, np.uint8)


@pytest.mark.parametrize(('one', 'other'), [(HALF, HALF), (HALF, RARE), (RARE, HALF), (RARE, RARE)])
def test_a_landmark_is_sure_if_it_is_in_the_picture_and_not_hidden(network, points, one, other):
    points[:, 3:] = 20, 20
    points[27, 3:] = one[0], other[0]
    confidence = network(image(), REGION).confidence
    assert confidence.shape == (33,) and confidence[27] == pytest.approx(one[1] * other[1])
    np.testing.assert_allclose(np.delete(confidence, 27), 1, atol=1e-6)


def test_input_pixels_become_image_pixels(network, points):
    """The network counts from the edge of the first pixel, images from its centre."""
    points[5, :3], points[6:, :2] = (0.5, 256.5, 77), 0.5
    found = network(image(), REGION)
    np.testing.assert_allclose(found.pixels[5], [236, 264])
    np.testing.assert_allclose(found.pixels[6], [236, 136])
    assert found.pixels.shape == (33, 2) and found.region is REGION


def test_what_a_view_shows_beyond_the_lens_has_no_place_and_no_confidence(network, points):
    """The view looks 60 degrees to the right, where its own right edge is behind the camera."""
    camera = Camera.pinhole(640, 480, 320.0)
    view = CameraView.of(camera, view_rotation(np.array([np.tan(np.radians(60)), 0, 1])))
    points[:, 3:] = 20, 20
    points[:, :2] = 128.5, 128.5
    points[7, 0] = 250
    found = network(image(), Region(view.K[:2, 2], 1280.0, view=view))
    assert np.isnan(found.pixels[7]).all() and found.confidence[7] == 0
    np.testing.assert_allclose(found.pixels[8], [319.5 + 320 * np.tan(np.radians(60)), 239.5])
    assert found.confidence[8] == pytest.approx(1)


def test_metres_and_score_are_taken_as_they_are(network):
    outputs = network._interpreter.outputs
    outputs['Identity_4'][0], outputs['Identity_1'][0, 0] = np.arange(117), 0.75
    found = network(image(), REGION)
    np.testing.assert_array_equal(found.world, np.arange(99).reshape(33, 3))
    assert found.score == 0.75


def test_the_last_points_tell_the_next_region(network, points):
    points[33, :2], points[34, :2] = (128.5, 128.5), (228.5, 128.5)     # the hips, and above the head of whoever lies
    found = network(image(), REGION).next_region
    np.testing.assert_allclose(found.center_px, [300, 200])
    assert found.size_px == pytest.approx(2.5 * 50) and found.angle_rad == pytest.approx(np.pi / 2)


def test_the_network_sees_red_green_blue_from_0_to_1(network):
    network(image((255, 51, 0)), REGION)
    seen = network._interpreter.input
    assert seen.shape == (1, 256, 256, 3) and seen.dtype == np.float32
    np.testing.assert_allclose(seen[0, 128, 128], [0, 0.2, 1])
