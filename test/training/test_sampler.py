from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.training.sampler import ROUND, MixtureSampler


def draw(sampler, count, first=0):
    return [sampler.at(position) for position in range(first, first + count)]


def test_each_set_is_gone_through_before_anything_comes_again():
    sampler = MixtureSampler([1000, 37], [3, 1], seed=5)
    drawn = draw(sampler, 3 * ROUND)
    for number, size in ((0, 1000), (1, 37)):
        mine = [index for chosen, index in drawn if chosen == number]
        for lap in range(len(mine) // size):
            assert sorted(mine[lap * size:(lap + 1) * size]) == list(range(size))
        assert mine[:size] != mine[size:2 * size], 'another order each time'
        assert mine[:size] != sorted(mine[:size])


def test_shares_follow_the_weights():
    counts = Counter(chosen for chosen, _ in draw(MixtureSampler([50, 50, 50], [6, 3, 1], seed=0), ROUND))
    assert [counts[i] / ROUND for i in range(3)] == pytest.approx([0.6, 0.3, 0.1], abs=1e-3)


def test_rare_sets_come_too():
    drawn = draw(MixtureSampler([10, 10], [1e6, 1], seed=0), ROUND)
    assert Counter(chosen for chosen, _ in drawn)[1] == 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 5 * ROUND), st.integers(0, 100))
def test_a_position_tells_all(position, seed):
    """A sampler that starts there agrees with one that has come the whole way."""
    fresh, used = MixtureSampler([70, 300], [1, 2], seed), MixtureSampler([70, 300], [1, 2], seed)
    draw(used, 10, max(0, position - 10))
    assert fresh.at(position) == used.at(position)


def test_seeds_differ():
    assert draw(MixtureSampler([100], [1], 0), 50) != draw(MixtureSampler([100], [1], 1), 50)


@pytest.mark.parametrize(('sizes', 'weights'), [([], []), ([3], [1, 2]), ([0], [1]), ([3], [0])])
def test_nonsense_is_refused(sizes, weights):
    with pytest.raises(ValueError, match='a mixture needs'):
        MixtureSampler(sizes, weights, 0)
