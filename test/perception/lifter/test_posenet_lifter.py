"""PoseNet with weights that put every joint into a known cell of the volume."""
from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from hdnet_ros.camera import Camera
from hdnet_ros.models import ModelError
from hdnet_ros.network import CheckpointError, PoseNet, save_posenet
from hdnet_ros.perception.lifter.back_projection import at_depth
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.lifter.lifter import make_lifter
from hdnet_ros.perception.people import Detection
from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21

CAMERA = Camera.pinhole(640, 480, 600, 620)
BOX = Detection(np.array([200.0, 100, 300, 339]), 0.75)
DEPTH_CELL = {name: 20 + i for i, name in enumerate(MUCO_21.joints)}


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    """A PoseNet that sees every joint in the middle of its crop, each at a depth of its own."""
    torch.manual_seed(0)
    net = PoseNet('muco_21')
    with torch.no_grad():
        net.head.final_layer.weight.zero_()
        net.head.final_layer.bias.zero_()
        for joint, name in enumerate(MUCO_21.joints):
            net.head.final_layer.bias[joint * 64 + DEPTH_CELL[name]] = 50
    path = tmp_path_factory.mktemp('posenet') / 'posenet.safetensors'
    save_posenet(net, path)
    return str(path)


@pytest.fixture(scope='module')
def lifter(checkpoint):
    return make_lifter(LifterConfig(kind='posenet', path=checkpoint, joint_set='muco_21'))


def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def test_cells_become_pixels_and_metres(lifter):
    (pose,) = lifter.lift(image(), [BOX], CAMERA)
    side = 1.25 * 238      # the box without its last pixel, as in the published code
    left, top = 249.5 - side / 2, 219 - side / 2
    # A uniform heatmap has its expectation at cell 31.5 of 0..63.
    assert np.allclose(pose.joints_px, [left + 31.5 / 64 * side, top + 31.5 / 64 * side], atol=1e-3)
    muco_names = {'neck': 'head', 'head': 'head_top'}
    cells = np.array([DEPTH_CELL[muco_names.get(name, name)] for name in HUMAN36M_17.joints])
    assert np.allclose(pose.relative_depth_m, cells / 64 * 2 - 1, atol=1e-5)      # as published, the hip not subtracted
    from_hip_m = (cells - DEPTH_CELL['hip']) / 64 * 2
    assert np.allclose(pose.joints_relative[:, 2], from_hip_m)
    depth_m = np.sqrt(600 * 620) * 2 / side
    rays = CAMERA.unproject(pose.joints_px)
    joints = rays * (depth_m + from_hip_m)[:, None]
    assert np.allclose(pose.joints_relative, joints - joints[0])
    assert pose.score == 0.75 and (pose.confidence == 1).all()


@pytest.fixture
def see(lifter, monkeypatch):
    """What the lifter makes of cells (21, 3) as x, y, z that the network is told to see."""
    def lift(cells, camera=CAMERA):
        monkeypatch.setattr(lifter, '_run', lambda crops: np.array([cells]))
        return lifter.lift(image(), [BOX], camera)[0]
    return lift


def test_cells_are_x_to_the_right_and_y_down(see):
    pose = see(np.tile([10.0, 50, 32], (len(MUCO_21), 1)))
    side = 1.25 * 238
    left, top = 249.5 - side / 2, 219 - side / 2
    np.testing.assert_allclose(pose.joints_px, np.tile([left + 10 / 64 * side, top + 50 / 64 * side], (17, 1)))


def test_a_joint_that_is_behind_the_camera_only_at_the_guessed_depth_stays_sure(see):
    """A guess of 0.8 m, and a joint a metre nearer than the root."""
    cells = np.full((len(MUCO_21), 3), 32.0)
    cells[MUCO_21.index('left_wrist'), 2] = 0
    camera, wrist = Camera.pinhole(640, 480, 120), HUMAN36M_17.index('left_wrist')
    pose = see(cells, camera)
    assert np.isnan(pose.joints_relative[wrist]).all() and pose.confidence[wrist] == 1
    assert np.isfinite(at_depth(pose, 3.0, camera).joints_relative[wrist]).all()


