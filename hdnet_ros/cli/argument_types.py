"""Types of arguments for argparse, whose messages name them."""
from __future__ import annotations

import argparse


def not_negative(text: str) -> int:
    """A natural number or 0."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f'must be 0 or more, not {value}')
    return value


def positive_number(text: str) -> float:
    """A finite number above 0."""
    value = float(text)
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'must be a number above 0, not {text}')
    return value


def positive(text: str) -> int:
    """A natural number from 1 on."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f'must be 1 or more, not {value}')
    return value
