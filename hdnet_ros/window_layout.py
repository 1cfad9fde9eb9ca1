"""Which windows to look at: one per person, one around the principal point, or the fewest that hold everybody.

Boxes are in ideal pixels (``window.ideal_boxes``), so that whoever needs them again need not undistort them twice.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.window import INPUT_SIZE, Window, turn_px, turned_box
from hdnet_ros.window_packing import group_boxes

# Around people in windows made smaller for them, as a share of their longer side: for joints that a box misses.
ROOM = 0.2
# People whose own windows differ by less may share one. On synthetic people, steps of 2 take a quarter fewer windows
# than one each and cost 0.2 points; steps of sqrt(2) take an eighth more than that and gain hardly anything.
_SIZE_STEP = 2.0


def fitted_size_px(extent_px: float, usual_px: float, least_px: float, room: float = ROOM) -> float:
    """Side of a window for people who take up ``extent_px``.

    Larger than usual if they need it, and smaller, down to ``least_px``, while ``room`` is left on each side of them,
    as a share of their extent: the scale rule holds for any window, and larger people have more detail.
    """
    return max(extent_px, min(usual_px, max(extent_px * (1 + 2 * room), least_px)))


def box_window(camera: Camera, ideal: np.ndarray, size_px: float, *, max_zoom: float = 1.0, room: float = ROOM,
               input_size: int = INPUT_SIZE, antialias: bool = False, roll: float = 0.0) -> Window:
    """The window around one person (the paper's choice), centred on the box.

    ideal: (4,) ideal pixels. size_px: side in ideal pixels; larger if the box needs it, and up to ``max_zoom`` times
    smaller (``fitted_size_px``). Raises ValueError if the box is NaN.
    """
    ideal = np.asarray(ideal, dtype=np.float64)
    _, half = turned_box(camera, ideal, roll)
    side = fitted_size_px(2 * half.max(), size_px, size_px / max_zoom, room)
    return Window(camera, (ideal[:2] + ideal[2:]) / 2, side, input_size, antialias, roll)


def principal_window(camera: Camera, size_px: float, *, input_size: int = INPUT_SIZE,
                     antialias: bool = False, roll: float = 0.0) -> Window:
    """The window centred on the optical axis (the published evaluation on Human3.6M)."""
    return Window(camera, camera.K[:2, 2], size_px, input_size, antialias, roll)


def pack_windows(camera: Camera, ideal: Sequence[np.ndarray] | np.ndarray, size_px: float, margin: float = 0.1, *,
                 max_zoom: float = 1.0, room: float = ROOM, input_size: int = INPUT_SIZE, antialias: bool = False,
                 roll: float = 0.0) -> tuple[list[Window], np.ndarray]:
    """The fewest windows that hold every box, so that cost grows with the field of view and not with the people.

    ideal: (P, 4) x_min, y_min, x_max, y_max in ideal pixels; NaN for a box that has no place there.
    size_px: side of the windows in ideal pixels. A box that does not fit gets a window of its own, as large as needed.
    margin: room on each side of a box, as a fraction of its sides; less where it would make the box too large.
    max_zoom, room: with a zoom, only people of like size share a window, which shrinks around them as far as
        ``fitted_size_px`` says.
    Returns the windows and the (P,) index of each box's window; -1 for NaN.
    The same boxes always give the same windows.
    """
    ideal = np.asarray(ideal, dtype=np.float64).reshape(-1, 4)
    index = np.full(len(ideal), -1)
    usable = np.flatnonzero(np.isfinite(ideal).all(axis=1))
    # All that follows happens in the turned picture.
    center, half = turned_box(camera, ideal[usable], roll)
    shared_px = _shared_size_px(2 * half.max(axis=1, initial=0), size_px, max_zoom, room)
    windows = []
    for limit_px in np.unique(shared_px)[::-1]:
        alike = np.flatnonzero(shared_px == limit_px)
        side = 2 * half[alike]
        reach = np.clip(side * (1 + 2 * margin), side, np.maximum(side, limit_px)) / 2
        low, high = center[alike] - reach, center[alike] + reach
        for group in group_boxes(low, high, limit_px):
            members = alike[group]
            index[usable[members]] = len(windows)
            middle = turn_px(camera, -roll) @ (low[group].min(axis=0) + high[group].max(axis=0)) / 2
            extent = (center + half)[members].max(axis=0) - (center - half)[members].min(axis=0)
            side_px = fitted_size_px(extent.max(), limit_px, size_px / max_zoom, room)
            windows.append(Window(camera, middle, side_px, input_size, antialias, roll))
    return windows, index


def _shared_size_px(extent_px: np.ndarray, size_px: float, max_zoom: float, room: float) -> np.ndarray:
    """(P,) the largest windows that people of (P,) extents share with others: the usual size, smaller by whole steps.

    So people share windows with those of like size only, and no one is shown small for the sake of somebody large.
    """
    own_px = np.clip(extent_px * (1 + 2 * room), size_px / max_zoom, size_px)
    steps = np.floor(np.log(size_px / own_px) / np.log(_SIZE_STEP))
    return size_px / _SIZE_STEP ** steps
