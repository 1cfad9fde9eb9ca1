from __future__ import annotations

import pytest
from torch import nn

from hdnet_ros.training.average import WeightAverage


@pytest.fixture
def net():
    """A weight of 0 and statistics."""
    net = nn.Sequential(nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1))
    set_weight(net, 0.0)
    return net


def set_weight(net, value):
    nn.init.constant_(net[0].weight, value)


def test_average_soon_forgets_the_start(net):
    """However slow it is: (1 + step) / (10 + step) of the old value stay."""
    average = WeightAverage(net, 0.9999)
    set_weight(net, 1.0)
    values = []
    for step in range(4):
        average.update(net, step)
        values.append(average.net[0].weight.item())
    assert values == pytest.approx([1 - 1 / 10, 1 - 1 / 55, 1 - 1 / 220, 1 - 1 / 715], abs=1e-6)


def test_average_trails_behind(net):
    average = WeightAverage(net, 0.9)
    set_weight(net, 1.0)
    for step, value in ((1000, 0.1), (1001, 0.19), (1002, 0.271)):
        average.update(net, step)
        assert average.net[0].weight.item() == pytest.approx(value, abs=1e-6)


def test_statistics_are_copied(net):
    average = WeightAverage(net, 0.9)
    net[1].running_mean.fill_(3.0)
    average.update(net, 1000)
    assert average.net[1].running_mean == 3


def test_average_is_not_learned(net):
    average = WeightAverage(net, 0.9)
    assert not any(p.requires_grad for p in average.net.parameters())
    assert not any(module.training for module in average.net.modules())
