"""What keeps synthetic people from being made, and lazy import of the optional packages."""
from __future__ import annotations

import importlib
from types import ModuleType

INSTALL = 'pip install anny==0.6.2 moderngl'
SYSTEM_INSTALL = 'sudo apt install libegl1 libgl1-mesa-dri'


class SyntheticError(RuntimeError):
    """Synthetic people cannot be made here; the message says why and what to do."""


def optional(name: str) -> ModuleType:
    """Import an optional package by name; SyntheticError names the command that installs it."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise SyntheticError(f'synthetic people need the package {name.split(".")[0]!r} ({error}); '
                             f'run: {INSTALL}') from error
