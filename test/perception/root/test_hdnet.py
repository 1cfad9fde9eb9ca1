"""HDNet as a locator: closed forms with a network that says what it is told, relations that hold for any weights."""
from __future__ import annotations

import copy
import math
from functools import lru_cache

import cv2
import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.joint_masks import joint_masks
from hdnet_ros.models import ModelError
from hdnet_ros.network import CheckpointError, HDNet, HDNetConfig, HDNetOutput, save_hdnet
from hdnet_ros.network.config import PLACES_17
from hdnet_ros.network.heatmaps import soft_argmax
from hdnet_ros.network.mirroring import mirrored
from hdnet_ros.perception.device import choose_device
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.root import RootConfig, make_root_locator
from hdnet_ros.perception.root.hdnet import HDNetLocator
from hdnet_ros.skeleton import HUMAN36M_17, MUCO_21
from hdnet_ros.window import Window, ideal_boxes

SMALL = HDNetConfig(backbone='efficientnet_lite0', width=16, alpha=2.0, beta=8.0, bins=61, input_size=64)
CAMERA = Camera.pinhole(1280, 720, 1000, 1000, 640, 360)
BOX = np.array([600, 200, 760, 620.0])


def image(height=720, width=1280, seed=0):
    """Smooth random colours, so that resampling changes little."""
    small = np.random.default_rng(seed).integers(0, 256, (height // 80, width // 80, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


@lru_cache
def lively(config=SMALL):
    """A network with random weights whose features neither vanish nor explode, so that it reacts to what it sees."""
    torch.manual_seed(1)
    net = HDNet(config)
    layers = [m for m in net.modules() if isinstance(m, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d))]
    for layer in layers:
        layer.momentum = 1.0
    cells, size = config.cells, config.input_size
    with torch.no_grad():   # training mode sets the statistics to those of the batch
        net(torch.randn(2, 3, size, size), torch.randn(2, 2, cells, cells), torch.ones(2, cells, cells))
    return net.eval()


def told(probabilities, **changes):
    """A network whose bins are given and whose heatmaps are uniform over the box, whatever it sees."""
    net = copy.deepcopy(lively(SMALL.with_changes(**changes)))
    with torch.no_grad():
        for layer in (net.out_heatmap, net.out_bins):
            layer.weight.zero_()
            layer.bias.zero_()
        net.out_bins.bias.copy_(torch.log(torch.as_tensor(probabilities, dtype=torch.float32)))
    return net


def spike(index):
    """Probabilities with the mean at a real index, on its two neighbours."""
    return np.maximum(1 - np.abs(np.arange(61) - index), 1e-12)


def locate(net, boxes=(BOX,), camera=CAMERA, poses=None, picture=None, **settings):
    locator = HDNetLocator(net, RootConfig(device='cpu', **settings))
    picture = image(camera.height, camera.width) if picture is None else picture
    people = [Detection(np.asarray(box, float)) for box in boxes]
    return locator.locate(picture, camera, people, poses or [None] * len(people))


@pytest.fixture(scope='module')
def random_net():
    """A network with random weights."""
    return lively()


def assert_same_place(one, other):
    """Within what resampling does to heatmaps of random weights: 10 cm across, two percent in depth."""
    np.testing.assert_allclose(one.position[:2], other.position[:2], atol=0.1)
    np.testing.assert_allclose(one.position[2], other.position[2], rtol=0.02)


def test_depth_is_the_ratio_times_the_equivalent_focal_length():
    """Index 30 of 61 bins from 2 to 8 is 4 mm/px; 1000 px of focal length in a window of 1000 px make it 4 m."""
    root, = locate(told(spike(30)))
    assert root.position[2] == pytest.approx(4.0, rel=1e-5)
    assert root.method == 'hdnet' and not root.saturated


def test_lateral_position_is_the_middle_of_the_box():
    """A uniform heatmap's mean is the box's, to half a heatmap cell (1000 px / 16)."""
    root, = locate(told(spike(30)))
    np.testing.assert_allclose(root.pixel, [680, 410], atol=1000 / 32)
    np.testing.assert_allclose(root.position[:2] / root.position[2], (root.pixel - [640, 360]) / 1000, rtol=1e-6)


def test_covariance_in_closed_form():
    """Two neighbours of a bin at 1/4 each and the bin at 1/2: a spread of sqrt(1/2) bins of ln(4)/60."""
    probabilities = np.full(61, 1e-12)
    probabilities[[29, 30, 31]] = 0.25, 0.5, 0.25
    root, = locate(told(probabilities, sigma_scale=1.5))
    relative = 1.5 * math.sqrt(0.5) * math.log(4) / 60
    assert math.sqrt(root.covariance[2, 2]) == pytest.approx(4.0 * relative, rel=1e-4)
    # Uniform over n cells of 1000 / 16 px that the box touches: a variance of n^2 / 12 cells^2.
    columns, rows = 3, 7         # 160 px and 420 px about the middle of the window
    expected_px = np.sqrt(np.array([columns, rows]) ** 2 / 12) * 1000 / 16
    np.testing.assert_allclose(np.sqrt(np.diag(_across(root))), 4.0 * expected_px / 1000, rtol=1e-4)


def _across(root):
    """(2, 2) the part of the covariance that does not come from the depth."""
    along = root.covariance[:2, 2] / root.covariance[2, 2]
    return root.covariance[:2, :2] - root.covariance[2, 2] * np.outer(along, along)


def test_a_box_of_one_column_of_cells_has_a_covariance_all_the_same():
    root, = locate(told(spike(30)), boxes=[np.array([640.0, 200, 644, 620])])
    assert np.linalg.eigvalsh(root.covariance)[0] > (0.05 * 1000 / 16 / 1000 * 4.0) ** 2


def test_a_saturated_depth_is_hardly_known():
    root, = locate(told(spike(60)))
    assert root.saturated and math.sqrt(root.covariance[2, 2]) == pytest.approx(0.5 * 8.0, rel=1e-3)


@pytest.mark.parametrize('width_px, cut', [(160, False), (60, True)])
def test_whom_the_border_cuts_off_is_placed_less_surely(width_px, cut):
    """The narrower the part that is left, the narrower the heatmap."""
    box = np.array([0.0, 200, width_px, 620])
    whole, = locate(told(spike(30)), boxes=[box + [300, 0, 300, 0]])
    root, = locate(told(spike(30)), boxes=[box])
    across_m = np.sqrt([each.covariance[0, 0] for each in (whole, root)])
    assert across_m[1] > 0.3 * (0.45 * 420 - width_px) / 1000 * 4.0
    assert (across_m[1] > 1.3 * across_m[0]) == cut


def test_a_sure_network_is_not_believed_blindly():
    assert math.sqrt(locate(told(spike(30)))[0].covariance[2, 2]) == pytest.approx(0.005 * 4.0, rel=1e-3)


@pytest.mark.parametrize('index, saturated', [(0.0, True), (0.4, True), (0.6, False), (59.4, False), (59.6, True)])
def test_saturation_within_half_a_bin_of_an_end(index, saturated):
    root, = locate(told(spike(index)))
    assert root.saturated == saturated
    assert root.position[2] == pytest.approx(2 * 4 ** (index / 60), rel=1e-4)


def test_saturation_when_an_end_is_more_likely_than_all_else():
    probabilities = np.full(61, 1e-12)
    probabilities[[0, 40]] = 0.6, 0.4
    assert locate(told(probabilities))[0].saturated


@pytest.mark.parametrize('policy', ['box', 'principal', 'packed'])
def test_half_the_resolution_gives_the_same_metres(random_net, policy):
    """Half the image with half the intrinsics: with canonical windows the network sees the same."""
    full, half = image(), cv2.resize(image(), (640, 360), interpolation=cv2.INTER_AREA)
    # Resizing keeps pixel areas in place, so coordinates shift by a quarter of a pixel.
    half_camera = CAMERA.resized(640, 360)
    settings = {'window_policy': policy, 'window_size': 'canonical', 'train_focal_px': 2000.0}
    one, = locate(random_net, picture=full, **settings)
    other, = locate(random_net, [(BOX + 0.5) / 2 - 0.5], half_camera, picture=half, **settings)
    assert_same_place(one, other)


def test_native_windows_follow_the_focal_length():
    """A window of 1000 px means fewer degrees with a longer lens: the same ratio is farther away."""
    camera = Camera.pinhole(1280, 720, 2000)
    assert locate(told(spike(30)), camera=camera)[0].position[2] == pytest.approx(8.0, rel=1e-5)


def test_a_box_that_does_not_fit_gets_a_larger_window():
    """1250 px instead of 1000: the equivalent focal length falls by as much, and so does the depth."""
    camera = Camera.pinhole(1920, 1080, 1000)
    root, = locate(told(spike(30)), [[100, 100, 1350, 1000]], camera, window_policy='box')
    assert root.position[2] == pytest.approx(3.2, rel=1e-5)


def test_one_person_gets_the_same_from_a_box_and_a_packed_window(random_net):
    box, = locate(random_net, window_policy='box')
    packed, = locate(random_net, window_policy='packed')
    np.testing.assert_allclose(packed.position, box.position, rtol=1e-5)
    np.testing.assert_allclose(packed.covariance, box.covariance, rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_people_do_not_depend_on_how_they_are_batched(random_net, policy):
    rng = np.random.default_rng(0)
    corners = rng.uniform([0, 0], [1100, 300], size=(20, 2))
    boxes = np.concatenate([corners, corners + rng.uniform([60, 200], [160, 400], size=(20, 2))], axis=1)
    together = locate(random_net, boxes, window_policy=policy, windows_per_pass=8)
    in_pairs = locate(random_net, boxes, window_policy=policy, windows_per_pass=2)
    for one, other in zip(together, in_pairs, strict=True):
        np.testing.assert_allclose(one.position, other.position, rtol=1e-5)
    if policy == 'box':
        alone = [locate(random_net, [box], window_policy='box')[0] for box in boxes[:3]]
        for one, other in zip(together, alone, strict=False):
            np.testing.assert_allclose(one.position, other.position, rtol=1e-5)
    assert len({round(float(root.position[2]), 6) for root in together}) > 10     # it does depend on the person


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_overlapping_boxes_share_their_joints(policy):
    """Uniform heatmaps: alone, the root is the middle of the box; next to somebody in the right half, left of that.

    The places are so narrow that whatever lies in the middle of the other's box is the other's.
    """
    places = tuple((0.5, 0.5, 0.2, 0.2) for _ in range(17))
    net = told(spike(30), input_size=256, joint_places=places, window_policy=policy)
    large, inner, far = np.array([500, 200, 900, 600.0]), np.array([700, 200, 900, 600.0]), np.array([0, 0, 90, 90.0])
    alone = locate(net, [large])[0].pixel
    np.testing.assert_allclose(alone, [700, 400], atol=8)
    np.testing.assert_allclose(locate(net, [large, far])[0].pixel, alone, atol=8)
    beside = locate(net, [large, inner], window_policy=policy)
    assert beside[0].pixel[0] < 680 and beside[0].pixel[1] == pytest.approx(400, abs=8)
    paper = told(spike(30), input_size=256, window_policy=policy)
    np.testing.assert_allclose(locate(paper, [large, inner], window_policy=policy)[0].pixel, alone, atol=8)


def test_root_pixel_of_the_lifter():
    pixels = np.full((17, 2), np.nan)
    pixels[0] = 700.0, 400.0
    pose = Pose(pixels, np.zeros((17, 3)), np.ones(17))
    net = told(spike(30))
    own, lifted = (locate(net, poses=[pose], root_pixel=who)[0] for who in ('hdnet', 'lifter'))
    np.testing.assert_allclose(lifted.pixel, [700, 400], atol=1e-6)
    np.testing.assert_allclose(lifted.position, [0.24, 0.16, 4.0], rtol=1e-5)
    assert np.linalg.norm(own.pixel - [700, 400]) > 10
    across_px = np.sqrt(np.diag(_across(lifted))) / 4.0 * 1000
    np.testing.assert_allclose(across_px, 0.02 * 420, rtol=1e-6)     # 2 % of the box's height
    nobody, = locate(net, root_pixel='lifter')                       # without a pose: the network's own
    np.testing.assert_allclose(nobody.position, own.position)


def test_hips_that_the_lens_model_has_no_ray_for_are_left_to_the_network():
    """Somebody near whose hips are below the image, where the model has folded back."""
    camera = Camera(640, 480, np.array([[400.0, 0, 320], [0, 400, 240], [0, 0, 1]]), np.array([-0.35, 0.05, 0, 0]))
    pixels = np.full((17, 2), np.nan)
    pixels[0] = 320.0, 560.0
    assert np.isnan(camera.unproject(pixels[0])).any()
    box, pose = [[220, 100, 420, 479]], Pose(pixels, np.zeros((17, 3)), np.ones(17))
    settings = {'picture': np.zeros((480, 640, 3), np.uint8)}
    net = told(spike(30))
    own, = locate(net, box, camera, **settings)
    lifted, = locate(net, box, camera, poses=[pose], root_pixel='lifter', **settings)
    np.testing.assert_allclose(lifted.position, own.position)
    np.testing.assert_allclose(lifted.covariance, own.covariance)


def test_regression_tells_no_spread():
    net = copy.deepcopy(lively(SMALL.with_changes(depth_head='regression')))
    with torch.no_grad():
        net.out_index.weight.zero_()
        net.out_index.bias.fill_(0.5)
    root, = locate(net, size_sigma=0.1)
    assert root.position[2] == pytest.approx(4.0, rel=1e-5) and not root.saturated
    assert math.sqrt(root.covariance[2, 2]) == pytest.approx(0.4, rel=1e-5)
    with torch.no_grad():
        net.out_index.bias.fill_(1.5)
    beyond, = locate(net)
    assert beyond.saturated and beyond.position[2] == pytest.approx(16.0, rel=1e-5)


def test_what_is_not_finite_is_nobody():
    net = told(spike(30))
    with torch.no_grad():
        net.out_bins.bias.fill_(float('nan'))
    assert locate(net) == [None]


def test_absurd_depths_are_nobody():
    net = told(spike(30))
    assert locate(net, min_depth_m=4.5) == [None]
    assert locate(net, max_depth_m=3.5) == [None]


def test_only_those_whom_a_window_shows():
    found = locate(told(spike(30)), [BOX, [0, 0, 40, 60]], window_policy='principal')
    assert found[0] is not None and found[1] is None
    assert locate(told(spike(30)), []) == []


def test_depth_range_of_the_usual_window():
    locator = HDNetLocator(told(spike(30)), RootConfig(device='cpu', max_depth_m=7.0))
    assert locator.depth_range(CAMERA) == pytest.approx((2.0, 7.0))
    assert locator.depth_range(Camera.pinhole(640, 480, 500)) == pytest.approx((1.0, 4.0))
    zooming = HDNetLocator(told(spike(30)), RootConfig(device='cpu', max_depth_m=7.0, max_zoom=1.5))
    assert zooming.depth_range(Camera.pinhole(640, 480, 500)) == pytest.approx((1.0, 6.0))
    ahead = HDNetLocator(told(spike(30)), RootConfig(device='cpu', max_zoom=1.5, window_policy='principal'))
    assert ahead.depth_range(Camera.pinhole(640, 480, 500)) == pytest.approx((1.0, 4.0))    # it never zooms


def test_boxes_are_undistorted_once_per_image(monkeypatch):
    """And not once per person: in a crowd that took longer than the network."""
    calls = []
    monkeypatch.setattr('hdnet_ros.perception.root.root_windows.ideal_boxes',
                        lambda *args: (calls.append(args), ideal_boxes(*args))[1])
    monkeypatch.setattr(Window, 'extent', lambda *_: pytest.fail('a box undistorted by itself'))
    monkeypatch.setattr(Window, 'extents', lambda *_: pytest.fail('boxes undistorted per window'))
    assert None not in locate(told(spike(30)), [BOX, BOX + 5, BOX + 10], window_policy='box')
    assert len(calls) == 1


def test_distorted_cameras_are_undistorted(random_net):
    """A scene seen through a lens gives what its undistorted image gives."""
    bent = Camera(1280, 720, CAMERA.K, np.array([-0.15, 0.03, 0.0, 0.0, 0.0]))
    raw = image(seed=3)
    straight = cv2.undistort(raw, bent.K, bent.D)
    box = bent.undistort_box(BOX)
    # Windows of 500 px, which lie inside both images: their margins differ.
    settings = {'window_policy': 'box', 'window_size': 'canonical', 'train_focal_px': 2000.0}
    one, = locate(random_net, camera=bent, picture=raw, **settings)
    other, = locate(random_net, [box], picture=straight, **settings)
    assert_same_place(one, other)


def test_from_a_checkpoint(random_net, tmp_path):
    path = tmp_path / 'net.safetensors'
    save_hdnet(random_net, path)
    locator = make_root_locator(RootConfig(kind='hdnet', checkpoint=str(path), device='cpu'))
    assert locator.name == 'hdnet'
    found, = locator.locate(image(), CAMERA, [Detection(BOX)], [None])
    np.testing.assert_allclose(found.position, locate(random_net)[0].position, rtol=1e-5)


def test_our_own_checkpoints_are_run_as_they_say_whatever_the_preset(tmp_path):
    net = HDNet(HDNetConfig.preset('lite').with_changes(window_policy='principal', sigma_scale=1.7))
    save_hdnet(net, tmp_path / 'net.safetensors')
    for preset in ('', 'human36m_published', 'lite'):
        locator = HDNetLocator.from_config(RootConfig(checkpoint=str(tmp_path / 'net.safetensors'), device='cpu',
                                                      preset=preset))
        assert (locator._net.config.window_policy, locator._net.config.sigma_scale) == ('principal', 1.7)


def test_bad_checkpoints_and_devices(tmp_path):
    with pytest.raises(CheckpointError, match='nowhere'):
        make_root_locator(RootConfig(checkpoint=str(tmp_path / 'nowhere.safetensors'), device='cpu'))
    (tmp_path / 'broken.safetensors').write_bytes(b'not a network')
    with pytest.raises(CheckpointError, match='broken'):
        make_root_locator(RootConfig(checkpoint=str(tmp_path / 'broken.safetensors'), device='cpu'))
    with pytest.raises(ValueError, match='preset'):
        save_hdnet(HDNet(SMALL), tmp_path / 'net.safetensors')
        make_root_locator(RootConfig(checkpoint=str(tmp_path / 'net.safetensors'), device='cpu', preset='huge'))
    with pytest.raises(ModelError, match='cuda:99'):
        choose_device('cuda:99')
    with pytest.raises(ModelError, match='gpu'):
        choose_device('gpu')
    assert choose_device('auto').type == ('cuda' if torch.cuda.is_available() else 'cpu')


def test_own_joints_are_where_the_heatmaps_are_in_the_image():
    """A network without any preference sees every joint in the middle of the box; lens and joint set are minded."""
    K, D = CAMERA.K, np.array([-0.2, 0.05, 0.001, -0.001, 0.0])
    for camera, joint_set in ((CAMERA, 'human36m_17'), (Camera(1280, 720, K, D), 'muco_21')):
        root, = locate(told(spike(30), joint_set=joint_set), camera=camera)
        middle = np.array([680, 410])
        assert root.joints_px.shape == (17, 2)
        np.testing.assert_allclose(root.joints_px, np.tile(middle, (17, 1)), atol=12)     # half a cell
        np.testing.assert_allclose(root.joints_px[0], root.pixel, atol=1e-6)


class Diagonal(HDNet):
    """Sees joint j in row j of its window, evenly over the columns 0 to 2 j: on average in cell (j, j)."""

    def decode(self, features, window_index, coord_maps, masks):
        people, cells = len(coord_maps), self.config.cells
        heatmaps = torch.zeros(people, self.config.joints, cells, cells)
        for joint in range(self.config.joints):
            heatmaps[:, joint, joint, :2 * joint + 1] = 1 / (2 * joint + 1)
        bins = torch.as_tensor(spike(30), dtype=torch.float32).repeat(people, 1)
        return HDNetOutput(heatmaps, soft_argmax(heatmaps, coord_maps), bins, torch.full((people,), 30.0))


def test_joints_and_root_are_those_of_the_network_s_own_joint_set():
    """MuCo's root is its joint 14; its head is Human3.6M's neck, and its head_top is Human3.6M's head."""
    net = Diagonal(SMALL.with_changes(joint_set='muco_21', input_size=256))
    root, = locate(net, window_policy='box')
    corner_px, cell_px = np.array([680 - 500, 410 - 500]), 1000 / 64
    muco_names = {'neck': 'head', 'head': 'head_top'}
    cells = np.array([MUCO_21.index(muco_names.get(name, name)) for name in HUMAN36M_17.joints])
    np.testing.assert_allclose(root.joints_px, corner_px + cells[:, None] * cell_px, atol=1e-3)
    np.testing.assert_allclose(root.pixel, corner_px + 14 * cell_px, atol=1e-3)
    columns = 2 * 14 + 1
    np.testing.assert_allclose(np.sqrt(np.abs(_across(root))) / 4.0 * 1000,
                               np.diag(np.sqrt(np.array([columns ** 2, 1]) / 12) * cell_px), atol=0.1)


@pytest.mark.parametrize('policy', ['box', 'principal', 'packed'])
def test_a_camera_on_its_side_sees_the_same_if_told(random_net, policy):
    """The image turned by 90 degrees counter-clockwise, as from a camera that lies on its right side."""
    picture = image()
    turned = np.ascontiguousarray(np.rot90(picture))
    side = Camera.pinhole(720, 1280, 1000, 1000, 360, 1279 - 640)
    x0, y0, x1, y1 = BOX
    level, = locate(random_net, picture=picture, window_policy=policy)
    told_so, = locate(random_net, [[y0, 1279 - x1, y1, 1279 - x0]], side, picture=turned, window_policy=policy,
                      camera_roll_deg=-90.0)
    x, y, z = level.position
    np.testing.assert_allclose(told_so.position, [y, -x, z], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(told_so.pixel, [level.pixel[1], 1279 - level.pixel[0]], atol=0.05)
    assert told_so.covariance[0, 0] == pytest.approx(level.covariance[1, 1], rel=1e-3)
    assert told_so.covariance[2, 2] == pytest.approx(level.covariance[2, 2], rel=1e-3)


@pytest.mark.parametrize('flip, passes', [(False, 1), (True, 2)])
def test_flip_test_looks_at_the_mirror_image_too(random_net, flip, passes):
    locator = HDNetLocator(random_net, RootConfig(device='cpu', flip_test=not flip))
    locator.config = RootConfig(device='cpu', flip_test=flip)      # may change between two images
    seen = []
    locator._net.fused.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
    root, = locator.locate(image(), CAMERA, [Detection(BOX)], [None])
    assert len(seen) == passes
    plain, = locate(random_net)
    assert (abs(root.position[2] / plain.position[2] - 1) > 1e-4) == flip
    if flip:
        np.testing.assert_array_equal(seen[1], mirrored(seen[0]))


@pytest.mark.parametrize('beside_deg', [0, 50, 65])
def test_whom_a_wide_lens_sees_beside_its_axis_is_as_far_as_in_the_middle(read_frames, beside_deg):
    """The real man, drawn anew as a fisheye that looks elsewhere sees him; the distance is triangulated."""
    truth = Pose2SimTruth()
    camera, person = truth.cameras['cam01'], next(p for p in truth.people('cam01', 20) if p.who == 'man')
    fisheye = Camera(1100, 1100, [[350, 0, 549.5], [0, 350, 549.5], [0, 0, 1]], np.zeros(4), 'equidistant')
    toward = np.degrees(np.arctan2(person.root[0], person.root[2]))
    turn = Rotation.from_euler('y', beside_deg - toward, degrees=True).as_matrix()
    rays = fisheye.unproject(np.stack(np.meshgrid(np.arange(1100), np.arange(1100)), axis=-1))
    places = np.nan_to_num(camera.project(np.nan_to_num(rays @ turn, nan=-1.0)), nan=-1e4).astype(np.float32)
    picture = cv2.remap(cv2.GaussianBlur(read_frames('cam01', [20])[20], (0, 0), 1.0), places, None, cv2.INTER_LINEAR)
    seen = fisheye.project(person.joints @ turn.T)
    room = 0.15 * (np.nanmax(seen, axis=0) - np.nanmin(seen, axis=0))
    box = np.concatenate([np.nanmin(seen, axis=0) - room, np.nanmax(seen, axis=0) + room])
    (root,) = make_root_locator(RootConfig(kind='hdnet')).locate(picture, fisheye, [Detection(box, 0.9)], [None])
    assert np.linalg.norm(root.position) == pytest.approx(np.linalg.norm(person.root), rel=0.08)
    np.testing.assert_allclose(root.position, turn @ person.root, atol=0.3)


@pytest.mark.parametrize(('index', 'saturated'), [(0.4, True), (1.0, False), (59.0, False), (59.6, True), (60.0, True)])
def test_a_network_without_bins_saturates_at_the_ends_too(index, saturated):
    locator = HDNetLocator(lively(SMALL.with_changes(depth_head='regression')), RootConfig(device='cpu'))
    assert locator._saturated(np.empty(0), index) == saturated


def test_boxes_that_overlap_are_masked_as_in_training():
    """A person's own box is no rival to it."""
    net = lively(SMALL.with_changes(joint_places=PLACES_17))
    boxes = np.array([[400, 200, 600, 620.0], [500, 200, 700, 620]])
    window = Window(CAMERA, (550, 400), 900.0, net.config.input_size)
    locator, extents = HDNetLocator(net, RootConfig(device='cpu')), window.extents(boxes)
    for person in (0, 1):
        expected = joint_masks(window, boxes[person], [boxes[1 - person]], PLACES_17, net.config.cells)
        masks = locator._masks([window], [extents], np.zeros(2, dtype=int), np.arange(2))
        np.testing.assert_allclose(masks[person], expected)


def test_the_published_network_sees_the_whole_window_of_whoever_is_alone(random_net):
    net = copy.deepcopy(random_net)
    net.config = net.config.with_changes(box_mask=False)
    anywhere, elsewhere = (locate(net, [box], window_policy='principal')[0]
                           for box in (BOX, BOX + [30, -40, 60, 20]))
    np.testing.assert_allclose(anywhere.position, elsewhere.position, rtol=1e-6)
    masked = locate(random_net, [BOX], window_policy='principal')[0]
    assert np.abs(anywhere.position - masked.position).max() > 1e-3


def test_uncertainty_lies_along_the_ray_of_whoever_is_seen_through_a_turned_window():
    far_right = np.array([1130.0, 200, 1250, 620])
    root, = locate(told(np.ones(61) / 61, turn_from_deg=10.0), [far_right])
    longest = np.linalg.eigh(root.covariance)[1][:, 2]
    assert abs(longest @ root.position) > 0.999 * np.linalg.norm(root.position)
    assert np.degrees(np.arctan2(root.position[0], root.position[2])) > 25
