"""Checkpoints of a run: everything that going on as if nothing had happened needs."""
from __future__ import annotations

import os
import random
import re
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hdnet_ros.network import CheckpointError
from hdnet_ros.network.checkpoint_file import read_checkpoint

from .config import TrainingConfig
from .errors import TrainingError

FOLDER = 'checkpoints'
_NAME = re.compile(r'step_(\d+)\.pt')
# What may change when a run goes on.
CHANGEABLE = ('run',)


def save_state(folder: Path, step: int, state: dict[str, Any], keep: int) -> Path:
    """Write ``checkpoints/step_NNNNNNNN.pt``, whole or not at all, and drop all but the newest ``keep``.

    step: number of steps done; state: plain data and tensors.
    """
    checkpoints = folder / FOLDER
    checkpoints.mkdir(parents=True, exist_ok=True)
    path = checkpoints / f'step_{step:08d}.pt'
    handle, temporary = tempfile.mkstemp(dir=checkpoints, prefix='.writing.')
    try:
        with os.fdopen(handle, 'wb') as file:
            torch.save({**state, 'step': step, 'random': _random_state()}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    for old in checkpoint_files(folder)[keep:]:
        old.unlink(missing_ok=True)
    return path


def checkpoint_files(folder: Path) -> list[Path]:
    """The checkpoints of a run, newest first."""
    found = [(int(match[1]), path) for path in (folder / FOLDER).glob('step_*.pt')
             if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found, reverse=True)]


def load_state(folder: Path, config: TrainingConfig) -> dict[str, Any] | None:
    """The newest checkpoint that can be read, with the random states set to its; None if there is no checkpoint.

    A damaged one is passed over with a warning. TrainingError if all are damaged, or if the run has another
    configuration, apart from how the work is carried out.
    """
    files = checkpoint_files(folder)
    for path in files:
        try:
            state, _ = read_checkpoint(path)
            check_config(state['config'], config, path)
            _set_random_state(state['random'])
            return state
        except (CheckpointError, KeyError) as error:
            warnings.warn(f'{path} cannot be used ({error}); going back to the one before', stacklevel=2)
    if files:
        raise TrainingError(f'none of the checkpoints in {folder / FOLDER} can be used; start anew in another folder')
    return None


def check_config(stored: dict[str, Any], config: TrainingConfig, path: Path, parts: Sequence[str] = ()) -> None:
    """TrainingError unless what a run stored as its configuration is this one, apart from how the work is done.

    parts: compare these alone, such as 'network'.
    """
    differing = [f'{key} is {old!r}, not {new!r}' for key, old, new in _differences(stored, config.to_dict(), '')
                 if (key.partition('.')[0] in parts if parts else key.partition('.')[0] not in CHANGEABLE)]
    if differing:
        raise TrainingError(f'{path} belongs to another configuration: ' + '; '.join(differing[:5])
                            + '. Choose another folder, or use the old values')


def _differences(old: Any, new: Any, where: str) -> list[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        return [each for key in dict.fromkeys([*old, *new])
                for each in _differences(old.get(key), new.get(key), f'{where}.{key}' if where else str(key))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [each for i, (a, b) in enumerate(zip(old, new)) for each in _differences(a, b, f'{where}.{i}')]
    return [] if old == new else [(where, old, new)]


def _random_state() -> dict[str, Any]:
    kind, keys, position, has_gauss, gauss = np.random.get_state()
    version, words, next_gauss = random.getstate()
    return {'python': [version, list(words), next_gauss],
            'numpy': [kind, torch.from_numpy(keys.astype(np.int64)), position, has_gauss, gauss],
            'torch': torch.get_rng_state(), 'cuda': torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []}


def _set_random_state(state: dict[str, Any]) -> None:
    version, words, next_gauss = state['python']
    random.setstate((version, tuple(words), next_gauss))
    kind, keys, *rest = state['numpy']
    np.random.set_state((kind, keys.numpy().astype(np.uint32), *rest))
    torch.set_rng_state(state['torch'])
    if torch.cuda.is_available() and len(state['cuda']) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state['cuda'])
