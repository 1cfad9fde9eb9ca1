"""An image with boxes, and the scene from the left, from the right and from above (Figure 5 of the paper)."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.drawing import Memory, draw_people, draw_top_view
from hdnet_ros.perception.people import Person

from .scene import LEFT_FRONT, RIGHT_FRONT, draw_scene

HEIGHT_PX = 640
_PANEL_WIDTH = 1.0     # by the height
_SLATE = (64, 56, 48)


def draw_figure5(image: np.ndarray, people: Sequence[Person], camera: Camera, *, truth: Sequence[Person] = (),
                 plain: bool = False) -> np.ndarray:
    """The four columns beside each other, ``HEIGHT_PX`` high.

    image: (H, W, 3) uint8 BGR; camera: of that image.
    truth: true people, drawn in grey from the left and from the right.
    plain: leave the image itself out, so that nobody can be recognised.
    """
    memory = Memory()
    memory.update([*people, *truth])
    if people:
        memory.palette.colors(people)
    if plain:
        image = np.full_like(image, _SLATE)
    width = max(2, round(image.shape[1] / image.shape[0] * HEIGHT_PX))
    panel = (round(_PANEL_WIDTH * HEIGHT_PX), HEIGHT_PX)
    return np.hstack([draw_people(image, people, camera, palette=memory.palette, size=(width, HEIGHT_PX)),
                      *(draw_scene(people, view, panel, memory=memory, truth=truth)
                        for view in (LEFT_FRONT, RIGHT_FRONT)),
                      draw_top_view(people, camera, panel, memory=memory)])
