"""The people: bodies of both sexes and all ages whose heights follow real distributions."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.config import BodyConfig
from hdnet_ros.training.synthetic.errors import optional

_BISECTIONS = 12
_BATCH = 32


@dataclass(frozen=True, eq=False)
class BodyPool:
    """N bodies at rest.

    shapes: (N, T, 3) float32 vertices, heads: (N, B, 3) bone starts, metres.
    heights_m, ages_years: (N,). female: (N,) bool.
    """

    shapes: np.ndarray
    heads: np.ndarray
    heights_m: np.ndarray
    ages_years: np.ndarray
    female: np.ndarray

    def __len__(self) -> int:
        return len(self.heights_m)


def build_pool(model, body: BodyTemplate, config: BodyConfig) -> BodyPool:
    """Draw sexes, ages and heights, then find for each the body of that height among anny's.

    Heights of adults are normal; those of children are normal around the median of their age and sex.
    """
    rng = np.random.default_rng(config.seed)
    count = config.count
    female = rng.random(count) < config.female_share
    child = rng.random(count) < config.child_share
    ages = np.where(child, rng.uniform(*config.child_age_years, count), rng.uniform(*config.adult_age_years, count))
    heights = np.where(child, _child_heights(config, ages, female, rng), _adult_heights(config, female, rng))
    phenotypes = {
        'gender': np.where(female, rng.uniform(0.75, 1, count), rng.uniform(0, 0.25, count)),
        'age': _anny_age(model, ages),
        'weight': np.clip(rng.normal(*config.weight, count), 0.05, 0.95),
        'muscle': np.clip(rng.normal(*config.muscle, count), 0.05, 0.95),
        'proportions': rng.uniform(*config.proportions, count),
    }
    parts = [_solve(model, body, {k: v[i:i + _BATCH] for k, v in phenotypes.items()}, heights[i:i + _BATCH])
             for i in range(0, count, _BATCH)]
    shapes, heads, reached = (np.concatenate(arrays) for arrays in zip(*parts))
    return BodyPool(shapes, heads, reached, ages, female)


def _adult_heights(config: BodyConfig, female: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    mean, spread = np.where(female[:, None], config.women_height_m, config.men_height_m).T
    return mean + spread * np.clip(rng.normal(size=len(female)), -3, 3)


def _child_heights(config: BodyConfig, ages: np.ndarray, female: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    girls, boys = (np.interp(ages, config.growth_age_years, curve)
                   for curve in (config.girls_median_height_m, config.boys_median_height_m))
    return np.where(female, girls, boys) * (1 + config.child_height_spread * np.clip(rng.normal(size=len(ages)), -3, 3))


def _anny_age(model, ages_years: np.ndarray) -> np.ndarray:
    torch, shapes = optional('torch'), optional('anny.shape_distribution')
    mapping = shapes.SimpleShapeDistribution(model).morphological_age_mapping
    return mapping.morphological_to_anny_age(torch.tensor(ages_years, dtype=torch.float32)).numpy()


def _solve(model, body: BodyTemplate, phenotypes: dict[str, np.ndarray],
           heights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bodies of these heights: anny's height slider by bisection; a height out of its reach is scaled to."""
    skin = body.skin
    low, high = np.zeros(len(heights)), np.ones(len(heights))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        shapes, heads = _rest(model, {**phenotypes, 'height': middle})
        taller = np.ptp(shapes[:, skin, 2], axis=1) > heights
        low, high = np.where(taller, low, middle), np.where(taller, middle, high)
    scale = (heights / np.ptp(shapes[:, skin, 2], axis=1))[:, None, None]
    return (shapes * scale).astype(np.float32), heads * scale, heights


def _rest(model, phenotypes: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and bone starts of anny's bodies at rest."""
    torch = optional('torch')
    with torch.no_grad():
        out = model(phenotype_kwargs={k: torch.tensor(v, dtype=torch.float32) for k, v in phenotypes.items()})
    return out['rest_vertices'].numpy(), out['rest_bone_heads'].numpy()
