"""Reading and writing checkpoint files safely: whatever is wrong with a file is a CheckpointError that says so."""
from __future__ import annotations

import json
import os
import pickle
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import nn

FORMAT = 'hdnet_ros'
LISTED = 10     # names in one error message
ZIP_MAGIC, PICKLE_MAGIC = b'PK\x03\x04', b'\x80'


class CheckpointError(ValueError):
    """A checkpoint that cannot be used; the message says what is wrong and what to do."""


def read_checkpoint(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, str] | None]:
    """The content of a checkpoint file, on the CPU; the kind is told by the content, not by the name.

    Returns (tensors by name, metadata of a .safetensors) or (the unpickled dictionary of a torch file, None).
    torch files are read with ``weights_only``: nothing in them is ever executed.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise CheckpointError(f'{path} is a folder, not a checkpoint file')
        with path.open('rb') as file:
            head = file.read(9)
    except FileNotFoundError:
        raise CheckpointError(f'there is no checkpoint {path}') from None
    except OSError as error:
        raise CheckpointError(f'cannot read {path}: {error.strerror}') from error
    if not head:
        raise CheckpointError(f'{path} is empty; fetch or copy it again')
    if head[8:9] == b'{':
        return _read_safetensors(path)
    if head.startswith((ZIP_MAGIC, PICKLE_MAGIC)):
        return _read_torch(path), None
    raise CheckpointError(f'{path} is neither a .safetensors file nor a torch checkpoint')


def tells_configuration(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of ours, which say themselves what they are; CheckpointError as ``read_checkpoint``."""
    return read_checkpoint(path)[1] is not None


def _read_safetensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    try:
        with safetensors.safe_open(path, framework='pt', device='cpu') as file:
            metadata = file.metadata() or {}
        # Not tensor by tensor: that leaves 27 kB for ever, each time (safetensors 0.8).
        return safetensors.torch.load(path.read_bytes()), metadata
    except KeyError as error:   # what safetensors knows, but not its reader for torch
        raise CheckpointError(f'{path} has tensors of the type {error}, which cannot be used') from error
    except (safetensors.SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(f'{path} is damaged or truncated ({error}); fetch or copy it again') from error


def _read_torch(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except Exception as error:   # on garbage, the readers below torch fail in more ways than can be listed
        if isinstance(error, pickle.UnpicklingError) and re.search('(?i)unsupported (global|class)', str(error)):
            raise CheckpointError(f'{path} holds more than tensors and plain data; it was not opened, since that '
                                  'could run code of whoever made it') from error
        raise CheckpointError(f'{path} is damaged or truncated ({type(error).__name__}); '
                              'fetch or copy it again') from error
    if not isinstance(content, dict):
        raise CheckpointError(f'{path} holds a {type(content).__name__}, not a dictionary of weights')
    return content


def weights_of(content: Mapping[str, Any], key: str, path: str | os.PathLike[str]) -> dict[str, torch.Tensor]:
    """The tensors under ``key`` of a training checkpoint, or of a bare state dict, without ``module.`` prefixes."""
    weights = content.get(key, content)
    if not isinstance(weights, Mapping) or not weights:
        raise CheckpointError(f'{path} has no weights under {key!r}')
    strays = [str(name) for name, value in weights.items()
              if not isinstance(name, str) or not isinstance(value, torch.Tensor)]
    if strays:
        raise CheckpointError(f'{path} has no weights under {key!r}, and not only tensors at its top: '
                              f'{shortened(strays)}')
    if all(name.startswith('module.') for name in weights):
        return {name.removeprefix('module.'): value for name, value in weights.items()}
    return dict(weights)


def fill(net: nn.Module, weights: Mapping[str, torch.Tensor], path: str | os.PathLike[str]) -> None:
    """Put weights into a network; CheckpointError lists every missing, extra, misshapen or non-finite tensor."""
    expected = net.state_dict()
    shapes = [f'{name} is {tuple(weights[name].shape)}, not {tuple(value.shape)}'
              for name, value in expected.items() if name in weights and weights[name].shape != value.shape]
    problems = [f'{len(names)} {what}: {shortened(names)}' for what, names in (
        ('missing', [name for name in expected if name not in weights]),
        ('extra', [name for name in weights if name not in expected]),
        ('of the wrong shape', shapes)) if names]
    if problems:
        raise CheckpointError(f'{path} does not fit this {type(net).__name__}; tensors ' + '; '.join(problems))
    kinds = [name for name, value in expected.items()
             if weights[name].is_floating_point() != value.is_floating_point()]
    if kinds:
        raise CheckpointError(f'{path} has tensors of the wrong type: {shortened(kinds)}')
    converted = {name: weights[name].to(value.dtype) for name, value in expected.items()}
    broken = [name for name, value in converted.items() if not value.isfinite().all()]
    if broken:
        raise CheckpointError(f'{path} has NaN or infinite values in {shortened(broken)}; its training diverged, or '
                              'the file is damaged')
    net.load_state_dict(converted)


def write_safetensors(net: nn.Module, path: str | os.PathLike[str], kind: str, config: Mapping[str, Any],
                      half: bool) -> None:
    """Write a network and its configuration; the file appears complete or not at all.

    half: float16 for the weight matrices; vectors (biases, batch statistics) stay float32, as they hardly take room
        and their range may exceed that of float16.
    """
    tensors = {}
    for name, value in net.state_dict().items():
        value = value.detach().cpu().contiguous()
        if half and value.ndim > 1 and value.is_floating_point():
            value = value.half()
        if not value.isfinite().all():
            raise CheckpointError(f'{name} has values that {"float16 cannot hold" if half else "are not finite"}; '
                                  f'{path} was not written')
        tensors[name] = value
    metadata = {'format': FORMAT, 'kind': kind, 'config': json.dumps(dict(config))}
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f'.{path.name}.')
    try:
        with os.fdopen(handle, 'wb') as file:
            file.write(safetensors.torch.save(tensors, metadata))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def config_of(metadata: Mapping[str, str], kind: str, path: str | os.PathLike[str]) -> dict[str, Any]:
    """The configuration in the metadata of one of our files; CheckpointError if it is of another make or kind."""
    if metadata.get('format') != FORMAT or 'config' not in metadata:
        raise CheckpointError(f'{path} has no hdnet_ros configuration in its metadata; convert it from the published '
                              'checkpoint by loading that and saving it again')
    if metadata.get('kind') != kind:
        raise CheckpointError(f'{path} holds a {metadata.get("kind")}, not a {kind}')
    try:
        config = json.loads(metadata['config'])
    except json.JSONDecodeError as error:
        raise CheckpointError(f'the configuration in {path} is not JSON: {error}') from error
    if not isinstance(config, dict):
        raise CheckpointError(f'the configuration in {path} is not a mapping')
    return config


def shortened(names: list[str]) -> str:
    """Names with commas, the first few only when there are many."""
    return ', '.join(names[:LISTED]) + (f' and {len(names) - LISTED} more' if len(names) > LISTED else '')


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
