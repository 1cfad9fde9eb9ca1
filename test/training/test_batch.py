from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from hdnet_ros.network import DepthBins
from hdnet_ros.training.augmentation_config import AugmentationConfig
from hdnet_ros.training.batch import make_batch
from hdnet_ros.training.config import WindowsConfig
from hdnet_ros.training.windows import WindowMaker

VARIED = AugmentationConfig(flip=0.5, roll=0.5, zoom=0.5)


def examples(network, sample, count=6, augmentation=VARIED, **windows):
    maker = WindowMaker(network, WindowsConfig(min_height_px=4.0, **windows), augmentation)
    return [maker.varied(sample, np.random.default_rng(seed)) for seed in range(count)]


def test_targets_fit_the_coordinate_maps(tiny_network, sample):
    """A joint's ray is what the coordinate map says at the joint's cell."""
    batch = make_batch(examples(tiny_network, sample, off_centre=0.5, box_jitter=0.05), tiny_network)
    windows, people = len(batch.images), len(batch.window_index)
    assert windows == 6 < people
    assert batch.images.shape == (6, 64, 64, 3) and batch.images.dtype == torch.uint8
    assert batch.coord_maps.shape == (6, 2, 16, 16) and batch.masks.shape == (people, 16, 16)
    assert batch.targets.supervised.any(dim=1).all() and len(batch.sources) == 6
    for i in range(people):
        x, y = batch.coord_maps[batch.window_index[i]].numpy()
        for joint in torch.nonzero(batch.targets.supervised[i])[:, 0]:
            cell, ray = batch.targets.cells[i, joint].numpy(), batch.targets.joints[i, joint].numpy()
            expected = [np.interp(cell[0], np.arange(16), x[0]), np.interp(cell[1], np.arange(16), y[:, 0])]
            if (cell >= 0).all() and (cell <= 15).all():
                np.testing.assert_allclose(ray, expected, atol=1e-5)
            column, row = np.round(cell).astype(int)
            assert batch.masks[i, row, column], 'only joints in the box are learned'


def test_depth_decodes_to_metres(tiny_network, sample):
    batch = make_batch(examples(tiny_network, sample), tiny_network)
    bins = DepthBins(tiny_network.alpha, tiny_network.beta, tiny_network.bins)
    metres = bins.depth_m(batch.targets.bin_index, batch.equivalent_focal_px)
    torch.testing.assert_close(metres, batch.root_depth_m)
    true = {round(person.root_depth_m, 3) for person in sample.people}
    assert {round(depth, 3) for depth in batch.root_depth_m.tolist()} <= true
    roots = batch.root_ray * batch.root_depth_m[:, None]
    distances = torch.tensor([np.hypot(*p.joints_camera[0, :2]) for p in sample.people], dtype=torch.float32)
    for root in roots:      # neither a mirror nor a roll moves the root nearer to the axis
        assert (distances - root.norm()).abs().min() < 1e-4


def test_root_is_that_of_the_joint_set(tiny_network, muco_sample):
    network = tiny_network.with_changes(joint_set='muco_21')
    batch = make_batch(examples(network, muco_sample, 1, AugmentationConfig(), policies={'packed': 1.0}), network)
    hips = torch.tensor(np.array([person.joints_camera[14] for person in muco_sample.people]), dtype=torch.float32)
    torch.testing.assert_close(batch.root_depth_m, hips[:, 2])
    torch.testing.assert_close(batch.root_ray, hips[:, :2] / hips[:, 2:])


def test_2d_people_have_no_depth(tiny_network, sample):
    flat = tuple(replace(each, joints_camera=np.full((17, 3), np.nan), root_depth_m=float('nan'))
                 for each in sample.people)
    batch = make_batch(examples(tiny_network, replace(sample, people=flat)), tiny_network)
    assert batch.targets.bin_index.isnan().all() and batch.root_depth_m.isnan().all()
    assert batch.targets.supervised.any()


