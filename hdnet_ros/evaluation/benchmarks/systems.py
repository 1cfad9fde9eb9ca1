"""The systems that a benchmark compares, ready to run."""
from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hdnet_ros.evaluation.benchmarks.synthetic import samples_of
from hdnet_ros.evaluation.systems import geometric
from hdnet_ros.evaluation.systems.named import NamedLocator
from hdnet_ros.evaluation.systems.registry import make_system
from hdnet_ros.models import manifest, model_path
from hdnet_ros.perception.root import RootConfig, RootLocator

# HDNet with the windows that its checkpoint asks for, with one per person, and with as few as hold everybody.
HDNET_WINDOWS = {'hdnet': 'checkpoint', 'hdnet_box': 'box', 'hdnet_packed': 'packed'}
LABELS = {
    'hdnet': 'HDNet', 'hdnet_box': 'HDNet, a window each', 'hdnet_packed': 'HDNet, packed windows',
    'combined': 'HDNet and geometric', 'rootnet': 'RootNet',
    'geometric_ransac': 'Geometric, RANSAC', 'geometric_all': 'Geometric, all joints',
    'geometric_trunk': 'Geometric, no limbs', 'box_size': 'Box size', 'constant': 'Constant depth',
}
# What the two simplest systems know about people without a folder to learn it from: fitted to 6,000 images of
# `hdnet synthesize` (training split), where boxes are lower than people are tall.
BOX_HEIGHT_M = 1.66
CONSTANT_DEPTH_M = 3.15


class SystemFiles(NamedTuple):
    """What systems need: checkpoints, and a folder of ``hdnet synthesize`` to fit the simplest ones to; '' is none.

    A checkpoint is a file, or the name of a model in the manifest.
    """

    hdnet: str = ''
    rootnet: str = ''
    training: str = ''


@dataclass(frozen=True, eq=False)
class System:
    """A system of a benchmark.

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


def names_for(files: SystemFiles) -> tuple[str, ...]:
    """The systems to compare with these files: all that can run, HDNet in its own windows and with one per person."""
    networks = ('hdnet', 'hdnet_box', 'combined') if files.hdnet else ()
    networks += ('rootnet',) if files.rootnet else ()
    return (*networks, *(name for name in LABELS if name not in (*HDNET_WINDOWS, 'combined', 'rootnet')))


def make_systems(files: SystemFiles, only: Iterable[str] = (), device: str = 'auto') -> list[System]:
    """The systems of these names (of ``LABELS``), default: ``names_for(files)``.

    The geometric ones need a lifter when they run.
    ValueError for an unknown name or a system that lacks its checkpoint; CheckpointError, ModelError or DataSetError if
    a file cannot be used.
    """
    return [_make(name, files, device) for name in tuple(only) or names_for(files)]


def hdnet_system(checkpoint: str | Path, name: str = 'hdnet', device: str = 'auto') -> System:
    """HDNet with windows as ``HDNET_WINDOWS`` says of that name."""
    config = RootConfig(kind='hdnet', checkpoint=str(checkpoint), device=device, window_policy=HDNET_WINDOWS[name])
    return System(NamedLocator(make_system('hdnet', config), name), _identity(checkpoint), 'own')


def _make(name: str, files: SystemFiles, device: str) -> System:
    if name not in LABELS:
        raise ValueError(f'there is no system {name!r}; known: {", ".join(LABELS)}')
    if name in HDNET_WINDOWS:
        if not files.hdnet:
            raise ValueError(f'the system {name!r} needs a checkpoint of HDNet')
        return hdnet_system(files.hdnet, name, device)
    if name == 'combined':
        if not files.hdnet:
            raise ValueError('the system \'combined\' needs a checkpoint of HDNet')
        config = RootConfig(kind=name, checkpoint=str(files.hdnet), device=device)
        return System(make_system(name, config), _identity(files.hdnet), 'lifter')
    if name == 'rootnet':
        return System(make_system(name, RootConfig(checkpoint=files.rootnet, device=device)), _identity(files.rootnet))
    if name in geometric.NAMES:
        return System(make_system(name), joints='lifter')
    locator = make_system(name, training=samples_of(files.training) if files.training else None,
                          body_height_m=BOX_HEIGHT_M, depth_m=CONSTANT_DEPTH_M)
    return System(locator, {key: round(value, 6) for key, value in vars(locator).items()
                            if key in ('height_m', 'depth_m')})


def _identity(checkpoint: str | Path) -> dict[str, str]:
    """What a checkpoint is, wherever it lies."""
    path = Path(checkpoint)
    if not path.exists() and str(checkpoint) in manifest():
        path = model_path(str(checkpoint))
    return {'sha256': hashlib.sha256(path.read_bytes()).hexdigest()}
