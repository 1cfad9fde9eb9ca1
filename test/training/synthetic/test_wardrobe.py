from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hdnet_ros.training.synthetic import SyntheticError
from hdnet_ros.training.synthetic.material import linear
from hdnet_ros.training.synthetic.textures import TextureBank
from hdnet_ros.training.synthetic.wardrobe import _DRESSES, Wardrobe, skin_pictures

SKINS = [f'skin_{age}_{origin}_{sex}_0'
         for age in ('young', 'old') for origin in ('african', 'asian') for sex in ('female', 'male')]


@pytest.fixture
def wardrobe(config):
    return Wardrobe(config.clothing, SKINS, range(5))


def outfits(wardrobe, female, count=300, age=30.0):
    return [wardrobe.outfit(np.random.default_rng(i), female, age) for i in range(count)]


def test_everybody_has_skin_eyes_and_clothes(wardrobe):
    for female in (False, True):
        for outfit in outfits(wardrobe, female):
            names = [piece.surface for piece in outfit]
            assert names[0] == 'skin' and 'Low-Poly' in names
            assert len(set(names) - {'skin', 'Low-Poly', 'glasses'}) >= 2
            assert ('_female_' in outfit[0].material.texture) == female


def test_the_same_numbers_give_the_same_clothes(wardrobe):
    assert outfits(wardrobe, True, 5) == outfits(wardrobe, True, 5)
    assert len(set(outfits(wardrobe, True, 50))) == 50


def test_men_wear_no_dresses_and_shares_are_kept(wardrobe, config):
    surfaces = [piece.surface for outfit in outfits(wardrobe, False) for piece in outfit]
    assert not {'TubeDress', 'F_Dress_01', 'skirt', 'miniskirt'} & set(surfaces)
    barefoot = [not any(p.surface.startswith('shoes') for p in o) for o in outfits(wardrobe, False)]
    assert np.mean(barefoot) == pytest.approx(config.clothing.barefoot_share, abs=0.04)


def test_some_men_and_no_women_are_bare_above_the_waist(wardrobe, config):
    """Trunks come alone, but for head and feet: a piece of the body's surface that ends at the waist."""
    def bare(outfit):
        garments = [p for p in outfit if p.surface in ('tights', 'skirt', 'Coat') or 'suit' in p.surface
                    or 'Jeans' in p.surface or 'jeans' in p.surface]
        return [p.surface for p in garments] == ['tights'] and garments[0].material.clip[1] < 0.2
    kinds = {name: share for name, share in config.clothing.kinds.items() if name != 'dress'}
    share = np.mean([bare(outfit) for outfit in outfits(wardrobe, False, 1000)])
    assert share == pytest.approx(kinds['trunks'] / sum(kinds.values()), abs=0.03)
    assert not any(bare(outfit) for outfit in outfits(wardrobe, True, 1000))


@pytest.mark.parametrize('kinds, reason', [({'jeans': 1.0}, r"unknown \['jeans'\]; known: suit"),
                                           ({'dress': 1.0}, 'nothing for men'), ({'trunks': 1.0}, 'nothing for women')])
def test_clothes_that_cannot_be_had_are_refused(config, kinds, reason):
    with pytest.raises(SyntheticError, match=reason):
        Wardrobe(dataclasses.replace(config.clothing, kinds=kinds), ['young_caucasian_male'], [0])


def test_women_alone_may_all_wear_dresses(config):
    only = Wardrobe(dataclasses.replace(config.clothing, kinds={'dress': 1.0}), SKINS, [0], female={True})
    assert all(outfit[1].surface in _DRESSES for outfit in outfits(only, True, 20))


def test_prints_come_from_the_split_only(wardrobe):
    prints = {piece.material.pattern for outfit in outfits(wardrobe, True) for piece in outfit} - {''}
    assert prints <= {f'pattern:{n}' for n in range(5)} and len(prints) == 5


def test_an_unknown_age_falls_back_to_another_skin(wardrobe):
    outfit = wardrobe.outfit(np.random.default_rng(0), True, 45.0)    # no middle-aged skin here
    assert '_female_' in outfit[0].material.texture


def test_skins_are_told_from_clothes():
    assert skin_pictures(['shoes01', 'skin_young_asian_male_0', 'Coat']) == ['skin_young_asian_male_0']


def test_made_pictures_repeat_and_differ(tmp_path):
    import cv2
    photograph = tmp_path / 'p.jpg'
    cv2.imwrite(str(photograph), np.random.default_rng(0).integers(0, 255, (90, 120, 3)).astype(np.uint8))
    one, two = (TextureBank(tmp_path, [photograph]) for _ in range(2))
    for kind in ('pattern', 'wall'):
        pictures = [one.picture(f'{kind}:{n}') for n in range(12)]
        assert all(np.array_equal(picture, two.picture(f'{kind}:{n}')) for n, picture in enumerate(pictures))
        assert len({picture.tobytes() for picture in pictures}) == 12
        assert all(picture.dtype == np.uint8 and picture.shape[2] == 4 for picture in pictures)


def test_colours_are_linear_light(wardrobe, config):
    assert np.allclose(linear(np.array([0, 0.5, 1])), [0, 0.2176, 1], atol=1e-3)
    only_grey = Wardrobe(dataclasses.replace(config.clothing, grey_colour_share=1.0), SKINS, range(5))
    colours = np.array([only_grey._colour(np.random.default_rng(i)) for i in range(100)]) ** (1 / 2.2)
    assert np.ptp(colours, axis=1).max() < 0.25
