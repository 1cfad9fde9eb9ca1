"""Which estimate belongs to which true person, told by their joints in the image (the protocol of MuPoTS-3D)."""
from __future__ import annotations

import numpy as np

from hdnet_ros.skeleton import MUPOTS_17

from ..pck3d import COUNTED_JOINTS

# The joints that tell who is whom: all that count but the top of the head.
MATCHING_JOINTS = [MUPOTS_17.index(name) for name in COUNTED_JOINTS if name != 'head_top']
MATCH_WITHIN_PX = 40.0
# Images that are worked on at once: bounds the memory, whatever the number of frames.
BLOCK = 4096


def match_greedily(truth_image: np.ndarray, truth_px: np.ndarray, image: np.ndarray, pixels: np.ndarray,
                   within_px: float = MATCH_WITHIN_PX) -> np.ndarray:
    """The row of the estimate of every true person, -1 for none.

    truth_image (T,) and image (P,): the image of every true person and every estimate, ascending.
    truth_px (T, J, 2) and pixels (P, J, 2): their joints. An estimated joint at exactly (0, 0) or NaN is not visible;
    all true joints count, hidden ones too.
    The true people of an image choose in their order: each takes the estimate, not yet taken, with the most joints
    less than ``within_px`` away in x and in y, the first of them where several have as many, none where none has any.
    Source: the evaluation code of the release.
    Returns (T,) int64.
    """
    truth_image, image = np.asarray(truth_image), np.asarray(image)
    found = np.full(len(truth_image), -1, dtype=np.int64)
    images = np.intersect1d(truth_image, image)
    for start in range(0, len(images), BLOCK):
        block = images[start:start + BLOCK]
        of_truth, of_estimate = (slice(np.searchsorted(column, block[0]), np.searchsorted(column, block[-1], 'right'))
                                 for column in (truth_image, image))
        rows = _match_block(truth_image[of_truth], truth_px[of_truth], image[of_estimate], pixels[of_estimate],
                            within_px)
        found[of_truth] = np.where(rows >= 0, rows + of_estimate.start, -1)
    return found


def _match_block(truth_image: np.ndarray, truth_px: np.ndarray, image: np.ndarray, pixels: np.ndarray,
                 within_px: float) -> np.ndarray:
    """As ``match_greedily``. All images take turns together: first the first true person of each, then the second."""
    first = np.searchsorted(image, truth_image)
    count = np.searchsorted(image, truth_image, 'right') - first
    candidates = np.arange(count.max())
    known = candidates < count[:, None]
    rows = np.where(known, first[:, None] + candidates, 0)
    score = np.zeros(rows.shape, dtype=np.int64)
    for joint in range(truth_px.shape[1]):
        seen = (pixels[:, joint] != 0).any(axis=1)
        near = (np.abs(pixels[rows, joint] - truth_px[:, None, joint]) < within_px).all(axis=2)
        score += near & seen[rows]
    score[~known] = 0
    taken = np.zeros(len(image), dtype=bool)
    found = np.full(len(truth_image), -1, dtype=np.int64)
    turn = np.arange(len(truth_image)) - np.searchsorted(truth_image, truth_image)
    for number in range(turn.max() + 1):
        people = np.flatnonzero(turn == number)
        free = np.where(taken[rows[people]], 0, score[people])
        best = free.argmax(axis=1)
        chosen = free[np.arange(len(people)), best] > 0
        found[people[chosen]] = rows[people, best][chosen]
        taken[found[people[chosen]]] = True
    return found
