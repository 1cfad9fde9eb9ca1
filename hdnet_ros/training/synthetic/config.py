"""What can be said about the distributions that synthetic images are drawn from; values: ``config/synthetic.yaml``.

The rest is part of the code that draws: the joints of drawn poses, colours of clothes, rooms, patterns and the like.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hdnet_ros.requirement import require
from hdnet_ros.resources import share_folder
from hdnet_ros.training.config_reading import read, read_yaml, with_changes

# Lowest and highest value of a uniform draw, or mean and standard deviation where that is said.
Range = tuple[float, float]


@dataclass(frozen=True)
class BodyConfig:
    """Who the people are: a pool of bodies that is built once."""

    count: int
    child_share: float
    child_age_years: Range
    adult_age_years: Range
    female_share: float
    men_height_m: Range          # mean, standard deviation
    women_height_m: Range        # mean, standard deviation
    growth_age_years: tuple[float, ...]
    boys_median_height_m: tuple[float, ...]
    girls_median_height_m: tuple[float, ...]
    child_height_spread: float   # standard deviation relative to the median of the age
    weight: Range                # mean, standard deviation of anny's 0..1 scale
    muscle: Range                # mean, standard deviation of anny's 0..1 scale
    proportions: Range
    seed: int

    def __post_init__(self) -> None:
        _shares(self, 'child_share', 'female_share')
        _ascending(self, 'child_age_years', 'adult_age_years', 'proportions')
        require(self.count >= 3, 'count must be at least 3, one body for each split', self.count)
        require(self.seed >= 0, 'seed must not be negative', self.seed)
        for name in ('boys_median_height_m', 'girls_median_height_m'):
            value = getattr(self, name)
            require(len(value) == len(self.growth_age_years) > 1, f'{name} must be as many as growth_age_years', value)


@dataclass(frozen=True)
class PoseConfig:
    """How the people stand, move and sit."""

    library_share: float
    clip_step_s: float
    library_weights: dict[str, float]
    random_weights: dict[str, float]
    jitter: Range                # factor on the standard deviations of the joint noise
    mirror_share: float
    mixed_share: float           # share of people whose arms and legs may each be in another pose than the trunk

    def __post_init__(self) -> None:
        _shares(self, 'library_share', 'mirror_share', 'mixed_share')
        _ascending(self, 'jitter')
        _weights(self, 'library_weights', 'random_weights')
        require(self.clip_step_s > 0, 'clip_step_s must be positive', self.clip_step_s)


@dataclass(frozen=True)
class ClothingConfig:
    """What the people wear."""

    kinds: dict[str, float]
    bald_share: float
    barefoot_share: float
    hat_share: float
    glasses_share: float
    pattern_share: float
    grey_colour_share: float

    def __post_init__(self) -> None:
        _shares(self, 'bald_share', 'barefoot_share', 'hat_share', 'glasses_share', 'pattern_share',
                'grey_colour_share')
        _weights(self, 'kinds')


@dataclass(frozen=True)
class ViewConfig:
    """The cameras."""

    image_sizes: tuple[tuple[int, int], ...]
    horizontal_fov_deg: Range
    height_m: Range
    low_camera_share: float
    low_camera_height_m: Range
    pitch_deg: Range             # mean, standard deviation around looking at the people; positive looks down
    aim_share: float             # how far the camera turns to the height of the people: 0 level, 1 straight at them
    roll_deg: float              # standard deviation
    centre_offset: float         # standard deviation of the principal point, in image widths

    def __post_init__(self) -> None:
        _shares(self, 'low_camera_share')
        _ascending(self, 'horizontal_fov_deg', 'height_m', 'low_camera_height_m')
        require(self.horizontal_fov_deg[0] > 0 and self.horizontal_fov_deg[1] < 180,
                'horizontal_fov_deg must lie between 0 and 180', self.horizontal_fov_deg)
        require(len(self.image_sizes) > 0 and all(min(size) >= 32 for size in self.image_sizes),
                'image_sizes must be at least one, of 32 px or more', self.image_sizes)
        for name in ('roll_deg', 'centre_offset'):
            require(getattr(self, name) >= 0, f'{name} must not be negative', getattr(self, name))


@dataclass(frozen=True)
class SceneConfig:
    """Where the people are."""

    people: tuple[float, ...]    # weights of one, two, ... people
    depth_m: Range
    near_share: float            # share of people placed next to somebody
    spacing_m: float
    lateral: float               # half the width that people are placed in, in image widths
    room_share: float
    panorama_share: float
    collage_share: float         # share of photographs with pieces of others on them, so that outlines lead astray
    furniture: tuple[int, int]
    occluder_share: float
    target_visibility: float
    min_box_px: float

    def __post_init__(self) -> None:
        _shares(self, 'near_share', 'room_share', 'panorama_share', 'collage_share', 'occluder_share',
                'target_visibility')
        _ascending(self, 'depth_m', 'furniture')
        _weights(self, 'people')
        require(self.depth_m[0] > 0, 'depth_m must be positive', self.depth_m)
        require(self.furniture[0] >= 0, 'furniture must not be negative', self.furniture)


@dataclass(frozen=True)
class LightConfig:
    """Ambient and key light."""

    ambient: Range
    ambient_saturation: Range
    key: Range
    key_elevation_deg: Range
    from_panorama_share: float

    def __post_init__(self) -> None:
        _shares(self, 'from_panorama_share')
        _ascending(self, 'ambient', 'ambient_saturation', 'key', 'key_elevation_deg')


@dataclass(frozen=True)
class EffectsConfig:
    """What the camera does to the picture."""

    motion_blur_share: float
    motion_blur_px: Range
    defocus_share: float
    defocus_px: Range
    resample_share: float
    resample: Range
    exposure: Range
    white_balance: float
    gamma: Range
    grey_share: float
    noise: Range
    jpeg_share: float
    jpeg_quality: Range

    def __post_init__(self) -> None:
        _shares(self, 'motion_blur_share', 'defocus_share', 'resample_share', 'grey_share', 'jpeg_share')
        _ascending(self, 'motion_blur_px', 'defocus_px', 'resample', 'exposure', 'gamma', 'noise', 'jpeg_quality')


@dataclass(frozen=True)
class SyntheticConfig:
    """All of it; ``load()`` reads the YAML file."""

    bodies: BodyConfig
    poses: PoseConfig
    clothing: ClothingConfig
    view: ViewConfig
    scene: SceneConfig
    light: LightConfig
    effects: EffectsConfig
    split_shares: tuple[float, float]    # shares of validation and test

    def __post_init__(self) -> None:
        require(min(self.split_shares) > 0 and sum(self.split_shares) < 1,
                'split_shares must be positive and leave something for training', self.split_shares)

    @classmethod
    def load(cls, path: str | Path | None = None, changes: Sequence[str] = ()) -> SyntheticConfig:
        """Read a YAML file (default: ``config/synthetic.yaml``), then apply ``key.key=value`` changes.

        ConfigError says which entry is wrong.
        """
        path = Path(path) if path else share_folder('config') / 'synthetic.yaml'
        return read(cls, with_changes(read_yaml(path), changes), '')


def _shares(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        require(0 <= value <= 1, f'{name} must lie in 0..1', value)


def _ascending(config: object, *names: str) -> None:
    for name in names:
        low, high = getattr(config, name)
        require(low <= high, f'{name} must be two ascending numbers', (low, high))


def _weights(config: object, *names: str) -> None:
    for name in names:
        value = getattr(config, name)
        weights = list(value.values() if isinstance(value, dict) else value)
        require(min(weights, default=0) >= 0 and sum(weights) > 0,
                f'{name} must be weights that are not negative, and not all 0', value)
