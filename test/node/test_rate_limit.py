from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.node.rate_limit import RateLimit


def _taken(rate_hz: float, input_hz: float, seconds: float = 20.0) -> int:
    limit = RateLimit()
    return sum(limit.admits(rate_hz, 100.0 + i / input_hz) for i in range(round(seconds * input_hz)))


@pytest.mark.parametrize(('rate_hz', 'input_hz', 'expected_hz'), [
    (10.0, 30.0, 10.0), (20.0, 30.0, 20.0), (29.0, 30.0, 29.0), (30.0, 15.0, 15.0), (0.0, 30.0, 30.0),
    (0.5, 30.0, 0.5)])
def test_thins_to_the_limit_and_no_further(rate_hz, input_hz, expected_hz):
    assert _taken(rate_hz, input_hz) == pytest.approx(20 * expected_hz, abs=2)


@given(gaps_s=st.lists(st.floats(0, 2), min_size=1, max_size=60), rate_hz=st.floats(0.5, 50))
def test_never_more_than_the_rate_allows(gaps_s, rate_hz):
    """Over every stretch of time that begins with an event, at most two more than rate times seconds."""
    limit, now_s, taken_s = RateLimit(), 5.0, []
    for gap_s in gaps_s:
        now_s += gap_s
        if limit.admits(rate_hz, now_s):
            taken_s.append(now_s)
    for first, start_s in enumerate(taken_s):
        for count, end_s in enumerate(taken_s[first:], start=1):
            assert count <= rate_hz * (end_s - start_s) + 2 + 1e-6


def test_a_pause_is_not_made_up_for():
    limit = RateLimit()
    assert limit.admits(1.0, 0.0)
    assert sum(limit.admits(1.0, 100.0 + i / 100) for i in range(50)) == 1


def test_a_rate_that_changes_counts_at_once():
    limit = RateLimit()
    assert limit.admits(0.01, 0.0)
    assert not limit.admits(0.01, 1.0)
    assert not limit.admits(10.0, 1.01)   # one period of the new rate at most
    assert limit.admits(10.0, 1.12)
    assert limit.admits(0.0, 1.121)


def test_a_limit_that_was_lifted_starts_afresh():
    limit = RateLimit()
    assert limit.admits(0.1, 0.0) and limit.admits(0, 1.0) and limit.admits(1.0, 1.1)
