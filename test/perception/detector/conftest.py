"""The real detector and real frames; fetched once if they are not in the cache yet."""
from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from hdnet_ros.models import fetch


@pytest.fixture(scope='session')
def fetched() -> None:
    fetch(['ssd_mobilenet_v2', 'pose2sim_footage'], progress=False)


@pytest.fixture(scope='session')
def frame(fetched) -> Callable[[str, int], np.ndarray]:
    """A function from a camera of the footage ('cam01'...) and a frame number to the image."""
    from hdnet_ros.models import model_path

    def read(camera: str, number: int) -> np.ndarray:
        video = cv2.VideoCapture(str(model_path('pose2sim_footage') / f'{camera}.mp4'))
        for _ in range(number):
            assert video.grab()
        good, image = video.read()
        video.release()
        assert good
        return image
    return read
