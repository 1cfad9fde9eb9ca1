"""Where the package's own data folders lie, in the source tree and once installed."""
from __future__ import annotations

from pathlib import Path

PACKAGE = 'hdnet_ros'


def share_folder(name: str, start: str | Path | None = None) -> Path:
    """The package's folder of that name (``'models'``, ``'config'``, ``'launch'``).

    In the source tree it lies beside ``package.xml``; in an install prefix it is ``share/hdnet_ros/<name>``,
    found by walking up from this file, so that it works without ROS and without an index of packages.
    start: the module file to start from; this one by default.
    Raises FileNotFoundError, naming the places that were tried.
    """
    module = Path(start or __file__).absolute()
    tried = []
    for parent in module.parents:
        source_tree = (parent / 'package.xml').is_file() and (parent / PACKAGE).is_dir()
        folder = parent / name if source_tree else parent / 'share' / PACKAGE / name
        if folder.is_dir():
            return folder
        tried.append(str(folder))
    raise FileNotFoundError(f'the folder {name!r} of {PACKAGE} was not found; tried {", ".join(tried)}')
