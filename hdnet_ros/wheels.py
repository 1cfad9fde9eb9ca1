"""Downloads one wheel of a pinned package through pip, without installing it."""
from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_ERROR_LINES = 4


class WheelError(RuntimeError):
    """pip is absent or could not download the wheel; the message holds pip's last words."""


def download_wheel(package: str, version: str, folder: Path, wheel: Mapping[str, str] | None = None,
                   show_progress: bool = False) -> Path:
    """Download ``package==version`` into an empty folder; the path of the wheel.

    wheel: pip's ``python-version``, ``implementation``, ``abi`` and ``platform`` where a certain wheel is wanted.
    pip's own configuration (index, proxy, cache) applies.
    Raises WheelError.
    """
    command = [sys.executable, '-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--ignore-requires-python',
               '--disable-pip-version-check', '--no-input', '--progress-bar', 'on' if show_progress else 'off',
               '--dest', str(folder)]
    for option, value in (wheel or {}).items():
        command += [f'--{option}', value]
    environment = dict(os.environ)
    environment.pop('PYTHONPATH', None)   # a sourced ROS workspace must not shadow what pip imports
    done = subprocess.run([*command, f'{package}=={version}'], env=environment, text=True, errors='replace',
                          stdin=subprocess.DEVNULL, stdout=sys.stderr if show_progress else subprocess.PIPE,
                          stderr=subprocess.PIPE)
    if done.returncode != 0:
        if 'No module named pip' in done.stderr:
            raise WheelError(f'{sys.executable} has no pip; install it: sudo apt install python3-pip '
                             '(in a virtual environment: python -m ensurepip)')
        raise WheelError(f'pip could not download {package}=={version}:\n{_last_words(done.stderr)}')
    found = sorted(folder.glob('*.whl'))
    if len(found) != 1:
        raise WheelError(f'pip reported success but left {len(found)} wheels in {folder}')
    return found[0]


def _last_words(text: str) -> str:
    """The lines of pip's error output that tell why, without repeats."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    errors = [line for line in lines if line.startswith('ERROR')] or lines
    causes = [line for line in lines if line.startswith('WARNING') and 'error' in line.lower()]
    return '\n'.join(f'  {line[:300]}' for line in (causes[-1:] + errors)[-_ERROR_LINES:])