def test_unknown_and_hidden_joints(tiny_network, sample):
    first = sample.people[0]
    joints, visible = first.joints_px.copy(), np.ones(17, bool)
    joints[3], visible[5] = np.nan, False
    box = np.array([0.0, 0, 159, 119])
    sample = replace(sample, people=(replace(first, joints_px=joints, visible=visible, box=box),))
    plain = examples(tiny_network, sample, 1, AugmentationConfig(), policies={'principal': 1.0})
    with_hidden, without = (make_batch(plain, tiny_network, hidden_joints=hidden).targets for hidden in (True, False))
    assert not with_hidden.supervised[0, 3] and with_hidden.supervised[0, 5] and not without.supervised[0, 5]
    assert with_hidden.supervised[0].sum() == without.supervised[0].sum() + 1
    assert with_hidden.cells.isfinite().all() and with_hidden.joints.isfinite().all()


def test_without_box_mask_the_whole_window_counts(tiny_network, sample):
    person = replace(sample.people[0], box=np.array([70.0, 50, 80, 70]))
    plain = examples(tiny_network, replace(sample, people=(person,)), 1, AugmentationConfig())
    masked, whole = (make_batch(plain, tiny_network.with_changes(box_mask=mask)) for mask in (True, False))
    assert whole.masks.all() and masked.masks.float().mean() < 0.3
    assert whole.targets.supervised.sum() > masked.targets.supervised.sum()


def test_masks_of_each_joint_where_boxes_overlap(tiny_network, sample):
    """Two people with the same box share it; joints that no heatmap can reach are not learned either way."""
    twins = replace(sample, people=(sample.people[0],) * 2)
    places = tuple((0.5, 0.5, 0.2, 0.2) for _ in range(17))
    plain = examples(tiny_network, twins, 1, AugmentationConfig(), policies={'packed': 1.0}, people='all')
    usual = make_batch(plain, tiny_network)
    shared = make_batch(plain, tiny_network.with_changes(joint_places=places))
    assert shared.masks.shape == (2, 17, 16, 16) and shared.masks.dtype == torch.float32
    torch.testing.assert_close(shared.masks, 0.5 * usual.masks[:, None].expand(-1, 17, -1, -1).float())
    assert torch.equal(shared.targets.supervised, usual.targets.supervised)
    whole = make_batch(plain, tiny_network.with_changes(joint_places=places, box_mask=False))
    torch.testing.assert_close(whole.masks, shared.masks, msg='among others a box says who is meant')


def test_moving_to_a_device(tiny_network, sample):
    batch = make_batch(examples(tiny_network, sample, 2), tiny_network)
    moved = batch.to(torch.device('meta'))
    assert {moved.images.device.type, moved.targets.cells.device.type, moved.root_ray.device.type} == {'meta'}
    assert moved.sources == batch.sources == ['a test'] * 2


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_golden_windows(tiny_network, sample, policy):
    """A person at the centre of a canonical window: the cell, the ray and the bin in closed form."""
    network = tiny_network.with_changes(window_size='native')
    K = np.array([[1000.0, 0, 500], [0, 1000, 500], [0, 0, 1]])
    joints = np.tile([[0.2, -0.1, 4.0]], (17, 1))
    pixels = np.tile([[550.0, 475.0]], (17, 1))
    person = replace(sample.people[0], joints_px=pixels, joints_camera=joints, root_depth_m=4.0,
                     box=np.array([450.0, 375, 650, 575]))
    plain = examples(network, replace(sample, image=np.zeros((1000, 1000, 3), np.uint8), K=K, people=(person,)), 1,
                     AugmentationConfig(), policies={policy: 1.0})
    batch = make_batch(plain, network)
    np.testing.assert_allclose(batch.targets.cells[0], np.tile([8.0, 8.0], (17, 1)), atol=1e-5)
    np.testing.assert_allclose(batch.targets.joints[0], np.tile([0.05, -0.025], (17, 1)), atol=1e-6)
    assert batch.equivalent_focal_px.item() == pytest.approx(1000)
    assert batch.targets.bin_index.item() == pytest.approx(np.log(4 / 0.5) / np.log(40) * 30, abs=1e-4)
