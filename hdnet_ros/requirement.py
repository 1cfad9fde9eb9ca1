"""How configurations refuse a value: with what it must be, and what it is."""
from __future__ import annotations


def require(condition: bool, text: str, value: object) -> None:
    """ValueError('text, not value') unless the condition holds; who reads the configuration puts its key in front."""
    if not condition:
        raise ValueError(f'{text}, not {value!r}')
