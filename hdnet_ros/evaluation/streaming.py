"""Scores of predictions that come in pieces, so that people with their skeletons need not all be in memory."""
from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..skeleton import MUPOTS_17, convert, joint_set
from .bones import rescale_bones
from .metrics import Mrpe
from .pck3d import PckCount, joint_errors, pck3d
from .people_table import PeopleTable, TruthTable
from .protocols.matching import MATCHING_JOINTS, match_greedily
from .root_ap import THRESHOLDS_M, are_ranked, average_precision, first_within, nearest_truth


@dataclass(frozen=True, eq=False)
class StreamedScores:
    """What a stream of predictions is worth.

    images, people, truths: how many there were.
    ap, ar: of the root, at each of ``THRESHOLDS_M``; AP is NaN if all estimates have the same score.
    mrpe: over the true people whom an estimate was matched to in the image; NaN without any.
    absolute, relative: 3DPCK of all true people, those without an estimate counting as wrong, with bones rescaled.
    """

    images: int
    people: int
    truths: int
    ap: tuple[float, ...]
    ar: tuple[float, ...]
    mrpe: Mrpe
    absolute: PckCount
    relative: PckCount


class Stream:
    """Takes pieces one after the other; each image must be in one piece only.

    Of a piece it keeps sums, and per estimate its score and whether it is right: AP needs the order of all scores.
    """

    def __init__(self) -> None:
        self._images = self._people = self._truths = self._matched = 0
        self._scores: list[np.ndarray] = []
        self._right: list[np.ndarray] = []
        self._error_sums = np.zeros(4)
        nobody = np.empty((0, len(MUPOTS_17)))
        self._absolute = self._relative = pck3d(nobody)

    def add(self, people: PeopleTable, truth: TruthTable) -> None:
        """Score the people of some images; both tables have the same images, and joints that read as ``mupots_17``.

        Raises ValueError if they do not.
        """
        if people.image_ids != truth.image_ids:
            raise ValueError('estimates and truth of a piece must have the same images')
        self._images += len(truth.image_ids)
        self._people += len(people)
        self._truths += len(truth)
        self._add_roots(people, truth)
        self._add_poses(people, truth)

    def _add_roots(self, people: PeopleTable, truth: TruthTable) -> None:
        nearest, distance_m = nearest_truth(people.root, people.image, truth.root, truth.image)
        counted = nearest >= 0
        right = [first_within(nearest, distance_m, people.score, threshold) for threshold in THRESHOLDS_M]
        self._scores.append(people.score[counted])
        self._right.append(np.array(right)[:, counted])

    def _add_poses(self, people: PeopleTable, truth: TruthTable) -> None:
        true_px, pixels, true_joints, joints = (
            convert(values, joint_set(table.joint_set), MUPOTS_17) for table, values in (
                (truth, truth.joints_px), (people, people.joints_px), (truth, truth.joints), (people, people.joints)))
        row = match_greedily(truth.image, true_px[:, MATCHING_JOINTS], people.image, pixels[:, MATCHING_JOINTS])
        found = row >= 0
        self._matched += int(found.sum())
        error = people.root[row[found]] - truth.root[found]
        self._error_sums += [np.linalg.norm(error, axis=1).sum(), *np.abs(error).sum(axis=0)]
        estimated = np.full(true_joints.shape, np.nan)
        estimated[found] = joints[row[found]]
        estimated = rescale_bones(estimated, true_joints)
        self._absolute += pck3d(joint_errors(estimated, true_joints))
        self._relative += pck3d(joint_errors(estimated, true_joints, MUPOTS_17.root))

    def scores(self) -> StreamedScores:
        """The scores of all pieces so far."""
        score = np.concatenate([np.empty(0), *self._scores])
        right = np.concatenate([np.empty((len(THRESHOLDS_M), 0), dtype=bool), *self._right], axis=1)
        found = [average_precision(score, each, self._truths) for each in right]
        if not are_ranked(score):
            found = [replace(each, ap=float('nan')) for each in found]
        errors = self._error_sums / self._matched if self._matched else np.full(4, np.nan)
        return StreamedScores(self._images, self._people, self._truths, tuple(each.ap for each in found),
                              tuple(each.ar for each in found), Mrpe(*errors.tolist()), self._absolute, self._relative)
