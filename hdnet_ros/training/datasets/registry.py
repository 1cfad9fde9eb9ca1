"""The kinds of data sets, by name."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hdnet_ros.skeleton import JointSet
from hdnet_ros.training.config_reading import read
from hdnet_ros.training.errors import ConfigError

from .coco2d import Coco2DConfig, open_coco2d
from .dataset import DataSet, DataSetConfig
from .human36m import Human36M
from .human36m_coco import open_human36m_coco
from .human36m_splits import Human36MConfig
from .muco import MuCoConfig, open_muco
from .mupots import MuPoTSConfig, open_mupots
from .synthetic import SyntheticConfig, open_synthetic

KINDS: Mapping[str, tuple[type[DataSetConfig], Callable[[Any, JointSet], DataSet]]] = {
    'human36m': (Human36MConfig, Human36M),
    'human36m_coco': (Human36MConfig, open_human36m_coco),
    'muco': (MuCoConfig, open_muco),
    'mupots': (MuPoTSConfig, open_mupots),
    'coco2d': (Coco2DConfig, open_coco2d),
    'synthetic': (SyntheticConfig, open_synthetic),
}


def read_data_set(values: Any, where: str) -> DataSetConfig:
    """The configuration of a data set from plain data; its ``kind`` tells which keys it has."""
    if not isinstance(values, Mapping) or values.get('kind') not in KINDS:
        raise ConfigError(f'{where}.kind must be one of {", ".join(KINDS)}')
    return read(KINDS[values['kind']][0], values, where)


def open_data_set(config: DataSetConfig, target: JointSet) -> DataSet:
    """The data set, with joints in the order of ``target``; DataSetError if it cannot be used."""
    return KINDS[config.kind][1](config, target)
