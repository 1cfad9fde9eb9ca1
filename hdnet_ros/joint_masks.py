"""Whose joint is it: weights of heatmap cells where the boxes of several people overlap.

The paper lets the joints of a person lie anywhere in the person's box (section 3.2). Whoever else stands in that box
has joints there too, often plainer ones, and the person gets them. Before anything is seen, though, the boxes alone
tell much: a head at the top of a small box, in the middle of a large one, most likely belongs to the small box.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from hdnet_ros.window import CELLS, Window

# Of the density of a joint in a box, so that no joint is ruled out anywhere in it.
_ANYWHERE = 0.02


def joint_masks(window: Window, box: np.ndarray, others: Iterable[np.ndarray],
                places: np.ndarray | Sequence[Sequence[float]], cells: int = CELLS, *, box_mask: bool = True
                ) -> np.ndarray:
    """(J, cells, cells) float32: 0 outside a person's box, 1 where nobody else's box is.

    Elsewhere the probability that a joint in this cell is the person's and not that of somebody else whose box holds
    the cell, given the boxes and ``places`` (Bayes' rule, everybody equally likely).
    box: (4,) x_min, y_min, x_max, y_max in pixels of the image as received; others: (4,) each, those of other people,
        wherever they are; a box that is none, or that the lens model gives no place, claims nothing.
    places: (J, 4) where each joint usually lies in a box, as a Gaussian: x and y from the top left corner in widths and
        heights of the box, and their standard deviations. If there are none, the paper's mask: (cells, cells), the box.
    box_mask: False lets whoever is alone in the window have joints anywhere in it, as the published code does, which
        knows no boxes. Among others a box still says who is meant.
    """
    own, *extents = window.extents(np.array([box, *others]))
    if np.isnan(own).any():
        window.extent(box)   # says what is wrong with it
    return extent_joint_masks(window, own, extents, places, cells, box_mask=box_mask)


def extent_joint_masks(window: Window, own: np.ndarray, others: Iterable[np.ndarray],
                       places: np.ndarray | Sequence[Sequence[float]], cells: int = CELLS, *, box_mask: bool = True
                       ) -> np.ndarray:
    """``joint_masks`` of people whose ``Window.extents`` (4,) are known; NaN claims nothing."""
    others = list(others)
    mask, cell_px = window.extent_mask(own, cells), window.size_px / cells
    if not (box_mask or any(_in_sight(window, extent) for extent in others)):
        mask = np.ones_like(mask)
    if not len(places):
        return mask
    places = np.asarray(places, dtype=np.float64)
    claims = np.zeros((len(places), cells, cells))
    for extent in others:
        # Boxes up to a cell apart may touch the same cell; masks of others meet only where the window cuts them off.
        if (extent[:2] - own[2:] <= cell_px).all() and (own[:2] - extent[2:] <= cell_px).all():
            claims += _density(extent / cell_px, places, cells) * window.extent_mask(extent, cells)
    if not claims.any():
        return np.repeat(mask[None], len(places), axis=0)
    density = _density(own / cell_px, places, cells)
    return (mask * density / (density + claims)).astype(np.float32)


def _in_sight(window: Window, extent: np.ndarray) -> bool:
    return bool((extent[:2] < window.size_px).all() and (extent[2:] > 0).all())


def _density(extent: np.ndarray, places: np.ndarray, cells: int) -> np.ndarray:
    """(J, cells, cells) density per cell of each joint of a person whose box is (4,) in cells."""
    side = np.maximum(extent[2:] - extent[:2], 1.0)
    offset = ((np.arange(cells) - extent[:2, None]) / side[:, None] - places[:, :2, None]) / places[:, 2:, None]
    profile = np.exp(-offset ** 2 / 2) / (np.sqrt(2 * np.pi) * places[:, 2:, None])
    return (profile[:, 1, :, None] * profile[:, 0, None, :] + _ANYWHERE) / side.prod()
