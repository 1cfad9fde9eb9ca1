"""MOTA, IDF1, id switches and HOTA of tracked people, by the libraries that others use."""
from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hdnet_ros.perception.detector.boxes import box_overlap

_MATCH_IOU = 0.5


@dataclass(frozen=True, eq=False)
class IdentityFrame:
    """True and tracked people of one image: names and (N, 4) boxes in pixels."""

    true_ids: list[int]
    true_boxes: np.ndarray
    ids: list[str]
    boxes: np.ndarray


@dataclass(frozen=True)
class IdentityFigures:
    """What the libraries say.

    mota, idf1: CLEAR MOT and identity scores, 1 is perfect. switches: how often a person's id changed.
    ids: different ids used. hota, assa: higher order tracking accuracy and its part for identity, 1 is perfect; NaN
        without the library.
    """

    mota: float
    idf1: float
    switches: int
    ids: int
    hota: float = float('nan')
    assa: float = float('nan')


def identity_figures(frames: Iterable[IdentityFrame]) -> IdentityFigures:
    """Figures of one sequence, people being matched by their boxes (intersection over union of at least a half).

    MOTA, IDF1 and switches come from motmetrics, HOTA from trackeval. ImportError says how to install the former.
    """
    try:
        import motmetrics
    except ImportError as error:
        raise ImportError(f'identity is judged by motmetrics; install it: pip install motmetrics ({error})') from error
    frames = list(frames)
    index = {name: i for i, name in enumerate(sorted({name for frame in frames for name in frame.ids}))}
    ids = [np.array([index[name] for name in frame.ids], dtype=int) for frame in frames]
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    similarities = []
    for frame, names in zip(frames, ids, strict=True):
        overlap = np.array([box_overlap(box, frame.boxes) for box in frame.true_boxes]).reshape(
            len(frame.true_ids), len(frame.ids))
        similarities.append(overlap)
        accumulator.update(frame.true_ids, names, np.where(overlap >= _MATCH_IOU, 1 - overlap, np.nan))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)   # motmetrics with today's pandas
        row = motmetrics.metrics.create().compute(
            accumulator, metrics=['mota', 'idf1', 'num_switches'], return_dataframe=False)
    hota, assa = _hota([frame.true_ids for frame in frames], ids, similarities)
    return IdentityFigures(float(row['mota']), float(row['idf1']), int(row['num_switches']), len(index),
                           hota, assa)


def _hota(true_ids: list[list[int]], ids: list[np.ndarray], similarities: list[np.ndarray]) -> tuple[float, float]:
    """HOTA and its association part, means over all thresholds; NaN without trackeval."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):   # it complains of data sets that nobody asked for
            from trackeval.metrics import HOTA
    except ImportError:
        return float('nan'), float('nan')
    index = {name: i for i, name in enumerate(sorted({name for names in true_ids for name in names}))}
    result = HOTA().eval_sequence({
        'gt_ids': [np.array([index[name] for name in names], dtype=int) for names in true_ids], 'tracker_ids': ids,
        'num_gt_ids': len(index), 'num_tracker_ids': len({i for names in ids for i in names}),
        'num_gt_dets': sum(map(len, true_ids)), 'num_tracker_dets': sum(map(len, ids)),
        'similarity_scores': similarities})
    return float(np.mean(result['HOTA'])), float(np.mean(result['AssA']))
