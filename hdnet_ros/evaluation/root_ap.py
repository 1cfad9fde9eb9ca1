"""Average precision and recall of root positions, as the published evaluation of MuPoTS-3D computes them."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

THRESHOLDS_M = (0.25, 0.20, 0.15, 0.10)


@dataclass(frozen=True)
class RootAp:
    """AP and AR; shares, NaN without any truth."""

    ap: float
    ar: float


def root_ap(estimated: np.ndarray, score: np.ndarray, image_of_estimate: np.ndarray, truth: np.ndarray,
            image_of_truth: np.ndarray, threshold_m: float = 0.25) -> RootAp:
    """Average precision and recall of root positions.

    estimated (P, 3) and truth (T, 3): metres, camera frame; score (P,); the images are integers of any range.
    Estimates of all images come in the order of their scores, those with equal scores as given. Each belongs to the
    nearest true root of its image. It is right if that is strictly nearer than the threshold and not taken yet by an
    estimate that was right; otherwise it is wrong, with no second choice. Estimates in images without any truth do not
    count. Precision is summed over the steps of recall without interpolation, and the step of the very first estimate
    is left out. Recall is that of all estimates.
    Source: the evaluation code published with Moon et al., ICCV 2019.
    """
    score = np.asarray(score, dtype=np.float64)
    nearest, distance_m = nearest_truth(estimated, image_of_estimate, truth, image_of_truth)
    right = first_within(nearest, distance_m, score, threshold_m)
    counted = nearest >= 0
    return average_precision(score[counted], right[counted], len(np.asarray(truth)))


def are_ranked(score: np.ndarray) -> bool:
    """Whether (P,) scores tell an order; if all are the same, the order of the people would decide AP."""
    return len(score) < 2 or np.ptp(score) > 0


def nearest_truth(estimated: np.ndarray, image_of_estimate: np.ndarray, truth: np.ndarray,
                  image_of_truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The row of the nearest true root in the image of every estimate, and the distance to it in metres.

    Arguments as in ``root_ap``. The first of several at the same distance; -1 and inf in images without truth.
    Returns (P,) int64 and (P,) float64.
    """
    estimated = np.asarray(estimated, dtype=np.float64).reshape(-1, 3)
    truth = np.asarray(truth, dtype=np.float64).reshape(-1, 3)
    if not (np.isfinite(estimated).all() and np.isfinite(truth).all()):
        raise ValueError('roots must be finite')
    image_of_estimate, image_of_truth = np.asarray(image_of_estimate), np.asarray(image_of_truth)
    order = np.argsort(image_of_truth, kind='stable')
    first, end = (np.searchsorted(image_of_truth[order], image_of_estimate, side) for side in ('left', 'right'))
    count = end - first
    start = np.cumsum(count) - count
    # All pairs of an estimate and a true root in one image, estimate by estimate.
    pair_estimate = np.repeat(np.arange(len(estimated)), count)
    pair_truth = order[np.arange(len(pair_estimate)) + np.repeat(first - start, count)]
    distance_m = np.linalg.norm(estimated[pair_estimate] - truth[pair_truth], axis=1)
    nearest, nearest_m = np.full(len(estimated), -1), np.full(len(estimated), np.inf)
    some = count > 0
    if some.any():
        nearest_m[some] = np.minimum.reduceat(distance_m, start[some])
        best = np.flatnonzero(distance_m == nearest_m[pair_estimate])[::-1]
        nearest[pair_estimate[best]] = pair_truth[best]     # backwards, so that the first of equals is written last
    return nearest, nearest_m


def first_within(nearest: np.ndarray, distance_m: np.ndarray, score: np.ndarray, threshold_m: float) -> np.ndarray:
    """Which estimates are right: of those within the threshold of one true root, the one with the highest score.

    nearest, distance_m: (P,) from ``nearest_truth``; score: (P,). The first of several with the same score.
    Images may be treated apart from each other, as long as none is split. Returns (P,) bool.
    """
    right = np.zeros(len(nearest), dtype=bool)
    close = np.flatnonzero((distance_m < threshold_m) & (nearest >= 0))
    by_score = close[np.argsort(-np.asarray(score)[close], kind='stable')]
    right[by_score[np.unique(nearest[by_score], return_index=True)[1]]] = True
    return right


def average_precision(score: np.ndarray, right: np.ndarray, truths: int) -> RootAp:
    """AP and AR of all estimates that count; see ``root_ap``.

    score: (P,); right: (P,) bool; truths: number of true roots. NaN without any truth, 0 without any estimate.
    """
    if not truths:
        return RootAp(float('nan'), float('nan'))
    right = np.asarray(right, dtype=bool)[np.argsort(-np.asarray(score, dtype=np.float64), kind='stable')]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return RootAp(float(precision[1:][right[1:]].sum() / truths), float(right.sum() / truths))
