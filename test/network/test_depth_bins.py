import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.network.depth_bins import DepthBins

SCALES = st.builds(DepthBins, st.floats(0.1, 2), st.floats(2.5, 50), st.integers(2, 200))


@pytest.mark.parametrize('case, bins', [('h36m17', DepthBins(2, 8, 61)), ('muco21', DepthBins(1, 8, 71))])
def test_golden_depth(golden_folder, recipe, case, bins):
    golden = np.load(golden_folder / f'hdnet_{case}_seed0.npz')
    focal = recipe.hdnet_inputs(17).focal_px      # drawn before the number of joints matters
    depth_m = bins.depth_m(golden['bin_index'].astype(float), np.sqrt(focal.prod(axis=1)))
    np.testing.assert_allclose(1000 * depth_m, golden['root_depth_mm'], atol=5e-4)


@given(SCALES, st.floats(0.01, 500))
def test_decode_inverts_encode(bins, ratio):
    assert bins.decode(bins.encode(ratio)) == pytest.approx(ratio, rel=1e-9)


@given(SCALES, st.floats(0.1, 100), st.floats(50, 5000))
def test_metres_and_back(bins, metres, focal_px):
    assert bins.depth_m(bins.index_of_depth(metres, focal_px), focal_px) == pytest.approx(metres, rel=1e-9)


def test_range_in_metres():
    bins = DepthBins(2, 8, 61)
    assert bins.depth_range_m(500.0) == (1.0, 4.0)      # 2 and 8 mm per px of the focal length
    np.testing.assert_allclose(bins.depth_m(np.array([0, 60]), 500.0), [1, 4], rtol=1e-12)


def test_known_values():
    assert DepthBins(2, 8, 61).decode(30) == pytest.approx(4.0)
    assert DepthBins(1, 8, 61).encode(8.0) == pytest.approx(60)
    assert DepthBins(2, 8, 61).encode(16.0) == pytest.approx(90)      # not clipped
    assert math.expm1(DepthBins(2, 8, 61).step) == pytest.approx(0.0234, abs=5e-5)


def test_targets_of_the_papers_example():
    np.testing.assert_allclose(DepthBins(1, 2, 5).targets(2.4), [0, 0, 0.6, 0.4, 0])


@given(SCALES, st.floats(0, 1))
def test_targets_are_a_distribution_with_the_index_as_mean(bins, place):
    index = place * (bins.bins - 1)
    targets = bins.targets(index)
    assert targets.sum() == pytest.approx(1)
    assert (targets * np.arange(bins.bins)).sum() == pytest.approx(index, abs=1e-9)
    assert (targets > 0).sum() <= 2


def test_targets_out_of_range_are_zero():
    assert not DepthBins(1, 8, 71).targets(np.array([-1.0, 71.0])).any()


@given(SCALES, st.lists(st.floats(-5, 250), min_size=1, max_size=4))
def test_torch_and_numpy_agree(bins, indices):
    a, t = np.array(indices), torch.tensor(indices, dtype=torch.float64)
    np.testing.assert_allclose(bins.targets(t).numpy(), bins.targets(a), atol=1e-12)
    np.testing.assert_allclose(bins.decode(t).numpy(), bins.decode(a), rtol=1e-12)
    np.testing.assert_allclose(bins.encode(bins.decode(t)).numpy(), bins.encode(bins.decode(a)), atol=1e-9)


@pytest.mark.parametrize('convert', [np.asarray, torch.tensor])
def test_log_spread_of_two_points(convert):
    bins = DepthBins(1, 8, 71)
    p = np.zeros((3, 71), np.float32)
    p[0, 20] = 1
    p[1, [20, 26]] = 0.5
    p[2, 0], p[2, 70] = 0.2, 0.8
    full = math.log(8)
    np.testing.assert_allclose(bins.log_spread(convert(p)), [0, 3 * full / 70, math.sqrt(0.2 * 0.8) * full], rtol=1e-5)


def test_log_spread_matches_sampling():
    bins = DepthBins(0.5, 20, 121)
    random = np.random.default_rng(0)
    p = random.dirichlet(np.full(121, 0.1))
    log_depth = np.log(bins.decode(random.choice(121, 200_000, p=p)))
    assert bins.log_spread(p) == pytest.approx(log_depth.std(), rel=0.01)


def test_log_spread_is_unknown_without_bins():
    assert DepthBins(1, 8, 71).log_spread(torch.zeros(2, 0)).isnan().tolist() == [True, True]
    assert np.isnan(DepthBins(1, 8, 71).log_spread(np.zeros((2, 0)))).all()


def test_nonsense_is_refused():
    for values in ((0, 8, 61), (8, 2, 61), (1, 8, 1), (1, math.inf, 61), (math.nan, 8, 61)):
        with pytest.raises(ValueError, match='alpha'):
            DepthBins(*values)
    with pytest.raises(ValueError, match='expected 61 bins'):
        DepthBins(2, 8, 61).log_spread(np.ones(71) / 71)
