"""Real frames to find people in."""
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture(scope='session')
def frame(read_frames) -> Callable[[str, int], np.ndarray]:
    """A function from a camera of the footage ('cam01'...) and a frame number to the image."""
    return lambda camera, number: read_frames(camera, [number])[number]
