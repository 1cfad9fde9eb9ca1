"""Errors of single people, and their causes: overlap and size, as the paper says in section 4.6, and hidden joints.

Everything is measured on the truth, so that a cause is no excuse that the estimate itself brings along.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from hdnet_ros.skeleton import joint_set
from hdnet_ros.training.datasets.files import box_around
from hdnet_ros.training.datasets.human36m import BOX_MARGIN

from ..people_table import PeopleTable, TruthTable
from ..tables.table import Row, Table
from ..who_is_whom import who_is_whom

# Mean height of men and women; and how long limbs are as shares of it (Drillis and Contini, 1966).
AVERAGE_STATURE_M = 1.69
LIMB_SHARES = {('hip', 'knee'): 0.245, ('knee', 'foot'): 0.246, ('shoulder', 'elbow'): 0.186, ('elbow', 'wrist'): 0.146}

# From here on a circumstance counts as a cause: shares of the box, of the average height, of the joints.
OVERLAP = 0.3
UNUSUAL_SIZE = 0.1
HIDDEN = 0.5
CUT_OFF = 0.2


@dataclass(frozen=True)
class PersonError:
    """One estimate and its truth.

    image_id: of the image; truth_row: in the table of true people.
    error_m: distance between the roots. depth_error: relative, positive is too far. distance_m: true depth.
    overlap: share of the true box that the box of the one other who covers most of it covers.
    size: the person's height, told from the true limbs, over the average; NaN if unknown.
    hidden: share of the joints that are not to be seen in the image; NaN if unknown.
    cut_off: share of the joints beyond the border of the image; NaN until ``with_cut_off``, which sees the image.
    """

    image_id: str
    truth_row: int
    error_m: float
    depth_error: float
    distance_m: float
    overlap: float
    size: float
    hidden: float
    cut_off: float = float('nan')

    @property
    def causes(self) -> tuple[str, ...]:
        """What is out of the ordinary: overlap, size if it explains the sign of the error, joints cut off or hidden.

        A system that expects average people sees small ones too far away and large ones too near.
        """
        found = []
        if self.overlap >= OVERLAP:
            found.append('overlap')
        if abs(self.size - 1) >= UNUSUAL_SIZE and (self.size < 1) == (self.depth_error > 0):
            found.append('size')
        if self.cut_off >= CUT_OFF:
            found.append('cut off')
        if self.hidden >= HIDDEN:
            found.append('hidden')
        return tuple(found)


def person_errors(people: PeopleTable, truth: TruthTable, average_stature_m: float = AVERAGE_STATURE_M
                  ) -> tuple[list[PersonError], int]:
    """The errors of all true people who were found, the largest first, and how many were not.

    people: estimates; only the images that both tables name count. Who is whom is told by the direction in which the
    roots are seen, so that an error in depth cannot change it: the assignment with the least sum of distances.
    """
    estimates = people.of_images(truth.image_ids)
    boxes = true_boxes(truth)
    sizes = statures(truth) / average_stature_m
    hidden = np.full(len(truth), np.nan) if truth.visible is None else 1 - truth.visible.mean(axis=1)
    bounds, estimate_bounds = (np.searchsorted(table.image, np.arange(len(truth.image_ids) + 1))
                               for table in (truth, estimates))
    found = []
    for image in np.unique(truth.image):
        rows = np.arange(bounds[image], bounds[image + 1])
        guesses = np.arange(estimate_bounds[image], estimate_bounds[image + 1])
        overlap = overlaps(boxes[rows])
        for a, b in _pairs(truth.root[rows], estimates.root[guesses]):
            true_root, root = truth.root[rows[a]], estimates.root[guesses[b]]
            found.append(PersonError(
                truth.image_ids[image], int(rows[a]), float(np.linalg.norm(root - true_root)),
                float(root[2] / true_root[2] - 1), float(true_root[2]), float(overlap[a]), float(sizes[rows[a]]),
                float(hidden[rows[a]])))
    asked = np.isin(np.array(truth.image_ids, dtype=np.str_)[truth.image], people.image_ids)
    return sorted(found, key=lambda each: -each.error_m), int(asked.sum()) - len(found)


def with_cut_off(errors: Sequence[PersonError], truth: TruthTable, sizes: Mapping[str, tuple[int, int]]
                 ) -> list[PersonError]:
    """The same errors, with the share of the joints that lie beyond the border.

    sizes: (width, height) px of their images.
    """
    if truth.joints_px is None:
        return list(errors)
    return [replace(each, cut_off=_cut_off(truth.joints_px[each.truth_row], sizes[each.image_id])) for each in errors]


def overlaps(boxes: np.ndarray) -> np.ndarray:
    """(N,) how much of each box (N, 4), as a share of its area, the one other that covers most of it covers."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    np.fill_diagonal(shared, 0)
    area = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(axis=1)
    return np.divide(shared.max(axis=1, initial=0), area, out=np.zeros(len(boxes)), where=area > 0)


