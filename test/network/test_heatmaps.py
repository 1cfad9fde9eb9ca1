import numpy as np
import pytest
import torch

from hdnet_ros.network.heatmaps import (
    masked_softmax,
    peak_position,
    pool_features,
    position_covariance,
    soft_argmax,
)


@pytest.fixture
def random():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def logits(random):
    return torch.randn(2, 3, 8, 8, generator=random) * 4


@pytest.fixture
def masks():
    masks = torch.zeros(2, 8, 8)
    masks[0, 2:6, 1:7] = 1
    masks[1, :, 3:] = 1
    return masks


def test_masking_equals_zeroing_and_renormalising(logits, masks):
    free = logits.double().flatten(2).softmax(2).view_as(logits) * masks[:, None]
    expected = free / free.sum(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(masked_softmax(logits, masks), expected.float())
    assert torch.equal(masked_softmax(logits, masks), masked_softmax(logits, masks.bool()))


def test_weights_of_each_joint_scale_its_probabilities():
    """(P, J, H, W) weights: the plain softmax times the weights, made to sum to 1; weights of 0 and 1 are a mask."""
    torch.manual_seed(3)
    logits, weights = torch.randn(2, 3, 8, 8, dtype=torch.float64), torch.rand(2, 3, 8, 8, dtype=torch.float64)
    weights[:, :, :2] = 0
    expected = logits.flatten(2).softmax(dim=-1).view_as(logits) * weights
    expected /= expected.sum(dim=(2, 3), keepdim=True)
    torch.testing.assert_close(masked_softmax(logits, weights), expected)
    masks = torch.randint(0, 2, (2, 8, 8))
    for_each = masks[:, None].expand(-1, 3, -1, -1).float()
    torch.testing.assert_close(masked_softmax(logits, for_each), masked_softmax(logits, masks))


def test_weights_leave_gradients_finite():
    logits = torch.randn(1, 2, 4, 4).requires_grad_()
    weights = torch.tensor([0.0, 1e-7, 0.5, 1.0]).repeat(1, 2, 4, 1)
    masked_softmax(logits, weights)[..., 3].sum().backward()
    assert logits.grad.isfinite().all() and (logits.grad[..., 0] == 0).all() and (logits.grad[..., 2] != 0).all()


@pytest.mark.parametrize('dtype', [torch.float32, torch.bfloat16, torch.float16])
def test_an_empty_mask_gives_a_uniform_map(logits, dtype):
    maps = masked_softmax(logits.to(dtype).requires_grad_(), torch.zeros(2, 8, 8))
    assert torch.equal(maps, torch.full_like(maps, 1 / 64))
    maps.square().sum().backward()


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float16])
@pytest.mark.parametrize('scale', [1, 1e3])
def test_half_precision_keeps_the_mask(logits, masks, dtype, scale):
    logits = (logits * scale).to(dtype)
    maps = masked_softmax(logits, masks.to(dtype))
    assert maps.dtype == torch.float32
    assert not maps[(masks == 0)[:, None].expand_as(maps)].any()
    torch.testing.assert_close(maps, masked_softmax(logits.float(), masks))
    torch.testing.assert_close(maps.sum(dim=(2, 3)), torch.ones(2, 3))


def test_soft_argmax_of_single_cells():
    maps = torch.zeros(1, 2, 4, 5)
    maps[0, 0, 1, 3] = 1
    maps[0, 1, 0, 0] = maps[0, 1, 0, 4] = 0.5
    x, y = np.meshgrid(np.arange(5), np.arange(4))
    coords = torch.from_numpy(np.stack([x, y])).float()[None]
    torch.testing.assert_close(soft_argmax(maps, coords), torch.tensor([[[3.0, 1.0], [2.0, 0.0]]]))


def blob(y, x, side=32, sigma=1.0):
    rows, columns = torch.meshgrid(torch.arange(side), torch.arange(side), indexing='ij')
    return torch.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma ** 2))


def positions(maps):
    """Of one person's maps of 32 x 32 cells, in cells, x and y."""
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing='ij')
    return peak_position(torch.stack(maps)[None], torch.stack([x, y])[None])[0]


def test_the_peak_is_chosen_among_several():
    left, right = blob(20.3, 8.6), blob(19.0, 24.0)
    maps = [p / p.sum() for p in (left + 0.8 * right, 0.8 * left + right)]
    torch.testing.assert_close(positions(maps), torch.tensor([[8.6, 20.3], [24.0, 19.0]]), atol=0.02, rtol=0)


