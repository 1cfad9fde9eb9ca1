"""The training configurations that come with the package: ``config/training/NAME.yaml``."""
from __future__ import annotations

from pathlib import Path

from hdnet_ros.resources import share_folder


def configuration_file(name: str) -> Path:
    """Where the configuration of that name lies, if there is one."""
    return share_folder('config') / 'training' / f'{name}.yaml'


def configuration_names() -> str:
    """All of them, for messages."""
    return ', '.join(sorted(path.stem for path in configuration_file('').parent.glob('*.yaml')))
