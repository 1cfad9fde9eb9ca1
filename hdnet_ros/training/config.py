"""Everything a training run can be told, as one frozen tree; ``config/training/*.yaml`` holds the values."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hdnet_ros.network import HDNetConfig
from hdnet_ros.network.config import WINDOW_POLICIES
from hdnet_ros.requirement import require
from hdnet_ros.window_layout import ROOM

from .augmentation_config import AugmentationConfig
from .config_reading import read, read_yaml, to_plain, with_changes
from .configurations import configuration_file, configuration_names
from .datasets.dataset import DataSetConfig
from .datasets.registry import read_data_set
from .errors import ConfigError
from .losses import LossesConfig
from .schedule import ScheduleConfig

PRECISIONS = ('float32', 'float16', 'bfloat16')
SELECTIONS = ('depth_median', 'depth_mean', 'root_error_mean_m', 'loss')


@dataclass(frozen=True)
class DataConfig:
    """What to learn from and what to choose the best weights by."""

    train: tuple[DataSetConfig, ...]
    validation: tuple[DataSetConfig, ...]

    def __post_init__(self) -> None:
        for name in ('train', 'validation'):
            entries = getattr(self, name)
            require(len(entries) > 0, f'{name} must list at least one data set', [])
            for entry in entries:
                require(entry.split != 'test',
                        f'{name}: a test set is for testing; split must be train, validation or all', entry.split)

    @property
    def seen_before(self) -> list[str]:
        """Folders of which validation sees what training learns from: fine for a trial, not to choose weights by."""
        return [entry.folder for entry in self.validation for learned in self.train if _share_images(learned, entry)]


def _share_images(one: DataSetConfig, other: DataSetConfig) -> bool:
    """Whether two entries have images in common, as far as their settings tell."""
    settings = vars(one), vars(other)
    places = {(each.kind, each.path.resolve(), each_settings.get('annotations'))
              for each, each_settings in zip((one, other), settings)}
    if len(places) > 1:
        return False
    # Splits leave each other alone only if both entries divide the set in the same way.
    divisions = [{key: value for key, value in each.items() if key.startswith('validation_')} for each in settings]
    return {one.split, other.split} != {'train', 'validation'} or divisions[0] != divisions[1]


@dataclass(frozen=True)
class WindowsConfig:
    """How windows are laid over the people of an image.

    policies: share of each window policy in training; validation uses the network's own.
    people: 'all' learns from everybody in a window in one pass, 'one' from one person per window (the paper).
    off_centre: probability that a window is moved, as far as the people in it allow.
    box_jitter: standard deviation of each edge of a box, as a share of the box's side, as a detector errs.
    room: least and most room around people in windows made smaller for them, as a share of their longer side; in use
        and in validation it is always the same.
    hidden_joints: learn also from joints that are annotated but not visible.
    min_height_px: people whose box is lower than that in the network's input are left out.
    """

    policies: dict[str, float] = field(default_factory=lambda: {'box': 1.0})
    people: str = 'all'
    off_centre: float = 0.0
    box_jitter: float = 0.0
    room: tuple[float, float] = (ROOM, ROOM)
    hidden_joints: bool = True
    min_height_px: float = 8.0

    def __post_init__(self) -> None:
        for policy, share in self.policies.items():
            require(policy in WINDOW_POLICIES, f'policies must be of {", ".join(WINDOW_POLICIES)}', policy)
            require(share > 0, f'policies.{policy} must be positive', share)
        require(bool(self.policies), 'policies must name at least one', {})
        require(self.people in ('all', 'one'), 'people must be all or one', self.people)
        require(0 <= self.off_centre <= 1, 'off_centre must lie in 0..1', self.off_centre)
        require(0 <= self.box_jitter < 0.5, 'box_jitter must lie in 0..0.5', self.box_jitter)
        require(len(self.room) == 2 and 0 <= self.room[0] <= self.room[1], 'room must be two ascending numbers',
                self.room)
        require(self.min_height_px >= 0, 'min_height_px must not be negative', self.min_height_px)


@dataclass(frozen=True)
class OptimiserConfig:
    """Adam and what surrounds it.

    weight_decay: decoupled (AdamW).
    clip_norm: largest norm of the gradient; 0: unlimited.
    average: decay per step of the moving average of the weights that is validated and shipped; 0: none.
    freeze_batchnorm: keep the statistics of batch normalisation as they were loaded.
    frozen_stride: the trunk's layers down to this stride (4, 8, 16, 32) stay as they were loaded; 0: all learn. What
        the first layers learned from photographs carries over from rendered people to real ones, and steps are faster.
    """

    weight_decay: float = 0.0
    clip_norm: float = 0.0
    average: float = 0.0
    freeze_batchnorm: bool = False
    frozen_stride: int = 0

    def __post_init__(self) -> None:
        require(self.weight_decay >= 0, 'weight_decay must not be negative', self.weight_decay)
        require(self.clip_norm >= 0, 'clip_norm must not be negative', self.clip_norm)
        require(0 <= self.average < 1, 'average must lie in 0..1', self.average)
        require(self.frozen_stride in (0, 4, 8, 16, 32), 'frozen_stride must be 0, 4, 8, 16 or 32', self.frozen_stride)


@dataclass(frozen=True)
class InitialConfig:
    """Weights to start from.

    imagenet: for the trunk: a file, or the name of a model in the manifest.
    checkpoint: for the whole network: a .safetensors of ours or a published checkpoint.
    """

    imagenet: str | None = None
    checkpoint: str | None = None

    def __post_init__(self) -> None:
        require(not (self.imagenet and self.checkpoint), 'imagenet and checkpoint exclude each other',
                (self.imagenet, self.checkpoint))


@dataclass(frozen=True)
class ValidationConfig:
    """images: how many to look at after each epoch; select: the figure whose lowest value makes the best weights."""

    images: int = 1000
    batch_size: int = 16
    select: str = 'depth_median'

    def __post_init__(self) -> None:
        require(self.images >= 1, 'images must be at least 1', self.images)
        require(self.batch_size >= 1, 'batch_size must be at least 1', self.batch_size)
        require(self.select in SELECTIONS, f'select must be one of {", ".join(SELECTIONS)}', self.select)


@dataclass(frozen=True)
class RunConfig:
    """How the work is carried out; none of it changes what is learned, apart from rounding with ``precision``.

    workers: processes that prepare batches; 0 prepares them in the training process.
    threads: of the CPU for torch; 0: as torch decides.
    """

    precision: str = 'float32'
    workers: int = 0
    threads: int = 0
    checkpoint_every_steps: int = 500
    keep_checkpoints: int = 3
    log_every_steps: int = 50
    pictures: bool = True
    tensorboard: bool = True

    def __post_init__(self) -> None:
        require(self.precision in PRECISIONS, f'precision must be one of {", ".join(PRECISIONS)}', self.precision)
        for name, least in (('workers', 0), ('threads', 0), ('checkpoint_every_steps', 1), ('keep_checkpoints', 1),
                            ('log_every_steps', 1)):
            require(getattr(self, name) >= least, f'{name} must be at least {least}', getattr(self, name))


@dataclass(frozen=True)
class TrainingConfig:
    """A whole training run."""

    network: HDNetConfig
    data: DataConfig
    schedule: ScheduleConfig
    windows: WindowsConfig = WindowsConfig()
    augmentation: AugmentationConfig = AugmentationConfig()
    losses: LossesConfig = LossesConfig()
    optimiser: OptimiserConfig = OptimiserConfig()
    initial: InitialConfig = InitialConfig()
    validation: ValidationConfig = ValidationConfig()
    run: RunConfig = RunConfig()
    seed: int = 0

    def __post_init__(self) -> None:
        require(0 <= self.seed < 2 ** 31, 'seed must be a small natural number', self.seed)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> TrainingConfig:
        """A configuration from plain data; ConfigError names the key that is wrong."""
        return read(cls, values, '', {HDNetConfig: _read_network, DataSetConfig: read_data_set})

    def to_dict(self) -> dict[str, Any]:
        """Plain data that ``from_dict`` reads again."""
        return to_plain(self)


def load_config(name: str | Path, changes: Sequence[str] = ()) -> TrainingConfig:
    """The configuration in a YAML file, or the one of that name in ``config/training/``.

    changes: ``key.key=value`` each, applied before anything is checked.
    Raises ConfigError.
    """
    path = Path(name)
    if not path.is_file():
        path = configuration_file(str(name))
        if not path.is_file():
            raise ConfigError(f'there is no file {name}, and no configuration of that name; known: '
                              + configuration_names())
    return TrainingConfig.from_dict(with_changes(read_yaml(path), changes))


def _read_network(values: Any, where: str) -> HDNetConfig:
    """``preset: name`` and what differs from it, or all fields."""
    if not isinstance(values, Mapping):
        raise ConfigError(f'{where} must be a mapping, not {values!r}')
    changes = dict(values)
    preset = changes.pop('preset', None)
    try:
        start = HDNetConfig.preset(preset).to_dict() if preset is not None else {}
        return HDNetConfig.from_dict({**start, **changes})
    except (ValueError, TypeError) as error:
        raise ConfigError(f'{where}: {error}') from error
