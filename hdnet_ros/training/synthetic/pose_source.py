"""Where poses come from: the library's share of a split, and postures drawn at random."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.config import PoseConfig
from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.pose_library import PoseLibrary
from hdnet_ros.training.synthetic.random_pose import LIMBS, RandomPose

# Library poses of people on chairs.
_SEATED = ('pose:sit01', 'pose:sitting')

# How often a limb of a mixed pose is another's.
_MIXED_LIMB = 0.6


@dataclass(frozen=True, eq=False)
class DrawnPose:
    """rotations: (B, 3, 3) world rotations. sits: needs something to sit on."""

    rotations: np.ndarray
    sits: bool


class PoseSource:
    """Draws poses; ``allowed`` are the indices of the library's poses that belong to the split."""

    def __init__(self, config: PoseConfig, body: BodyTemplate, library: PoseLibrary, allowed: Sequence[int]) -> None:
        self._config = config
        self._library = library
        self._random = RandomPose(body)
        unknown = set(config.random_weights) - set(self._random.kinds)
        if unknown:
            raise SyntheticError(f'poses.random_weights: unknown postures {sorted(unknown)}; '
                                 f'known: {", ".join(self._random.kinds)}')
        unfit = [key for key in config.library_weights if not any(name.startswith(key) for name in library.names)]
        if unfit:
            raise SyntheticError(f'poses.library_weights: no pose begins with {unfit}; they begin with '
                                 f'{", ".join(sorted({_group(name) for name in library.names}))}')
        self._allowed = np.array(allowed)
        weights = np.array([self._weight(library.names[index]) for index in self._allowed])
        groups = [_group(library.names[index]) for index in self._allowed]
        # A clip's weight is shared by its frames; a single pose has its own.
        sizes = np.array([groups.count(group) if group != 'pose' else 1 for group in groups])
        self._weights = weights / sizes / (weights / sizes).sum()
        self._kinds = list(config.random_weights)
        kind_weights = np.array(list(config.random_weights.values()))
        self._kind_weights = kind_weights / kind_weights.sum()

    def draw(self, rng: np.random.Generator) -> DrawnPose:
        """One pose with noise, some of them mirrored, or put together from several."""
        pose = self._draw_one(rng)
        # Nothing is drawn for a share of zero, so that images do not depend on what is not asked for.
        if self._config.mixed_share and rng.random() < self._config.mixed_share:
            for limb in LIMBS:
                other = self._draw_one(rng)
                # Legs of somebody seated belong to a seat.
                if rng.random() < _MIXED_LIMB and (limb != 'legs' or not (pose.sits or other.sits)):
                    pose = DrawnPose(self._random.with_limb(pose.rotations, other.rotations, limb), pose.sits)
        return pose

    def _draw_one(self, rng: np.random.Generator) -> DrawnPose:
        if rng.random() < self._config.library_share:
            index = self._allowed[rng.choice(len(self._allowed), p=self._weights)]
            rotations = self._library.rotations[index].astype(float)
            sits = self._library.names[index] in _SEATED
        else:
            kind = self._kinds[rng.choice(len(self._kinds), p=self._kind_weights)]
            rotations, sits = self._random.draw(kind, rng), kind == 'sit'
        rotations = self._random.jitter(rotations, rng, rng.uniform(*self._config.jitter))
        if rng.random() < self._config.mirror_share:
            rotations = self._random.mirrored(rotations)
        return DrawnPose(rotations, sits)

    def _weight(self, name: str) -> float:
        fitting = [key for key in self._config.library_weights if name.startswith(key)]
        return self._config.library_weights[max(fitting, key=len)] if fitting else 1.0


def _group(name: str) -> str:
    return name.partition(':')[0]
