from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.rootnet import RootNetLocator
from hdnet_ros.models import ModelError
from hdnet_ros.network import CheckpointError
from hdnet_ros.network.rootnet import RootNet
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.on_ray import log_sigma_of

CAMERA = Camera.pinhole(640, 480, 600, 620)
BOX = np.array([200.0, 100, 300, 339])
GAMMA = 1.25


@pytest.fixture(scope='module')
def net():
    """Random features, but every root in the middle of the crop and at the same multiple of k."""
    torch.manual_seed(0)
    net = RootNet()
    with torch.no_grad():
        net.root.xy_layer.weight.zero_()
        net.root.depth_layer.weight.zero_()
        net.root.depth_layer.bias.fill_(GAMMA)
    return net


@pytest.fixture(scope='module')
def locator(net):
    return RootNetLocator(net, RootConfig(windows_per_pass=2, device='cpu'))


def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def test_cells_become_pixels_and_gamma_metres(locator):
    (root,) = locator.locate(image(), CAMERA, [Detection(BOX)], [None])
    side = 1.25 * 238
    pixel = np.array([249.5, 219]) - side / 2 + 31.5 / 64 * side
    assert root.pixel == pytest.approx(pixel, abs=1e-3)
    depth_m = GAMMA * math.sqrt(2 * 2 * 600 * 620 / side ** 2)
    assert root.position == pytest.approx(np.array([*(pixel - [319.5, 239.5]) / [600, 620], 1]) * depth_m, rel=1e-5)
    assert root.method == 'rootnet' and math.isnan(log_sigma_of(root))
    assert locator.depth_range(CAMERA) == (0.2, 50.0)


def test_rays_know_the_lens(locator):
    lens = Camera(640, 480, CAMERA.K, np.array([-0.2, 0.05, 0, 0, 0]))
    (plain,) = locator.locate(image(), CAMERA, [Detection(BOX)], [None])
    (root,) = locator.locate(image(), lens, [Detection(BOX)], [None])
    assert root.pixel == pytest.approx(plain.pixel, abs=1e-3)
    assert root.position == pytest.approx(lens.unproject(plain.pixel) * plain.position[2], rel=1e-5)


def test_more_people_than_one_pass(locator):
    outside = Detection(np.array([700.0, 10, 800, 200]))
    detections = [Detection(BOX), Detection(BOX + 30), outside, Detection(BOX + 60)]
    roots = locator.locate(image(), CAMERA, detections, [None] * 4)
    assert roots[2] is None
    first = np.array(roots[0].pixel)
    assert [roots[i].pixel - first for i in (1, 3)] == [pytest.approx([30, 30]), pytest.approx([60, 60])]
    assert locator.locate(image(), CAMERA, [], []) == []


def test_what_the_network_sees_is_the_published_input():
    """A square of 256 px that begins on a whole pixel is that part of the image, in RGB, not divided by 255."""
    torch.manual_seed(1)
    net = RootNet().eval()
    with torch.no_grad():
        net.root.xy_layer.weight.mul_(3e4)      # a heatmap with structure
        net.root.depth_layer.weight.mul_(10)
        net.root.depth_layer.bias.fill_(1.0)
    picture = image()
    size = 256 / 1.25 + 1
    box = np.array([125.6, 95.6, 125.6 + size, 95.6 + size])
    (root,) = RootNetLocator(net, RootConfig(device='cpu', max_depth_m=1e5)).locate(picture, CAMERA, [Detection(box)],
                                                                                    [None])
    patch = picture[70:326, 100:356, ::-1].astype(np.float32)
    patch = (patch - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    k_m = 2 * CAMERA.focal_px / 256
    with torch.inference_mode():
        x, y, depth_m = net(torch.tensor(patch.transpose(2, 0, 1)[None], dtype=torch.float32), torch.tensor([k_m]))[0]
    assert (x - 31.5).abs() + (y - 31.5).abs() > 0.5
    assert root.pixel == pytest.approx([100 + 4 * float(x), 70 + 4 * float(y)], abs=0.02)
    assert root.position[2] == pytest.approx(float(depth_m), rel=1e-4)


def test_lifter_may_tell_the_pixel(net):
    pose = Pose(np.full((17, 2), 120.0), np.zeros((17, 3)), np.ones(17))
    locator = RootNetLocator(net, RootConfig(root_pixel='lifter', device='cpu'))
    (root,) = locator.locate(image(), CAMERA, [Detection(BOX)], [pose])
    assert root.pixel == pytest.approx([120, 120])


def test_absurd_depths_are_not_given(net):
    locator = RootNetLocator(net, RootConfig(max_depth_m=3.0, device='cpu'))
    assert locator.locate(image(), CAMERA, [Detection(BOX)], [None]) == [None]


def test_what_cannot_be_used_is_named(tmp_path, net):
    with pytest.raises(CheckpointError, match='none.pth'):
        RootNetLocator.from_config(RootConfig(checkpoint=str(tmp_path / 'none.pth')))
    with pytest.raises(ModelError, match='cuda:99'):
        RootNetLocator(net, RootConfig(device='cuda:99'))
