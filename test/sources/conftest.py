from __future__ import annotations

import cv2
import numpy as np
import pytest


@pytest.fixture
def film_levels():
    """The grey level of each frame of ``film``."""
    return [10 + 20 * i for i in range(12)]


@pytest.fixture
def film(tmp_path, film_levels):
    """Twelve frames at 25 per second, each with a grey level of its own."""
    path = tmp_path / 'film.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25, (64, 48))
    for level in film_levels:
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


@pytest.fixture
def levels():
    """Mean grey levels of frames, rounded."""
    return lambda frames: [round(float(f.image.mean())) for f in frames]
