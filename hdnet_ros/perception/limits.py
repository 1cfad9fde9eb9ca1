"""What settings of the stages have to keep to; ValueError names the first that does not."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hdnet_ros.requirement import require


def at_least(config: Any, least: float, *names: str) -> None:
    """These settings are finite and not below ``least``."""
    _each(config, names, lambda value: least <= value < float('inf'), f'at least {least}')


def positive(config: Any, *names: str) -> None:
    """These settings are finite and above 0."""
    _each(config, names, lambda value: 0 < value < float('inf'), 'positive')


def share(config: Any, *names: str) -> None:
    """These settings lie in 0..1, both included."""
    _each(config, names, lambda value: 0 <= value <= 1, 'in 0..1')


def one_of(config: Any, **known: tuple[str, ...]) -> None:
    """These settings, given with the values that they may have, have one of them."""
    for name, values in known.items():
        _each(config, (name,), values.__contains__, f'one of {", ".join(values)}')


def _each(config: Any, names: tuple[str, ...], good: Callable[[Any], bool], what: str) -> None:
    for name in names:
        value = getattr(config, name)
        require(good(value), f'{name} must be {what}', value)
