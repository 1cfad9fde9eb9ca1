"""The evaluation of MuPoTS-3D: AP and AR of the roots, 3DPCK of the poses, absolute and relative, matched and all."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hdnet_ros.skeleton import MUPOTS_17, convert, joint_set

from ..bones import rescale_bones
from ..pck3d import COUNTED_JOINTS, JOINT_GROUPS, joint_errors, pck3d
from ..people_table import PeopleTable, TruthTable
from ..root_ap import THRESHOLDS_M, RootAp, are_ranked, average_precision, first_within, nearest_truth
from .image_ids import mupots_sequence
from .matching import MATCHING_JOINTS, match_greedily
from .mupots_truth import MupotsTruth
from .results import MupotsResult, PckResult, SequencePck


def evaluate_mupots(people: PeopleTable, truth: MupotsTruth) -> MupotsResult:
    """Score estimated people.

    people: with image ids TS1/img_000000 and so on; without joints only roots are scored. Images that it lacks count
        as images without estimates. Estimates in images without a true person do not count.
    Roots: each estimate belongs to the nearest true root of its image (``root_ap.py``). There is no AP if all
    estimates have the same score, as in files without scores: the order in which they come would decide it.
    Poses: estimates are matched to true people by their joints in the image (``matching.py``), get the bone lengths of
    the truth from the pelvis outward (``bones.py``), and are compared in 14 joints (``pck3d.py``).
    Source: the code published with RootNet (roots) and with the data set (poses); paper, section 4.4.
    """
    roots = people.of_images(truth.roots.image_ids)
    scores: dict[str, PckResult | None] = dict.fromkeys(
        ('absolute_matched', 'absolute_all', 'relative_matched', 'relative_all'))
    if people.joints is not None and people.joints_px is not None:
        scores = _score_poses(people, truth.poses, match_poses(people, truth.poses))
    annotated = np.unique(truth.roots.image)
    return MupotsResult(images=len(annotated), annotated=len(truth.roots),
                        estimates=int(np.isin(roots.image, annotated).sum()), skeleton=truth.skeleton,
                        roots_skeleton=truth.roots_skeleton, roots=_score_roots(roots, truth.roots), **scores)


def match_poses(people: PeopleTable, truth: TruthTable) -> np.ndarray:
    """(T,) for every true person the row of ``people`` that is matched to it, -1 for none."""
    number = {name: index for index, name in enumerate(truth.image_ids)}
    image = np.array([number.get(name, -1) for name in people.image_ids], dtype=np.int64)[people.image]
    row = np.flatnonzero(image >= 0)
    row = row[np.argsort(image[row], kind='stable')]
    pixels = _in_mupots_joints(people, people.joints_px[row])
    found = match_greedily(truth.image, truth.joints_px[:, MATCHING_JOINTS], image[row], pixels[:, MATCHING_JOINTS])
    matched = found >= 0
    found[matched] = row[found[matched]]
    return found


def _in_mupots_joints(people: PeopleTable, joints: np.ndarray) -> np.ndarray:
    return convert(joints, joint_set(people.joint_set), MUPOTS_17)


def _score_roots(people: PeopleTable, truth: TruthTable) -> tuple[RootAp, ...]:
    nearest, distance_m = nearest_truth(people.root, people.image, truth.root, truth.image)
    counted = nearest >= 0
    right = [first_within(nearest, distance_m, people.score, threshold_m) for threshold_m in THRESHOLDS_M]
    score = people.score[counted]
    found = [average_precision(score, each[counted], len(truth)) for each in right]
    if not are_ranked(score):
        found = [replace(each, ap=float('nan')) for each in found]
    return tuple(found)


def _score_poses(people: PeopleTable, truth: TruthTable, row_of_truth: np.ndarray) -> dict[str, PckResult]:
    has_match = row_of_truth >= 0
    estimated = np.full(truth.joints.shape, np.nan)
    estimated[has_match] = _in_mupots_joints(people, people.joints[row_of_truth[has_match]])
    estimated = rescale_bones(estimated, truth.joints)
    sequence = np.array([mupots_sequence(name) for name in truth.image_ids], dtype=np.int64)[truth.image]
    scores = {}
    for alignment, root in (('absolute', None), ('relative', MUPOTS_17.root)):
        errors_m = joint_errors(estimated, truth.joints, root)
        for whom, counted in (('matched', has_match), ('all', np.ones_like(has_match))):
            scores[f'{alignment}_{whom}'] = _by_sequence(errors_m, sequence, has_match, counted)
    return scores


def _by_sequence(errors_m: np.ndarray, sequence: np.ndarray, has_match: np.ndarray, counted: np.ndarray
                 ) -> PckResult:
    """errors_m: (T, 17) of the true people; sequence: (T,); has_match, counted: (T,) bool."""
    scores = []
    for number in np.unique(sequence).tolist():
        members = sequence == number
        count = pck3d(errors_m[members & counted])
        scores.append(SequencePck(f'TS{number}', float(has_match[members].mean()), count.pck, count.auc,
                                  tuple(count.by_group().values()), count.by_joint()))
    return PckResult(tuple(scores), *(_mean([getattr(score, name) for score in scores])
                                      for name in ('matched', 'pck', 'auc')),
                     tuple(_mean([score.groups[i] for score in scores]) for i in range(len(JOINT_GROUPS))),
                     {name: _mean([score.joints[name] for score in scores]) for name in COUNTED_JOINTS})


def _mean(values: Sequence[float]) -> float:
    """Of the sequences that have a value; NaN if none has."""
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float('nan')
