"""Frozen dataclasses out of YAML: every key is checked, and every complaint names the key."""
from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from .errors import ConfigError

T = TypeVar('T')
# How classes are read that have rules of their own: function of the plain value and its key.
Readers = Mapping[type, Callable[[Any, str], Any]]


def read_yaml(path: str | Path) -> dict[str, Any]:
    """The mapping in a YAML file; ConfigError if there is none."""
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f'cannot read {path}: {getattr(error, "strerror", None) or error}') from error
    except yaml.YAMLError as error:
        raise ConfigError(f'{path} is not YAML: {error}') from error
    if not isinstance(content, dict):
        raise ConfigError(f'{path} must hold a mapping, not {type(content).__name__}')
    return content


def with_changes(values: Mapping[str, Any], changes: Sequence[str]) -> dict[str, Any]:
    """A copy of nested mappings with ``key.key=value`` changes applied; values are read as YAML.

    Numbers in a key count through a list: ``data.train.0.folder=people``.
    """
    root = _copy(values)
    for change in changes:
        path, equals, text = change.partition('=')
        if not equals or not path:
            raise ConfigError(f'a change must look like key=value, not {change!r}')
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise ConfigError(f'{path}: {text!r} is not YAML') from error
        _put(root, path, value)
    return root


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, (list, tuple)) else value


def _put(root: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split('.')
    place: Any = root
    for key in parents:
        place = _item(place, key, path, create=True)
    if isinstance(place, list):
        _item(place, last, path)
        place[int(last)] = value
    elif isinstance(place, dict):
        place[last] = value
    else:
        raise ConfigError(f'{path}: there is nothing inside {".".join(parents)} to change')


def _item(place: Any, key: str, path: str, create: bool = False) -> Any:
    if isinstance(place, list):
        if not key.isdigit() or int(key) >= len(place):
            raise ConfigError(f'{path}: {key!r} must be a number below {len(place)}')
        return place[int(key)]
    if not isinstance(place, dict):
        raise ConfigError(f'{path}: there is no mapping around {key!r}')
    if create and place.get(key) is None:
        place[key] = {}
    return place[key]


def read(cls: type[T], values: Any, where: str, readers: Readers | None = None) -> T:
    """A dataclass from a mapping; absent keys take their defaults.

    where: the key of the mapping itself, for messages; '' at the top.
    Raises ConfigError for unknown keys, absent ones without default, wrong types, and whatever the class refuses.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f'{where or "the configuration"} must be a mapping, not {values!r}')
    fields = {field.name: field for field in dataclasses.fields(cls)}
    unknown = [str(key) for key in values if key not in fields]
    if unknown:
        raise ConfigError(f'unknown key {_join(where, unknown[0])}; known: {", ".join(fields)}')
    hints = typing.get_type_hints(cls)
    arguments = {name: convert(hints[name], value, _join(where, name), readers) for name, value in values.items()}
    missing = [name for name, field in fields.items() if name not in arguments
               and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING]
    if missing:
        raise ConfigError(f'{_join(where, missing[0])} is missing')
    try:
        return cls(**arguments)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f'{where}.{error}' if where else str(error)) from error


def convert(kind: Any, value: Any, where: str, readers: Readers | None = None) -> Any:
    """A value of a type hint: bool, int, float, str, X | None, tuple, dict or a dataclass; ConfigError otherwise."""
    if readers and kind in readers:
        return readers[kind](value, where)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return convert(next(each for each in arguments if each is not type(None)), value, where, readers)
    if dataclasses.is_dataclass(kind):
        return read(kind, value, where, readers)
    if origin is tuple:
        return _tuple(arguments, value, where, readers)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise ConfigError(f'{where} must be a mapping, not {value!r}')
        return {convert(arguments[0], key, where): convert(arguments[1], each, _join(where, str(key)), readers)
                for key, each in value.items()}
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    if kind is not float and isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    names = {bool: 'true or false', int: 'an integer', float: 'a number', str: 'a text'}
    # YAML 1.1 reads 1e-4 as text.
    hint = ' (write 1.0e-4, not 1e-4)' if kind in (int, float) and isinstance(value, str) else ''
    raise ConfigError(f'{where} must be {names[kind]}, not {value!r}{hint}')


def _tuple(arguments: tuple[Any, ...], value: Any, where: str, readers: Readers | None) -> tuple[Any, ...]:
    if not isinstance(value, (list, tuple)):
        raise ConfigError(f'{where} must be a list, not {value!r}')
    kinds = [arguments[0]] * len(value) if arguments[-1] is Ellipsis else list(arguments)
    if len(kinds) != len(value):
        raise ConfigError(f'{where} must have {len(kinds)} values, not {len(value)}')
    return tuple(convert(kind, each, _join(where, str(i)), readers) for i, (kind, each) in enumerate(zip(kinds, value)))


def to_plain(value: Any) -> Any:
    """The inverse of ``read``: dataclasses as mappings and tuples as lists, as YAML and JSON hold them."""
    if dataclasses.is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(each) for key, each in value.items()}
    return [to_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _join(where: str, name: str) -> str:
    return f'{where}.{name}' if where else name
