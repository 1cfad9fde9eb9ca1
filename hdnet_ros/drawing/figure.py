"""The whole picture: the image with its people beside the views in metres."""
from __future__ import annotations

import numpy as np

from ..camera import Camera
from ..perception.people import FrameResult
from .image import draw_people
from .memory import Memory
from .palette import Color
from .views import draw_views

_VIEWS_SHAPE = 0.72     # width of the views by the height of the figure
_SLATE: Color = (64, 56, 48)


def draw_figure(image: np.ndarray, result: FrameResult, camera: Camera, *, memory: Memory | None = None,
                plain: bool = False) -> np.ndarray:
    """The image with boxes, joints and distances beside a top and a side view of the same people.

    image: (H, W, 3) uint8 BGR; camera: of that image.
    memory: pass the same object for every frame of a film, so that colours and scales do not jump.
    plain: leave the image itself out, so that nobody can be recognised.
    The figure is as high as the image, but at least 540 and at most 1080 px; width and height are even, as video
    encoders want them.
    """
    memory = memory or Memory()
    memory.update(result.people)
    memory.palette.colors(result.people)      # everybody chooses together, the oldest first
    height = int(np.clip(image.shape[0], 540, 1080)) // 2 * 2
    width = max(2, round(image.shape[1] / image.shape[0] * height / 2) * 2)
    if plain:
        image = np.full_like(image, _SLATE)
    left = draw_people(image, result.people, camera, palette=memory.palette, size=(width, height))
    right = draw_views(result.people, camera, (round(height * _VIEWS_SHAPE / 2) * 2, height), memory=memory)
    return np.hstack([left, right])