def test_joints_that_the_network_does_not_tell_are_not_sure(see):
    cells = np.full((len(MUCO_21), 3), 32.0)
    cells[MUCO_21.index('left_wrist'), 2] = cells[MUCO_21.index('right_foot'), 0] = np.nan
    unknown = np.isin(HUMAN36M_17.joints, ('left_wrist', 'right_foot'))
    np.testing.assert_array_equal(see(cells).confidence, np.where(unknown, 0, 1))
    cells[MUCO_21.root] = np.nan
    assert not see(cells).confidence.any(), 'relative to nothing'


def test_joints_whose_pixels_have_no_ray_are_not_sure(see):
    """The lens model folds back 140 px from the middle of the image."""
    lens = Camera(640, 480, [[200, 0, 320], [0, 200, 240], [0, 0, 1]], [-0.3, 0, 0, 0])
    cells = np.full((len(MUCO_21), 3), 32.0)
    cells[MUCO_21.index('head_top'), 1] = 0
    pose = see(cells, lens)
    assert np.isfinite(pose.joints_px).all()
    np.testing.assert_array_equal(pose.confidence, np.array(HUMAN36M_17.joints) != 'head')
    np.testing.assert_array_equal(np.isfinite(pose.joints_relative).all(axis=1), pose.confidence == 1)
    cells[MUCO_21.root, 1] = 0
    assert not see(cells, lens).confidence.any(), 'relative to nothing'


def test_more_people_than_one_batch(lifter):
    outside = Detection(np.array([700.0, 10, 800, 200]))
    boxes = [Detection(BOX.box + 10 * i) for i in range(4)] + [outside, Detection(BOX.box + 50)]
    poses = lifter.lift(image(), boxes, CAMERA)
    assert poses[4] is None
    for pose, box in zip(poses[:4] + poses[5:], boxes[:4] + boxes[5:], strict=True):
        assert np.allclose(pose.joints_px.mean(axis=0), (box.box[:2] + box.box[2:]) / 2, atol=3)
    assert lifter.lift(image(), [], CAMERA) == []
    lifter.reset()


def test_flip_test_sees_both_sides(checkpoint):
    """The mean over image and mirror image swaps left and right, so that pairs come out at their mean depth."""
    lifter = make_lifter(LifterConfig(kind='posenet', path=checkpoint, flip_test=True))
    (pose,) = lifter.lift(image(), [BOX], CAMERA)
    left, right = HUMAN36M_17.index('left_wrist'), HUMAN36M_17.index('right_wrist')
    mean_cell = (DEPTH_CELL['left_wrist'] + DEPTH_CELL['right_wrist']) / 2
    assert pose.relative_depth_m[[left, right]] == pytest.approx(mean_cell / 32 - 1, abs=1e-5)


def test_what_is_missing_is_named(tmp_path, monkeypatch, checkpoint):
    with pytest.raises(ModelError, match='path of a checkpoint'):
        make_lifter(LifterConfig(kind='posenet'))
    with pytest.raises(CheckpointError, match='muco_21'):
        make_lifter(LifterConfig(kind='posenet', path=checkpoint, joint_set='human36m_18'))
    with pytest.raises(CheckpointError, match='none.pth'):
        make_lifter(LifterConfig(kind='posenet', path=str(tmp_path / 'none.pth')))
    with pytest.raises(ModelError, match="device 'cuda:99' cannot be used"):
        make_lifter(LifterConfig(kind='posenet', path=checkpoint, device='cuda:99'))
    monkeypatch.setitem(sys.modules, 'hdnet_ros.network', None)
    with pytest.raises(ModelError, match='pip install torch'):
        make_lifter(LifterConfig(kind='posenet', path=checkpoint))
