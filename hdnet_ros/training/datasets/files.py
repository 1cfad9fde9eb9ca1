"""Reading annotation files: whatever is missing or malformed is a DataSetError that says what was expected where."""
from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.training.errors import DataSetError


def existing_file(path: Path, what: str) -> Path:
    """The path; DataSetError unless it is a file."""
    if not path.is_file():
        nearest = next((parent for parent in path.parents if parent.is_dir()), path.parent)
        raise DataSetError(f'{path} is missing: {what} was expected there '
                           f'({nearest} is the nearest folder that exists)')
    return path


def read_json(path: Path, what: str) -> dict[str, Any]:
    """The mapping in a JSON file."""
    try:
        content = json.loads(existing_file(path, what).read_text(encoding='utf-8'))
    except (ValueError, OSError) as error:
        raise DataSetError(f'{path} is not a readable JSON file ({error}); {what} was expected there') from error
    if not isinstance(content, dict):
        raise DataSetError(f'{path} must hold a mapping ({what}), not a {type(content).__name__}')
    return content


def rows(content: Mapping[str, Any], name: str, keys: Iterable[str], where: Path) -> list[dict[str, Any]]:
    """The list of mappings under ``name``, each of which has the keys."""
    value = content.get(name)
    if not isinstance(value, list):
        raise DataSetError(f'{where} must have a list {name!r}')
    keys = tuple(keys)
    for number, row in enumerate(value):
        missing = [key for key in keys if not isinstance(row, dict) or key not in row]
        if missing:
            raise DataSetError(f'{where}: entry {number} of {name!r} has no {missing[0]!r}')
    return value


def array(value: Any, shape: Sequence[int], where: str) -> np.ndarray:
    """Numbers of that shape (-1: any length) as float64."""
    try:
        numbers = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        numbers = np.empty(0)
    fits = numbers.ndim == len(shape) and all(want in (-1, have) for want, have in zip(shape, numbers.shape))
    if not fits:
        expected = ' x '.join('n' if length < 0 else str(length) for length in shape)
        raise DataSetError(f'{where} must be {expected} numbers, not {shortened(value)}')
    return numbers


def camera_matrix(focal: np.ndarray, principal: np.ndarray) -> np.ndarray:
    """(3, 3) from two focal lengths and the principal point, px."""
    return np.array([[focal[0], 0, principal[0]], [0, focal[1], principal[1]], [0, 0, 1]], dtype=np.float64)


def corners(box_xywh: np.ndarray) -> np.ndarray:
    """x, y, width, height to x_min, y_min, x_max, y_max."""
    return np.concatenate([box_xywh[..., :2], box_xywh[..., :2] + box_xywh[..., 2:]], axis=-1)


def box_around(joints_px: np.ndarray, margin: float) -> np.ndarray:
    """(4,) box around joints (J, 2), with room on each side as a share of the longer side."""
    low, high = np.nanmin(joints_px, axis=0), np.nanmax(joints_px, axis=0)
    room = margin * (high - low).max()
    return np.concatenate([low - room, high + room])


def project(K: np.ndarray, joints_camera: np.ndarray) -> np.ndarray:
    """(..., 3) to (..., 2) px of a camera without distortion."""
    return joints_camera[..., :2] / joints_camera[..., 2:] * K[[0, 1], [0, 1]] + K[:2, 2]


def shortened(value: Any) -> str:
    """A value for a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + '...'
