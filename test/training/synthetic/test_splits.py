from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.splits import SPLITS, share, share_runs


@given(st.integers(3, 500))
def test_every_item_is_in_exactly_one_split(count):
    parts = [share(range(count), split, (0.1, 0.1)) for split in SPLITS]
    assert sorted(sum(parts, [])) == list(range(count))
    assert all(parts)


def test_splits_are_those_of_the_sets_that_exist():
    """Another split would put into training what people test with."""
    assert share(range(30), 'validation', (0.1, 0.1)) == [0, 4, 17]
    assert share(range(30), 'test', (0.1, 0.1)) == [8, 10, 24]
    names = [f'pose:{i}' for i in range(20)]
    assert share_runs(names, 'validation', (0.1, 0.1)) == [0, 4]
    assert share_runs(names, 'test', (0.1, 0.1)) == [17, 18]


def test_too_few_items_are_refused():
    with pytest.raises(SyntheticError):
        share([1, 2], 'train', (0.1, 0.1))


def test_frames_of_a_clip_stay_together():
    names = [f'walk:{i:04d}' for i in range(100)] + [f'pose:{i}' for i in range(30)]
    parts = {split: share_runs(names, split, (0.1, 0.1)) for split in SPLITS}
    assert sorted(sum(parts.values(), [])) == list(range(130))
    frames = {split: [i for i in part if i < 100] for split, part in parts.items()}
    assert frames == {'train': list(range(80)), 'validation': list(range(80, 90)), 'test': list(range(90, 100))}
    assert all(any(i >= 100 for i in part) for part in parts.values())
