from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import norm

from hdnet_ros.training.targets import gaussian_heatmaps


def test_heatmaps_are_gaussian_probability_maps():
    maps = gaussian_heatmaps(torch.tensor([[10.3, 20.7], [30.0, 5.5]]), 64, 0.75)
    assert maps.shape == (2, 64, 64)
    torch.testing.assert_close(maps.sum(dim=(1, 2)), torch.ones(2))
    x, y = norm(10.3, 0.75).pdf(np.arange(64)), norm(20.7, 0.75).pdf(np.arange(64))
    expected = np.outer(y, x)
    np.testing.assert_allclose(maps[0], expected / expected.sum(), atol=1e-6)
    assert np.unravel_index(int(maps[0].argmax()), (64, 64)) == (21, 10)


def test_expected_place_is_the_joint():
    numbers = torch.arange(64.0)
    maps = gaussian_heatmaps(torch.tensor([[10.3, 20.7]]), 64, 0.75)[0]
    assert (maps.sum(dim=0) * numbers).sum().item() == pytest.approx(10.3, abs=1e-3)
    assert (maps.sum(dim=1) * numbers).sum().item() == pytest.approx(20.7, abs=1e-3)


def test_joint_far_outside_gives_zeros():
    maps = gaussian_heatmaps(torch.tensor([[-500.0, 20.0]]), 64, 0.75)
    assert (maps == 0).all()
