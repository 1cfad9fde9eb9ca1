"""Which boxes share a window, so that all are held by the fewest windows of one size."""
from __future__ import annotations

import numpy as np

SOLVER_SECONDS = 0.5
# Sums of a few thousand pixels are exact to far less than this.
SLACK_PX = 1e-6


def group_boxes(low: np.ndarray, high: np.ndarray, size_px: float) -> list[np.ndarray]:
    """Share out boxes over the fewest squares of side ``size_px``, each box wholly in one of them.

    low, high: (P, 2) top left and bottom right corners.
    Returns the indices of the boxes in each square, ascending; squares in the order of their first box. A box that does
    not fit is alone. The same boxes always give the same groups.
    """
    too_large = ((high - low) > size_px + SLACK_PX).any(axis=1)
    groups = [np.array([box]) for box in np.flatnonzero(too_large)]
    rest = np.flatnonzero(~too_large)
    if len(rest):
        origins, covers = _candidates(low[rest], high[rest], size_px)
        chosen = _fewest(covers, low[rest], high[rest], size_px)
        # A box that several windows hold goes where it is most central.
        center = (low[rest] + high[rest]) / 2
        distance = np.abs(center[None] - origins[chosen][:, None] - size_px / 2).max(axis=2)
        owner = np.where(covers[chosen], distance, np.inf).argmin(axis=0)
        groups += [rest[owner == window] for window in range(len(chosen)) if (owner == window).any()]
    return sorted(groups, key=lambda members: members[0])


def _candidates(low: np.ndarray, high: np.ndarray, size_px: float) -> tuple[np.ndarray, np.ndarray]:
    """Top left corners (C, 2) of the windows worth considering, and (C, P) which boxes each holds.

    Any window can be pushed right and down until its edges meet those of boxes in it, and still holds the same ones.
    """
    left, top = low.T
    in_columns = (left >= left[:, None]) & (high[:, 0] <= left[:, None] + size_px + SLACK_PX)
    in_rows = (top >= top[:, None]) & (high[:, 1] <= top[:, None] + size_px + SLACK_PX)
    # Only corners of which the window holds both boxes that it meets; most pairs of a crowd are too far apart.
    i, j = np.nonzero(in_columns & in_rows.T)
    order = np.lexsort((top[j], left[i]))
    i, j = i[order], j[order]
    rows = np.packbits(in_columns[i] & in_rows[j], axis=1)
    first = np.unique(rows.view(f'V{rows.shape[1]}')[:, 0], return_index=True)[1]
    origins, covers = np.stack([left[i[first]], top[j[first]]], axis=-1), in_columns[i[first]] & in_rows[j[first]]
    # A window whose boxes another holds as well is never needed.
    contained = (covers.astype(np.float32) @ (~covers.T).astype(np.float32)) == 0
    np.fill_diagonal(contained, False)
    keep = ~contained.any(axis=1)
    order = np.argsort(first[keep])
    return origins[keep][order], covers[keep][order]


def _fewest(covers: np.ndarray, low: np.ndarray, high: np.ndarray, size_px: float) -> list[int]:
    greedy = _greedy_cover(covers)
    if len(greedy) <= _lower_bound(low, high, size_px):
        return greedy
    from scipy.optimize import Bounds, LinearConstraint, milp

    solution = milp(np.ones(len(covers)), integrality=np.ones(len(covers)), bounds=Bounds(0, 1),
                    constraints=LinearConstraint(covers.T.astype(float), lb=1), options={'time_limit': SOLVER_SECONDS})
    if solution.x is None:
        return greedy
    exact = np.flatnonzero(solution.x > 0.5).tolist()
    return exact if len(exact) < len(greedy) else greedy


def _greedy_cover(covers: np.ndarray) -> list[int]:
    """Indices of windows: each time the one that holds most of what is left."""
    left, chosen = np.ones(covers.shape[1], dtype=bool), []
    while left.any():
        chosen.append(int((covers & left).sum(axis=1).argmax()))
        left &= ~covers[chosen[-1]]
    return chosen


def _lower_bound(low: np.ndarray, high: np.ndarray, size_px: float) -> int:
    """Number of boxes of which no two fit one window, picked one by one from left to right and from top to bottom."""
    span = np.maximum(high[:, None], high[None]) - np.minimum(low[:, None], low[None])
    apart = (span > size_px + SLACK_PX).any(axis=2)
    best = 0
    for order in (np.argsort(low[:, 0], kind='stable'), np.argsort(low[:, 1], kind='stable')):
        picked: list[int] = []
        for box in order:
            if apart[box, picked].all():
                picked.append(int(box))
        best = max(best, len(picked))
    return best
