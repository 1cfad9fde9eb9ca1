"""Ids are well formed, unique while in use, bounded in number, and rest before they are used again."""
from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.perception.tracker.ids import MAX_IDS, IdPool, id_count


@given(size=st.integers(1, 300), seed=st.integers(0, 2**32))
def test_ids_are_distinct_and_follow_rep_155(size, seed):
    pool = IdPool(size, seed)
    names = [pool.take() for _ in range(size)]
    assert len(set(names)) == size
    assert all(re.fullmatch('[a-z][a-z0-9]{4}', name) for name in names)
    with pytest.raises(RuntimeError, match='in use'):
        pool.take()


def test_the_seed_decides():
    def first(seed):
        pool = IdPool(50, seed)
        return [pool.take() for _ in range(50)]
    assert first(3) == first(3) != first(4)
    assert first(0)[:3] == ['v1pjs', 'k2krv', 'xsk1w']   # the same on every machine and Python version


@given(first=st.integers(0, 40))
def test_the_pool_is_the_same_wherever_it_begins(first):
    usual, other = IdPool(20), IdPool(20, first=first)
    names = [usual.take() for _ in range(20)]
    assert [other.take() for _ in range(20)] == names[first % 20:] + names[:first % 20]


def test_an_id_rests_until_all_others_were_used():
    pool = IdPool(10)
    first = pool.take()
    pool.give_back(first)
    others = [pool.take() for _ in range(9)]
    assert first not in others
    assert pool.take() == first


@given(st.lists(st.booleans(), max_size=200))
def test_never_two_at_once(steps):
    pool, held = IdPool(5), []
    for take in steps:
        if take and len(held) < 5:
            name = pool.take()
            assert name not in held
            held.append(name)
        elif held:
            pool.give_back(held.pop(0))


def test_giving_back_a_stranger_is_an_error():
    pool = IdPool(3)
    with pytest.raises(ValueError, match='not in use'):
        pool.give_back('abcde')


@pytest.mark.parametrize('size', [0, -1, MAX_IDS + 1])
def test_impossible_sizes(size):
    with pytest.raises(ValueError, match=str(size)):
        IdPool(size)


@given(prefixes=st.lists(st.from_regex('[a-z][a-z0-9]', fullmatch=True), min_size=2, max_size=5, unique=True),
       seed=st.integers(0, 2**32))
def test_pools_with_different_prefixes_have_nothing_in_common(prefixes, seed):
    pools = [IdPool(100, seed, prefix) for prefix in prefixes]
    names = [[pool.take() for _ in range(100)] for pool in pools]
    assert len({name for each in names for name in each}) == 100 * len(prefixes)
    for prefix, each in zip(prefixes, names):
        assert all(re.fullmatch(prefix + '[a-z0-9]{3}', name) for name in each)


def test_a_long_prefix_leaves_few_ids_and_all_can_be_used():
    assert (id_count(), id_count('a'), id_count('ab'), id_count('ab3')) == (MAX_IDS, MAX_IDS, 36 ** 3, 36 ** 2)
    pool = IdPool(36 ** 2, prefix='ab3')
    assert len({pool.take() for _ in range(36 ** 2)}) == 36 ** 2
    with pytest.raises(ValueError, match='1296'):
        IdPool(36 ** 2 + 1, prefix='ab3')


@pytest.mark.parametrize('prefix', ['1', 'A', 'ä', 'a_', 'abcd', ' ', 'a\n'])
def test_prefixes_that_no_id_may_have(prefix):
    with pytest.raises(ValueError, match='id_prefix'):
        id_count(prefix)
