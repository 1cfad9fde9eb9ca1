import pytest
import torch

from hdnet_ros.network.feature_head import LEVELS, level_head


@pytest.mark.parametrize('level', LEVELS)
def test_all_levels_come_to_one_size(level):
    head = level_head(level, 16).eval()
    size = 64 // 2 ** level
    assert head(torch.randn(2, 16, size, size)).shape == (2, 4, 16, 16)
    # The index of the second convolution in published checkpoints.
    assert head[3 if level == 2 else 4].weight.shape == (4, 8, 3, 3)


def test_size_of_a_branch():
    with torch.device('meta'):
        heads = [level_head(level, 256) for level in LEVELS]
    assert sum(p.numel() for head in heads for p in head.parameters()) == 427_520
