"""What can go wrong in training, as errors whose message is for the user."""
from __future__ import annotations


class TrainingError(RuntimeError):
    """Training cannot start or go on; the message says why and what to do."""


class ConfigError(ValueError):
    """A training configuration makes no sense; the message names the key."""


class DataSetError(RuntimeError):
    """A data set is missing, malformed or empty; the message says what was expected where."""
