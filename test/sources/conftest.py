from __future__ import annotations

import pytest


@pytest.fixture
def film_levels():
    """The grey level of each frame of ``film``."""
    return [10 + 20 * i for i in range(12)]


@pytest.fixture
def film(tmp_path, film_levels, write_film):
    """Twelve frames at 25 per second, each with a grey level of its own."""
    return write_film(tmp_path / 'film.avi', film_levels, 25)


@pytest.fixture
def levels():
    """Mean grey levels of frames, rounded."""
    return lambda frames: [round(float(f.image.mean())) for f in frames]
