"""What somebody wears: which garments, in which colours and prints, with which hair and skin."""
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hdnet_ros.training.synthetic.config import ClothingConfig
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.garments import SKINS
from hdnet_ros.training.synthetic.material import Material, linear

_SUITS = {False: ('male_casualsuit01', 'male_casualsuit02', 'male_casualsuit03', 'male_casualsuit04',
                  'male_casualsuit05', 'male_casualsuit06', 'male_elegantsuit01', 'male_worksuit01'),
          True: ('female_casualsuit01', 'female_casualsuit02', 'female_elegantsuit01', 'female_sportsuit01')}
_WOMENS_TOPS = ('Sleeveless', 'Tank_Top_01', 'VNeckTop', 'spaghetti-top', 'female_top_01', 'short_tail_camo_tee',
                'Asymmetric_Tunic_and_Sash')
_TROUSERS = ('Tightjeans', 'ShortJeans')
_SKIRTS = ('JeansSkirt', 'miniskirt')
_DRESSES = ('TubeDress', 'F_Dress_01', 'F_Dress_02', 'F_Dress_04')
_SHOES = ('shoes01', 'shoes02', 'shoes03', 'shoes04', 'shoes05', 'shoes06')
_HATS = ('fedora', 'Fishing_Hat_01')
_HAIR = {False: ('short01', 'short02', 'short04', 'afro01', 'short03'),
         True: ('bob01', 'bob02', 'Braid01', 'long01', 'ponytail01', 'short03', 'afro01', 'short02')}
_BROWS = ('eyebrow001', 'eyebrow006', 'eyebrow009')
_PATTERNS = 200
# Linear RGB of hair: black, dark brown, brown, blond, grey, red.
_HAIR_COLOURS = np.array([[0.02, 0.015, 0.01], [0.05, 0.03, 0.02], [0.11, 0.06, 0.03], [0.32, 0.21, 0.10],
                          [0.38, 0.36, 0.34], [0.20, 0.07, 0.03]])
_GREY_HAIR, _HAIR_SHARES = 4, (0.33, 0.25, 0.2, 0.13, 0.03, 0.06)
# Linear RGB that skin pictures are pulled towards.
_SKIN_TONE = np.array([0.9, 0.7, 0.58])
# Places on the body at rest (z up, metres) where trousers and tops made from the body's own surface end.
_ANKLE_Z, _KNEE_Z, _THIGH_Z, _WAIST_Z = -0.74, -0.42, -0.27, 0.10
_WRIST_X, _FOREARM_X, _ELBOW_X, _SHORT_SLEEVE_X = 0.50, 0.42, 0.30, 0.21


@dataclass(frozen=True)
class Piece:
    """One surface to draw; thickness_m pushes it away from the body, by flare_m more below flare_from_m (at rest)."""

    surface: str
    material: Material
    thickness_m: float = 0.0
    flare_m: float = 0.0
    flare_from_m: float = 0.0


