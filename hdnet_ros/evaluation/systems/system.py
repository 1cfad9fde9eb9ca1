"""A system ready to run: its locator, what tells its predictions from others', and whose joints it sees."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from hdnet_ros.evaluation.systems import geometric
from hdnet_ros.evaluation.systems.named import NamedLocator
from hdnet_ros.evaluation.systems.registry import make_system
from hdnet_ros.models import file_or_model
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.root import RootConfig, RootLocator
from hdnet_ros.training.samples import Sample

NETWORKS = ('hdnet', 'combined', 'rootnet')
_JOINTS = {'hdnet': 'own', **dict.fromkeys(('combined', *geometric.NAMES), 'lifter')}


@dataclass(frozen=True, eq=False)
class System:
    """A system in a comparison.

    about: what tells its predictions from those of another version, as JSON values.
    joints: whose joints its predictions hold: 'own', 'lifter' or 'none'.
    """

    locator: RootLocator
    about: dict[str, Any] = field(default_factory=dict)
    joints: str = 'none'

    @property
    def name(self) -> str:
        """The locator's."""
        return self.locator.name

    @property
    def needs_lifter(self) -> bool:
        """Whether its predictions depend on skeletons."""
        return self.joints == 'lifter' or self.about.get('root_pixel') == 'lifter'

    @property
    def needs_size(self) -> bool:
        """Whether the size of skeletons alone tells it the distance; not every lifter knows one."""
        return self.about.get('system') in geometric.NAMES


def ready_system(name: str, config: RootConfig | None = None, *, label: str = '',
                 training: Iterable[Sample] | None = None, **simple: float) -> System:
    """The system of a name, under a label of its own if there is one.

    config, training, simple (``body_height_m``, ``depth_m``) and errors: as of ``make_system``.
    """
    config = config or RootConfig()
    locator = make_system(name, config, training=training, **simple)
    about: dict[str, Any] = {'system': name, 'root_pixel': config.root_pixel}
    if name in NETWORKS:
        about |= {'checkpoint': _digest(config.checkpoint), 'preset': config.preset,
                  'window_policy': config.window_policy, 'window_size': config.window_size,
                  'max_zoom': config.max_zoom, 'camera_roll_deg': config.camera_roll_deg,
                  'flip_test': config.flip_test}
    elif config.camera_roll_deg:    # detector and lifter know it, too
        about['camera_roll_deg'] = config.camera_roll_deg
    about |= {key: round(value, 6) for key, value in vars(locator).items() if key in ('height_m', 'depth_m')}
    return System(NamedLocator(locator, label) if label else locator, about, _JOINTS.get(name, 'none'))


def about_lifter(config: LifterConfig) -> dict[str, Any]:
    """What tells the skeletons of one lifter from those of another, as JSON values; where it runs does not."""
    about = {**asdict(config), 'path': _digest(config.path) if config.path else ''}
    del about['device']
    return about


def _digest(checkpoint: str) -> str:
    """What a checkpoint is, wherever it lies."""
    return hashlib.sha256(file_or_model(checkpoint).read_bytes()).hexdigest()
