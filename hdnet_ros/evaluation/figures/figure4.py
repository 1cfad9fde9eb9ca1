"""The largest errors as pictures, each with its circumstances in numbers (Figure 4 of the paper)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np

from hdnet_ros.drawing import strokes
from hdnet_ros.drawing.palette import COLORS, WHITE, Color, mix
from hdnet_ros.drawing.views import FAINT, INK, PAPER

from ..people_table import TruthTable
from .data import Picture
from .errors import PersonError, true_boxes

COLUMNS = 4
TILE_PX = (360, 380)      # width and height of a picture
CAPTION_PX = 96
_GAP_PX = 14
_AROUND = 0.35            # of the person's box is shown on each side
OWN: Color = COLORS[4]
OTHER: Color = COLORS[1]


def draw_figure4(errors: Sequence[PersonError], truth: TruthTable, pictures: Mapping[str, Picture],
                 plain: bool = False) -> np.ndarray:
    """One tile per error, in their order: the person's true box, those of others, and the numbers below.

    pictures: of the images of these errors. plain: leave the images out, so that nobody can be recognised.
    Returns an image, (H, W, 3) uint8 BGR, with ``COLUMNS`` tiles in a row.
    """
    boxes = true_boxes(truth)
    tiles = [_tile(number, error, truth, boxes, pictures[error.image_id], plain)
             for number, error in enumerate(errors, start=1)]
    columns = max(1, min(COLUMNS, len(tiles)))
    width, height = TILE_PX[0] + _GAP_PX, TILE_PX[1] + CAPTION_PX + _GAP_PX
    sheet = np.full((-(-len(tiles) // columns) * height + _GAP_PX, columns * width + _GAP_PX, 3), PAPER, np.uint8)
    for number, tile in enumerate(tiles):
        y, x = _GAP_PX + number // columns * height, _GAP_PX + number % columns * width
        sheet[y:y + tile.shape[0], x:x + tile.shape[1]] = tile
    return sheet


def _tile(number: int, error: PersonError, truth: TruthTable, boxes: np.ndarray, picture: Picture,
          plain: bool) -> np.ndarray:
    box = boxes[error.truth_row]
    others = [row for row in np.flatnonzero(truth.image == truth.image[error.truth_row]) if row != error.truth_row]
    image, place = _crop(np.full_like(picture.image, 90) if plain else picture.image, box)
    for row in others:
        _frame(image, place(boxes[row]), OTHER, 2)
    _frame(image, place(box), OWN, 3)
    caption = np.full((CAPTION_PX, TILE_PX[0], 3), PAPER, np.uint8)
    side = 'too far' if error.depth_error > 0 else 'too near'
    numbers = [f'covered {100 * error.overlap:.0f} %']
    if np.isfinite(error.size):
        numbers.append(f'size {100 * error.size:.0f} %')
    if np.isfinite(error.hidden):
        numbers.append(f'hidden {100 * error.hidden:.0f} %')
    if error.cut_off > 0:
        numbers.append(f'cut off {100 * error.cut_off:.0f} %')
    strokes.text(caption, f'{number}  {error.image_id}', (2, 8), 11, INK, anchor=(0, 0))
    strokes.text(caption, f'{error.error_m:.2f} m off, {abs(100 * error.depth_error):.0f} % {side} at '
                          f'{error.distance_m:.1f} m', (2, 31), 11, mix(OWN, INK, 0.2), anchor=(0, 0))
    strokes.text(caption, ', '.join(numbers), (2, 53), 9.5, FAINT, anchor=(0, 0))
    strokes.text(caption, ' + '.join(error.causes) or 'none of these', (2, 73), 11, INK, anchor=(0, 0))
    return np.vstack([image, caption])


def _crop(image: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """The surroundings of a box in the size of a tile, and a function from its boxes to (2, 2) corners there."""
    size = np.array(TILE_PX, float)
    half = (box[2:] - box[:2]) * (0.5 + _AROUND)
    scale = float(np.min(size / np.maximum(2 * half, 1.0)))
    corner = (box[:2] + box[2:]) / 2 - size / 2 / scale
    matrix = np.array([[scale, 0, -corner[0] * scale], [0, scale, -corner[1] * scale]])
    shrinks = scale < 1
    if shrinks:     # smooth first: warpAffine takes single pixels only
        image = cv2.GaussianBlur(image, (0, 0), 0.4 / scale)
    tile = cv2.warpAffine(image, matrix, TILE_PX, flags=cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=mix(PAPER, FAINT, 0.35))
    return tile, lambda other: (other.reshape(2, 2) - corner) * scale


def _frame(image: np.ndarray, corners: np.ndarray, color: Color, width: int) -> None:
    """Draw a box of (2, 2) corners; sides outside of the tile are not drawn."""
    (x0, y0), (x1, y1) = corners
    around = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    strokes.line(image, around, WHITE, width + 2, closed=True)
    strokes.line(image, around, color, width, closed=True)
