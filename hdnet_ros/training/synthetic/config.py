"""What can be said about the distributions that synthetic images are drawn from; values: ``config/synthetic.yaml``.

The rest is part of the code that draws: the joints of drawn poses, colours of clothes, rooms, patterns and the like.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True)
class LightConfig:
    """Ambient and key light."""

    ambient: Range
    ambient_saturation: Range
    key: Range
    key_elevation_deg: Range
    from_panorama_share: float


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

    @classmethod
    def load(cls, path: str | Path | None = None, changes: Sequence[str] = ()) -> SyntheticConfig:
        """Read a YAML file (default: ``config/synthetic.yaml``), then apply ``key.key=value`` changes.

        ConfigError says which entry is wrong.
        """
        path = Path(path) if path else share_folder('config') / 'synthetic.yaml'
        return read(cls, with_changes(read_yaml(path), changes), '')
