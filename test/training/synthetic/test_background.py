from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.training.synthetic.background import collage, composed, photograph_view

SIZE = (160, 120)


def plain(*colors):
    """Draws one-coloured photographs, one colour after the other."""
    left = list(colors)
    return lambda rng: np.full((300, 400, 3), left.pop(0) if len(left) > 1 else left[0], np.uint8)


def test_a_collage_has_pieces_of_other_photographs_on_the_first():
    image = collage(plain((10, 20, 30), (200, 0, 0)), SIZE, np.random.default_rng(0))
    assert image.shape == (120, 160, 3) and image.dtype == np.uint8
    first = (image == (10, 20, 30)).all(axis=2).mean()
    assert 0.2 < first < 1
    assert (image == (200, 0, 0)).all(axis=2).any()


@pytest.mark.parametrize('size', [(424, 240), (64, 48), (480, 640)])
def test_collages_of_any_size_repeat(size):
    photograph = np.random.default_rng(1).integers(0, 256, (200, 300, 3), dtype=np.uint8)
    one, two = (collage(lambda rng: photograph, size, np.random.default_rng(7)) for _ in range(2))
    assert one.shape == (size[1], size[0], 3) and np.array_equal(one, two)
    assert not np.array_equal(one, collage(lambda rng: photograph, size, np.random.default_rng(8)))


def test_a_cutting_lies_in_its_photograph():
    """A photograph whose red grows with x and whose green grows with y."""
    x, y = np.meshgrid(np.arange(250), np.arange(200))
    photograph = np.dstack([x, y, 0 * x]).astype(np.uint8)
    for seed in range(20):
        view = photograph_view(photograph, SIZE, np.random.default_rng(seed)).astype(int)
        assert view.shape == (120, 160, 3) and not view[..., 2].any()
        assert (np.diff(view[..., 1].mean(axis=1)) >= 0).all()
        assert abs(np.ptp(view[60, :, 0]) / 160 - np.ptp(view[:, 80, 1]) / 120) < 0.05   # not stretched


def test_composition_keeps_what_was_drawn_and_fills_the_rest():
    drawn = np.zeros((1, 3, 4), np.uint8)
    drawn[0, 0] = [10, 20, 30, 255]
    drawn[0, 1] = [5, 10, 15, 128]
    behind = np.full((1, 3, 3), 100, np.uint8)
    assert composed(drawn, behind)[0].tolist() == [[10, 20, 30], [55, 60, 65], [100, 100, 100]]