def statures(truth: TruthTable) -> np.ndarray:
    """(R,) metres: how tall people with such arms and legs are; NaN where fewer than two limb segments are known.

    A true skeleton bends, but its bones keep their lengths.
    """
    if truth.joints is None:
        return np.full(len(truth), np.nan)
    joints = joint_set(truth.joint_set)
    lengths, shares = [], []
    for (a, b), share in LIMB_SHARES.items():
        for side in ('left', 'right'):
            ends = [joints.index(f'{side}_{name}') for name in (a, b)]
            lengths.append(np.linalg.norm(truth.joints[:, ends[0]] - truth.joints[:, ends[1]], axis=1))
            shares.append(share)
    known = np.isfinite(lengths)
    total, share = np.where(known, lengths, 0).sum(axis=0), np.where(known, np.array(shares)[:, None], 0).sum(axis=0)
    return np.divide(total, share, out=np.full(len(truth), np.nan), where=known.sum(axis=0) >= 2)


def errors_table(errors: Sequence[PersonError], title: str) -> Table:
    """One line per person: the error, and the circumstances in numbers."""
    rows = [Row(f'{number} {each.image_id}: {", ".join(each.causes) or "none of these"}',
                (each.error_m, 100 * each.depth_error, each.distance_m, 100 * each.overlap, 100 * each.size,
                 100 * each.hidden, 100 * each.cut_off)) for number, each in enumerate(errors, start=1)]
    return Table(title, ('error m', 'depth error %', 'distance m', 'overlap %', 'size %', 'hidden %', 'cut off %'),
                 tuple(rows), (2, 1, 2, 0, 0, 0, 0), label='Image: cause')


def causes_table(errors: Sequence[PersonError], missed: int, average_stature_m: float = AVERAGE_STATURE_M) -> Table:
    """Median errors of those who overlap, are small or large, or hidden, and of all others."""
    groups = {
        f'overlap of {OVERLAP:.0%} and more': [e for e in errors if e.overlap >= OVERLAP],
        f'smaller than {1 - UNUSUAL_SIZE:.0%} of average': [e for e in errors if e.size <= 1 - UNUSUAL_SIZE],
        f'larger than {1 + UNUSUAL_SIZE:.0%} of average': [e for e in errors if e.size >= 1 + UNUSUAL_SIZE],
        f'{HIDDEN:.0%} of the joints hidden and more': [e for e in errors if e.hidden >= HIDDEN],
        'none of these': [e for e in errors if e.overlap < OVERLAP and not abs(e.size - 1) >= UNUSUAL_SIZE
                          and not e.hidden >= HIDDEN],
        'everybody': list(errors)}
    rows = tuple(Row(name, (len(group), _median([e.error_m for e in group]),
                            _median([100 * abs(e.depth_error) for e in group]),
                            _median([100 * e.depth_error for e in group]))) for name, group in groups.items())
    return Table('Errors by circumstance (medians)', ('people', 'error m', 'depth error %', 'signed %'), rows,
                 (0, 2, 1, 1), label='Circumstance', notes=(
                     'Overlap: share of the true box that the box of one other person covers. '
                     f'Size: height as the limbs tell it, over {average_stature_m:g} m. '
                     'Hidden: joints that are not to be seen. Somebody may be in several lines.',
                     f'{missed} of {missed + len(errors)} true people have no estimate.'))


def _pairs(truth: np.ndarray, estimates: np.ndarray) -> list[tuple[int, int]]:
    """Index pairs of (T, 3) true and (P, 3) estimated roots that are about the same people."""
    if not len(truth) or not len(estimates):
        return []
    rays, true_rays = (points[:, :2] / points[:, 2:] for points in (estimates, truth))
    beside_m = np.linalg.norm(rays[None] - true_rays[:, None], axis=2) * truth[:, 2:]
    return who_is_whom(beside_m)


def true_boxes(truth: TruthTable) -> np.ndarray:
    """(R, 4) px; those around the joints where the truth has none."""
    return np.array([_box(truth, row) for row in range(len(truth))]).reshape(-1, 4)


def _box(truth: TruthTable, row: int) -> np.ndarray:
    if np.isfinite(truth.box[row]).all() or truth.joints_px is None:
        return np.nan_to_num(truth.box[row])
    known = truth.joints_px[row][np.isfinite(truth.joints_px[row]).all(axis=1)]
    return box_around(known, BOX_MARGIN) if len(known) else np.zeros(4)


def _cut_off(joints_px: np.ndarray, size: tuple[int, int]) -> float:
    known = joints_px[np.isfinite(joints_px).all(axis=1)]
    outside = (known < -0.5).any(axis=1) | (known > np.array(size) - 0.5).any(axis=1)
    return float(outside.mean()) if len(known) else float('nan')


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if len(values) else float('nan')
