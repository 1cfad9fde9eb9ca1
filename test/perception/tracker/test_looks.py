from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.perception.tracker.looks import log_appearance_ratio, remember

RED, GREEN = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
REDDISH = np.array([0.8, 0.6, 0])


def test_alike_is_the_same_person_more_likely():
    ratio = log_appearance_ratio([RED, None], [RED, REDDISH, GREEN, None])
    assert ratio[0, 0] > 2 and ratio[0, 2] < -3
    assert ratio[0, 1] == pytest.approx(0, abs=0.5)          # similarity 0.8: could be anybody
    np.testing.assert_array_equal(ratio[1], 0)
    np.testing.assert_array_equal(ratio[:, 3], 0)


def test_nobody():
    assert log_appearance_ratio([], [RED]).shape == (0, 1)
    assert log_appearance_ratio([RED], []).shape == (1, 0)


def test_looks_change_slowly_and_a_gap_counts_for_little():
    assert remember(None, RED, 0.1) is RED and remember(RED, None, 0.1) is RED and remember(None, None, 1) is None
    after = RED
    for _ in range(10):
        after = remember(after, GREEN, 1 / 15)
    assert np.linalg.norm(after) == pytest.approx(1) and 0.9 < after @ RED < 1
    assert remember(RED, GREEN, 60.0) @ RED > 0.99
