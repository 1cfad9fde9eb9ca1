"""Reading files of other people's predictions: whatever is malformed is a PredictionError with file and record."""
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hdnet_ros.training.datasets.files import shortened

from ..people_table import PredictionError

# From the numbers that files call images by to the names that we do.
ImageNames = Mapping[int, str]


def read_list(path: Path, what: str) -> list[Any]:
    """The list in a JSON file."""
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise PredictionError(f'{path} cannot be read ({error.strerror}); {what} were expected there') from error
    except ValueError as error:
        raise PredictionError(f'{path} is no JSON file ({error}); {what} were expected there') from error
    if not isinstance(content, list):
        raise PredictionError(f'{path} must hold a list ({what}), not a {type(content).__name__}')
    return content


def image_of(record: Any, names: ImageNames, where: str) -> str:
    """The name of a record's image."""
    if not isinstance(record, dict):
        raise PredictionError(f'{where} must be a mapping, not {shortened(record)}')
    number = record.get('image_id')
    if not isinstance(number, int) or isinstance(number, bool):
        raise PredictionError(f"{where} must have an integer 'image_id', not {shortened(number)}")
    if number not in names:
        raise PredictionError(f'{where}: the annotations have no image {number}; do they belong to the same data set?')
    return names[number]


def numbers(record: Mapping[str, Any], key: str, count: int, where: str) -> np.ndarray:
    """(count,) finite numbers under a key."""
    try:
        values = np.asarray(record.get(key), dtype=np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != (count,) or not np.isfinite(values).all():
        raise PredictionError(f'{where}: {key!r} must be {count} finite numbers, not {shortened(record.get(key))}')
    return values


def box_corners(record: Mapping[str, Any], where: str) -> np.ndarray:
    """(4,) x_min, y_min, x_max, y_max of ``bbox``, which is x, y, width, height; it must not be empty."""
    x, y, width, height = numbers(record, 'bbox', 4, where)
    if width <= 0 or height <= 0:
        raise PredictionError(f"{where}: 'bbox' must be x, y, width and height, but width {width:g} and height "
                              f'{height:g} are not both positive')
    return np.array([x, y, x + width, y + height])


def score_of(record: Mapping[str, Any], where: str) -> float:
    """The number under ``score``; 1 if there is none."""
    score = record.get('score', 1.0)
    if not isinstance(score, (int, float)) or isinstance(score, bool) or not np.isfinite(score):
        raise PredictionError(f"{where}: 'score' must be a finite number, not {shortened(score)}")
    return float(score)
