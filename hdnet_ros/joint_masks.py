"""Whose joint is it: weights of heatmap cells where the boxes of several people overlap.

The paper lets the joints of a person lie anywhere in the person's box (section 3.2). Whoever else stands in that box
has joints there too, often plainer ones, and the person gets them. Before anything is seen, though, the boxes alone
tell much: a head at the top of a small box, in the middle of a large one, most likely belongs to the small box.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

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
    extents = window.extents(np.array([box, *others]))
    if np.isnan(extents[0]).any():
        window.extent(box)   # says what is wrong with it
    return window_joint_masks(window, extents, [0], places, cells, box_mask=box_mask)[0]


def window_joint_masks(window: Window, extents: np.ndarray, people: Sequence[int],
                       places: np.ndarray | Sequence[Sequence[float]], cells: int = CELLS, *, box_mask: bool = True
                       ) -> list[np.ndarray]:
    """``joint_masks`` of those ``people`` (row numbers) among all whose ``Window.extents`` (P, 4) are known.

    Rows of NaN claim nothing.
    """
    places = np.asarray(places, dtype=np.float64)
    cell_px = window.size_px / cells

    @cache      # in a crowd, most have the same neighbours
    def claim(person: int) -> np.ndarray:
        return _density(extents[person] / cell_px, places, cells) * window.extent_mask(extents[person], cells)

    def mask_of(person: int) -> np.ndarray:
        own, others = extents[person], [other for other in range(len(extents)) if other != person]
        mask = window.extent_mask(own, cells)
        if not (box_mask or any(_in_sight(window, extents[other]) for other in others)):
            mask = np.ones_like(mask)
        if not len(places):
            return mask
        # Boxes up to a cell apart may touch the same cell; masks of others meet only where the window cuts them off.
        near = [other for other in others if (extents[other][:2] - own[2:] <= cell_px).all()
                and (own[:2] - extents[other][2:] <= cell_px).all()]
        claims = sum(map(claim, near), start=np.zeros((len(places), cells, cells)))
        if not claims.any():
            return np.repeat(mask[None], len(places), axis=0)
        density = _density(own / cell_px, places, cells)
        return (mask * density / (density + claims)).astype(np.float32)
    return [mask_of(person) for person in people]


def _in_sight(window: Window, extent: np.ndarray) -> bool:
    return bool((extent[:2] < window.size_px).all() and (extent[2:] > 0).all())


def _density(extent: np.ndarray, places: np.ndarray, cells: int) -> np.ndarray:
    """(J, cells, cells) density per cell of each joint of a person whose box is (4,) in cells."""
    side = np.maximum(extent[2:] - extent[:2], 1.0)
    offset = ((np.arange(cells) - extent[:2, None]) / side[:, None] - places[:, :2, None]) / places[:, 2:, None]
    profile = np.exp(-offset ** 2 / 2) / (np.sqrt(2 * np.pi) * places[:, 2:, None])
    return (profile[:, 1, :, None] * profile[:, 0, None, :] + _ANYWHERE) / side.prod()
