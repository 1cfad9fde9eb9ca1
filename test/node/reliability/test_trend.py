from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.node.reliability.trend import trend


def test_a_straight_line():
    result = trend(np.arange(100), 5 + 0.25 * np.arange(100))
    assert result.slope == pytest.approx(0.25) and result.high - result.low < 1e-9
    assert (result.first, result.last) == (pytest.approx(5 + 0.25 * 9.5), pytest.approx(5 + 0.25 * 89.5))
    assert '+15 MB/h (95 % interval +15 to +15)' in result.text('MB', 'h', scale=60)


@pytest.mark.parametrize('slope', [0.0, 0.02])
def test_the_interval_holds_the_truth_as_often_as_it_says(slope):
    """Also for noise that changes slowly, as the memory of a process does."""
    random = np.random.default_rng(0)
    x, hits = np.arange(600.0), 0
    for _ in range(300):
        noise = np.zeros(len(x))
        for index, step in enumerate(random.normal(size=len(x))):
            noise[index] = 0.8 * noise[index - 1] + step
        result = trend(x, slope * x + noise)
        hits += result.low <= slope <= result.high
    assert 0.88 <= hits / 300 <= 0.99


def test_too_few():
    with pytest.raises(ValueError, match='at least 3'):
        trend([1, 2], [1, 2])
