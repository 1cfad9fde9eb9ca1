from __future__ import annotations

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.registry import NAMES, make_system
from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, save_hdnet
from hdnet_ros.network.rootnet import RootNet, save_rootnet
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.training.samples import PersonTruth, Sample

CAMERA = Camera.pinhole(320, 240, 300)
BOX = np.array([100.0, 60, 160, 200])


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp('checkpoints')
    torch.manual_seed(0)
    save_hdnet(HDNet(HDNetConfig(backbone='efficientnet_lite0', width=16, input_size=64)), folder / 'hdnet')
    net = RootNet()
    torch.nn.init.ones_(net.root.depth_layer.bias)
    torch.nn.init.zeros_(net.root.depth_layer.weight)
    save_rootnet(net, folder / 'rootnet', half=True)
    files = {'hdnet': 'hdnet', 'combined': 'hdnet', 'rootnet': 'rootnet'}
    return {name: RootConfig(checkpoint=str(folder / file), device='cpu') for name, file in files.items()}


@pytest.fixture
def sample():
    people = tuple(PersonTruth(BOX, np.zeros((17, 2)), np.ones(17, bool), np.zeros((17, 3)), depth)
                   for depth in (5.0, 5.0, 6.0))
    return Sample(np.zeros((240, 320, 3), np.uint8), CAMERA.K, people, 'here')


@pytest.mark.parametrize('name', NAMES)
def test_every_system_answers_to_its_name(name, checkpoints, sample):
    system = make_system(name, checkpoints.get(name))
    assert system.name == name
    relative = np.random.default_rng(0).uniform(-0.5, 0.5, (17, 3))
    relative[0] = 0
    pose = Pose(CAMERA.project([0, 0, 4] + relative), relative, np.ones(17))
    picture = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    (root,) = system.locate(picture, CAMERA, [Detection(BOX)], [pose])
    assert root.method == name and 0.2 < root.position[2] < 50
    near, far = system.depth_range(CAMERA)
    assert near <= root.position[2] <= far


def test_parameters_reach_the_systems(sample):
    assert make_system('box_size', body_height_m=1.6).height_m == 1.6
    assert make_system('box_size', training=[sample]).height_m == pytest.approx(5.0 * 140 / 300)
    assert make_system('constant', depth_m=3.5).depth_m == 3.5
    assert make_system('constant', training=[sample]).depth_m == pytest.approx(5.0)
    config = RootConfig(root_pixel='lifter', min_joints=9)
    for name in ('box_size', 'geometric_all'):
        assert make_system(name, config).config.min_joints == 9


def test_what_is_missing_is_named(checkpoints):
    with pytest.raises(ValueError, match="no system 'rotnet'; known: hdnet, combined, rootnet, geometric_"):
        make_system('rotnet')
    with pytest.raises(ValueError, match="'rootnet' needs a checkpoint"):
        make_system('rootnet')
    with pytest.raises(CheckpointError, match='holds a HDNet, not a RootNet'):
        make_system('rootnet', checkpoints['hdnet'])