class Wardrobe:
    """Draws outfits.

    skins: names of the skin pictures that may be used. patterns: numbers of the prints that may be used.
    female: for whom there must be something to wear; women, men, or both.
    SyntheticError for kinds of clothes that are unknown, or if somebody would have none.
    """

    def __init__(self, config: ClothingConfig, skins: Sequence[str], patterns: Sequence[int],
                 female: Collection[bool] = (False, True)) -> None:
        self._config = config
        self._kinds = {'suit': self._suit, 'separates': self._separates, 'plain': self._plain, 'dress': self._dress,
                       'coat': self._coat, 'trunks': self._trunks}
        unknown = set(config.kinds) - set(self._kinds)
        if unknown:
            raise SyntheticError(f'clothing.kinds: unknown {sorted(unknown)}; known: {", ".join(self._kinds)}')
        for each, whom in ((False, 'men'), (True, 'women')):
            if each in female and not sum(self._weights(each).values()) > 0:
                raise SyntheticError(f'clothing.kinds: nothing for {whom} to wear')
        self._skins = tuple(skins)
        self._patterns = tuple(patterns)

    def outfit(self, rng: np.random.Generator, female: bool, age_years: float) -> tuple[Piece, ...]:
        """Skin first, then clothes, hair, eyes and what is worn on top."""
        config, kinds = self._config, self._weights(female)
        weights = np.array(list(kinds.values()))
        kind = list(kinds)[rng.choice(len(kinds), p=weights / weights.sum())]
        pieces = [self._skin(rng, female, age_years), *self._kinds[kind](rng, female)]
        if rng.random() >= config.barefoot_share:
            # Trousers do not fit into or over boots.
            shoes = 'WinterBoots' if kind == 'dress' and rng.random() < 0.2 else _pick(rng, _SHOES)
            pieces.append(Piece(shoes, self._cloth(rng, shine=rng.uniform(0.02, 0.2), pattern=False)))
        hat = rng.random() < config.hat_share
        if hat:
            pieces.append(Piece(_pick(rng, _HATS), self._cloth(rng, pattern=False)))
        pieces += self._head(rng, female, age_years, covered=hat)
        return tuple(replace(p, material=_with_file(p)) for p in pieces)

    def _weights(self, female: bool) -> dict[str, float]:
        """How often which kind of clothes is worn."""
        others = 'trunks' if female else 'dress'
        return {name: weight for name, weight in self._config.kinds.items() if name != others}

    def _suit(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        own = rng.random() < 0.8
        return [Piece(_pick(rng, _SUITS[female and own]), replace(self._cloth(rng), split_m=0.07))]

    def _dress(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        return [Piece(_pick(rng, _DRESSES), self._cloth(rng))]

    def _coat(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        # Nothing fits under the coat but thin trousers.
        return [Piece('tights', replace(self._cloth(rng, pattern=False), clip=(_ANKLE_Z, _WAIST_Z, 9.0)), 0.003),
                Piece('Coat', self._cloth(rng, pattern=False))]

    def _separates(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        if female and rng.random() < 0.25:
            lower = [Piece(_pick(rng, _SKIRTS), self._cloth(rng))]
        else:
            lower = [Piece(_pick(rng, _TROUSERS), self._cloth(rng, pattern=rng.random() < 0.2))]
        if female and rng.random() < 0.7:
            return [*lower, Piece(_pick(rng, _WOMENS_TOPS), self._cloth(rng))]
        return [*lower, self._plain_top(rng)]

    def _plain(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        hem = float(rng.choice([_ANKLE_Z, _ANKLE_Z, rng.uniform(_KNEE_Z - 0.05, _THIGH_Z)]))
        cloth = self._cloth(rng, pattern=rng.random() < 0.2)
        lower = Piece('tights', replace(cloth, clip=(hem, _WAIST_Z + 0.045, 9.0)), rng.uniform(0.003, 0.01),
                      rng.uniform(0, 0.03), flare_from_m=-0.05)
        pieces = [lower, self._plain_top(rng)]
        if female and rng.random() < 0.25:
            pieces[0] = Piece('skirt', self._cloth(rng), 0.004)
        return pieces

    def _trunks(self, rng: np.random.Generator, female: bool) -> list[Piece]:
        cloth = self._cloth(rng, pattern=rng.random() < 0.2)
        hem = float(rng.uniform(_KNEE_Z, _THIGH_Z + 0.1))
        return [Piece('tights', replace(cloth, clip=(hem, _WAIST_Z, 9.0)), rng.uniform(0.003, 0.012),
                      rng.uniform(0, 0.03), flare_from_m=-0.05)]

    def _plain_top(self, rng: np.random.Generator) -> Piece:
        sleeve = float(rng.choice([_WRIST_X, _FOREARM_X, _ELBOW_X, _SHORT_SLEEVE_X, _SHORT_SLEEVE_X + 0.05]))
        hem = float(rng.uniform(-0.06, _WAIST_Z - 0.03))
        return Piece('tights', replace(self._cloth(rng), clip=(hem, 9.0, sleeve)), rng.uniform(0.01, 0.02),
                     rng.uniform(0, 0.03), flare_from_m=0.38)

    def _skin(self, rng: np.random.Generator, female: bool, age_years: float) -> Piece:
        age = 'young' if age_years < 35 else 'middleage' if age_years < 60 else 'old'
        sex = 'female' if female else 'male'
        fitting = [s for s in self._skins if s.startswith(f'skin_{age}_') and f'_{sex}_' in s] or \
                  [s for s in self._skins if f'_{sex}_' in s] or list(self._skins)
        tone = tuple(_SKIN_TONE * rng.uniform(0.2, 1.1))
        return Piece('skin', Material(texture=f'file:{_pick(rng, fitting)}', tint_upper=tone, tint_lower=tone,
                                      tint=rng.uniform(0, 0.2), shine=rng.uniform(0.01, 0.06)))

    def _head(self, rng: np.random.Generator, female: bool, age_years: float, covered: bool) -> list[Piece]:
        grey = age_years > 50 and rng.random() < 0.7
        which = _GREY_HAIR if grey else rng.choice(len(_HAIR_COLOURS), p=_HAIR_SHARES)
        colour = tuple(_HAIR_COLOURS[which] * rng.uniform(0.7, 1.3))
        hair = Material(tint_upper=colour, tint_lower=colour, tint=0.8, shine=0.03, alpha_cut=0.35)
        pieces = [Piece('Low-Poly', Material(shine=0.2, alpha_cut=0.3)), Piece(_pick(rng, _BROWS), hair)]
        bald = not female and age_years > 25 and rng.random() < self._config.bald_share
        if not bald and not covered:
            pieces.append(Piece(_pick(rng, _HAIR[female]), hair))
        if rng.random() < self._config.glasses_share:
            pieces.append(Piece('glasses', Material(shine=0.2, alpha_cut=0.3, tint=0.5, tint_upper=(0.05, 0.05, 0.05))))
        return pieces

    def _cloth(self, rng: np.random.Generator, shine: float | None = None, pattern: bool = True) -> Material:
        """Dyed, printed or as the picture shows it."""
        tint = float(rng.choice([0, 0.5, 0.85, 1], p=[0.3, 0.15, 0.25, 0.3]))
        material = Material(tint_upper=self._colour(rng), tint_lower=self._colour(rng), tint=tint,
                            shine=rng.uniform(0, 0.05) if shine is None else shine, alpha_cut=0.4)
        if not pattern or rng.random() >= self._config.pattern_share:
            return material
        return replace(material, pattern=f'pattern:{_pick(rng, self._patterns)}', pattern_scale=rng.uniform(1, 7),
                       pattern_shift=(rng.random(), rng.random()), pattern_strength=rng.uniform(0.5, 1))

    def _colour(self, rng: np.random.Generator) -> tuple[float, float, float]:
        if rng.random() < self._config.grey_colour_share:
            grey = rng.choice([rng.uniform(0.05, 0.25), rng.uniform(0.3, 0.6), rng.uniform(0.8, 0.97)])
            colour = np.clip(grey + rng.normal(0, 0.02, 3) + rng.uniform(0, 0.05) * np.array([1, 0.3, -1]), 0.03, 0.97)
        else:
            hue, saturation, value = rng.random(), rng.beta(2, 2.5), rng.uniform(0.15, 0.85)
            wheel = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
            colour = value * (1 - saturation * (1 - wheel))
        return tuple(float(c) for c in linear(colour))


def skin_pictures(names: Sequence[str]) -> list[str]:
    """Those of the picture names that are skins, in a fixed order."""
    known = tuple(f'skin_{skin}_' for skin in SKINS)
    return sorted(name for name in names if name.startswith(known))


PATTERN_COUNT = _PATTERNS
_WITHOUT_PICTURE = ('skin', 'tights', 'skirt')


def _with_file(piece: Piece) -> Material:
    """The garment's own picture, unless the piece has none or already has one."""
    if piece.material.texture or piece.surface in _WITHOUT_PICTURE:
        material = piece.material
        if not material.texture:      # a plain cloth without dye would be white
            material = replace(material, tint=1.0)
        return material
    return replace(piece.material, texture=f'file:{piece.surface}')


def _pick(rng: np.random.Generator, names: Sequence):
    return names[rng.integers(len(names))]