def test_the_peak_of_a_broad_map_is_not_its_noisiest_cell():
    noisy = blob(16, 10, sigma=2.0)
    noisy[3, 28] = 1.5
    torch.testing.assert_close(positions([noisy / noisy.sum()])[0], torch.tensor([10.0, 16.0]), atol=0.05, rtol=0)


@pytest.mark.parametrize('y, x', [(0, 0), (31, 5), (12, 31)])
def test_peaks_at_the_border_stay_in_the_window(y, x):
    single = torch.zeros(32, 32)
    single[y, x] = 1
    torch.testing.assert_close(positions([single])[0], torch.tensor([float(x), float(y)]))


def test_a_map_with_one_peak_has_the_same_position_either_way():
    map_ = blob(15.4, 17.2)[None, None]
    map_ = map_ / map_.sum()
    coords = torch.rand(1, 2, 1, 1) * torch.arange(32.0) + torch.rand(1, 2, 1, 1) * torch.arange(32.0)[:, None]
    torch.testing.assert_close(peak_position(map_, coords), soft_argmax(map_, coords), atol=0.02, rtol=0)


def test_positions_keep_their_precision_under_autocast(logits, masks):
    coords = torch.rand(2, 2, 8, 8)
    maps = masked_softmax(logits, masks)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        inside = soft_argmax(maps, coords), position_covariance(maps, coords)
    assert torch.equal(inside[0], soft_argmax(maps, coords))
    assert torch.equal(inside[1], position_covariance(maps, coords))


def test_covariance_of_a_gaussian():
    covariance = np.array([[4.0, 1.5], [1.5, 2.0]])
    x, y = np.meshgrid(np.arange(64), np.arange(64))
    offset = np.stack([x - 30.3, y - 25.8], axis=-1)
    density = np.exp(-0.5 * np.einsum('hwi,ij,hwj->hw', offset, np.linalg.inv(covariance), offset))
    maps = torch.from_numpy(density / density.sum()).float()[None, None]
    coords = torch.from_numpy(np.stack([x, y])).float()[None] / 1000 + 0.4
    np.testing.assert_allclose(position_covariance(maps, coords)[0, 0], covariance / 1e6, rtol=1e-3)


def test_covariance_is_a_covariance(logits, masks):
    maps = masked_softmax(logits, masks)
    covariance = position_covariance(maps, torch.rand(2, 2, 8, 8))
    assert covariance.shape == (2, 3, 2, 2)
    torch.testing.assert_close(covariance, covariance.transpose(2, 3))
    assert (torch.linalg.eigvalsh(covariance) > -1e-7).all()
    certain = torch.zeros(1, 1, 8, 8)
    certain[0, 0, 2, 3] = 1
    assert not position_covariance(certain, torch.rand(1, 2, 8, 8)).any()


def test_pooling_equals_the_sum_over_cells(logits, masks, random):
    maps, features = masked_softmax(logits, masks), torch.randn(2, 5, 8, 8, generator=random)
    expected = np.zeros((2, 3, 5))
    for p, j, y, x in np.ndindex(2, 3, 8, 8):
        expected[p, j] += float(maps[p, j, y, x]) * features[p, :, y, x].numpy()
    np.testing.assert_allclose(pool_features(maps, features), expected, atol=1e-5)


def test_pooling_by_window_equals_copying(random):
    features = torch.randn(3, 5, 8, 8, generator=random, requires_grad=True)
    maps = torch.rand(6, 2, 8, 8, generator=random, requires_grad=True)
    index = torch.tensor([2, 0, 2, 2, 0, 0])     # nobody is in window 1
    grouped, copied = pool_features(maps, features, index), pool_features(maps, features[index])
    torch.testing.assert_close(grouped, copied)
    weights = torch.rand(grouped.shape, generator=random)
    for a, b in zip(torch.autograd.grad((grouped * weights).sum(), (features, maps)),
                    torch.autograd.grad((copied * weights).sum(), (features, maps))):
        torch.testing.assert_close(a, b)


def test_pooling_of_nobody():
    maps, features = torch.zeros(0, 2, 8, 8), torch.zeros(3, 5, 8, 8)
    assert pool_features(maps, features, torch.zeros(0, dtype=torch.long)).shape == (0, 2, 5)


def test_features_are_not_copied_per_person():
    maps, features = torch.rand(20, 17, 64, 64), torch.randn(1, 256, 64, 64)
    with torch.inference_mode(), torch.profiler.profile(profile_memory=True) as profile:
        pool_features(maps, features, torch.zeros(20, dtype=torch.long))
    allocated = sum(max(event.self_cpu_memory_usage, 0) for event in profile.events())
    assert allocated < 2 * maps.nbytes < 20 * features.nbytes / 5
