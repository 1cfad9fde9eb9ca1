"""One line of a file of predictions: everybody whom a system placed in one image, as JSON.

The first line of the file is a header. Numbers that are unknown are null. Metres are rounded to micrometres and pixels
to thousandths.
"""
from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..skeleton import joint_set as joint_set_of

FORMAT = 'hdnet people'
VERSION = 1
DIGITS = {'box': 3, 'root': 6, 'root_px': 3, 'log_sigma': 6, 'joints_px': 3, 'joints': 6}
REQUIRED = ('root', 'score')


class RecordError(ValueError):
    """What is wrong with a record, without its place."""


@dataclass(frozen=True, eq=False)
class EstimatedPerson:
    """One person whom a system has placed.

    root: (3,) metres, camera frame; box: (4,) x_min, y_min, x_max, y_max, px; score: how sure the detector was.
    root_px: (2,) px; log_sigma: standard deviation of the natural logarithm of the depth.
    joints_px: (J, 2) px; joints: (J, 3) metres, camera frame. None or NaN where unknown.
    """

    root: np.ndarray
    score: float = 1.0
    box: np.ndarray | None = None
    root_px: np.ndarray | None = None
    log_sigma: float | None = None
    joints_px: np.ndarray | None = None
    joints: np.ndarray | None = None


@dataclass(frozen=True)
class Header:
    """What holds for all records of a file: the joints, and anything worth knowing about the run."""

    joint_set: str | None = None
    about: dict = field(default_factory=dict)

    def encode(self) -> str:
        """The first line of a file."""
        return _line({'format': FORMAT, 'version': VERSION, 'joint_set': self.joint_set, 'about': self.about})

    @classmethod
    def decode(cls, line: bytes) -> Header:
        """Raises RecordError if this is not the first line of such a file."""
        content = parse(line)
        if content.get('format') != FORMAT:
            raise RecordError(f'expected a header with "format": "{FORMAT}"; this is another kind of file')
        if content.get('version') != VERSION:
            raise RecordError(f'version {content.get("version")} of the format is not known here, only {VERSION}')
        header = cls(content.get('joint_set'), content.get('about', {}))
        if not isinstance(header.about, dict):
            raise RecordError(f'"about" must be a JSON object, not {_short(header.about)}')
        try:
            header.shapes()
        except ValueError as error:
            raise RecordError(str(error)) from None
        return header

    def differs_in(self, other: Header) -> list[str]:
        """What two headers that were read do not have in common, by name; empty if they are the same."""
        mine, its = ({'joint_set': header.joint_set, **header.about} for header in (self, other))
        return [name for name in {**mine, **its} if name not in mine or name not in its or mine[name] != its[name]]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each value of a person, by name."""
        shapes = {'root': (3,), 'score': (), 'box': (4,), 'root_px': (2,), 'log_sigma': ()}
        if self.joint_set is not None:
            count = len(joint_set_of(self.joint_set))
            shapes.update(joints_px=(count, 2), joints=(count, 3))
        return shapes


def parse(line: bytes) -> dict:
    """The JSON object of a line; RecordError if it is none."""
    try:
        content = json.loads(line)
    except ValueError as error:
        raise RecordError(f'not valid JSON ({error})') from None
    if not isinstance(content, dict):
        raise RecordError(f'expected a JSON object, not {type(content).__name__}')
    return content


def encode(image_id: str, people: Sequence[EstimatedPerson], header: Header) -> str:
    """The line of one image, which may show nobody; RecordError if a person could not be read back."""
    shapes = header.shapes()
    records = []
    for number, person in enumerate(people):
        record = {name: _plain(getattr(person, name), DIGITS.get(name)) for name in shapes}
        fault = fault_of(record, shapes)
        if fault:
            raise RecordError(f'person {number}: {fault}')
        records.append({name: value for name, value in record.items() if value is not None})
    return _line({'image': image_id, 'people': records})


def _line(content: dict) -> str:
    return json.dumps(content, allow_nan=False, separators=(',', ':')) + '\n'


def _plain(value: object, digits: int | None) -> object:
    """Numbers and lists for JSON, with None for NaN."""
    if value is None:
        return None
    array = np.asarray(value, dtype=np.float64)
    if digits is not None:
        array = array.round(digits)
    if np.isnan(array).all():
        return None
    return np.where(np.isnan(array), None, array).tolist() if np.isnan(array).any() else array.tolist()


def columns_of(people: Sequence[dict], shapes: dict[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    """Values of many people as float arrays, (people, *shape), NaN where they have none.

    Raises RecordError if somebody among them is malformed; ``fault_of`` tells for each what it is.
    """
    if not all(isinstance(person, dict) and person.keys() <= shapes.keys() for person in people):
        raise RecordError('a person is no JSON object, or has values that are not known')
    columns = {}
    for name, shape in shapes.items():
        blank = np.full(shape, np.nan).tolist()
        values = [blank if person.get(name) is None else person[name] for person in people]
        try:
            column = np.array(values, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            raise RecordError(f'{name}: not everybody has numbers of shape {shape}') from None
        if not people:
            column = column.reshape(0, *shape)
        if column.shape != (len(people), *shape):
            raise RecordError(f'{name}: not everybody has shape {shape}')
        if np.isinf(column).any() or (name in REQUIRED and np.isnan(column).any()):
            raise RecordError(f'{name}: not everybody has finite numbers')
        columns[name] = column
    return columns


def fault_of(person: object, shapes: dict[str, tuple[int, ...]]) -> str | None:
    """What is wrong with one person, in words for a user; None if nothing is."""
    if not isinstance(person, dict):
        return f'expected a JSON object, not {_short(person)}'
    unknown = sorted(person.keys() - shapes.keys())
    if unknown:
        hint = '; the header names no joint_set' if {'joints', 'joints_px'} & set(unknown) else ''
        return f'unknown value {unknown[0]!r}; known are {", ".join(shapes)}{hint}'
    for name, shape in shapes.items():
        value = person.get(name)
        if value is None and name not in REQUIRED:
            continue
        try:
            column = np.array(value, dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            column = None
        if value is None or column is None or column.shape != shape:
            what = f'numbers of shape {shape}' if shape else 'a number'
            return f'{name}: expected {what}, not {_short(value)}'
        if np.isinf(column).any() or (name in REQUIRED and np.isnan(column).any()):
            return f'{name}: expected finite numbers, not {_short(value)}'
    return None


def _short(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else text[:77] + '...'
