"""Scoring files of predictions, ours or published ones, against the truth of a data set."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .files.image_names import human36m_names, mupots_names
from .files.poses import read_poses
from .files.record import ImageNames
from .files.roots import read_roots
from .people_file import read_people
from .people_table import PeopleTable, PredictionError, TruthTable
from .protocols.human36m import evaluate_human36m
from .protocols.human36m_truth import SUBJECTS, Human36mTruth
from .protocols.mupots import evaluate_mupots
from .protocols.mupots_truth import MupotsTruth
from .protocols.results import Human36mResult, MupotsResult


@dataclass(frozen=True)
class Predictions:
    """Somebody's predictions.

    label: for the table.
    paths: one file (ours, or a published JSON file of roots), or two (published .mat files of 2D and of 3D poses).
    """

    label: str
    paths: tuple[Path, ...]


def read_predictions(paths: Sequence[Path], names: Callable[[], ImageNames] | None = None) -> PeopleTable:
    """The people in files of any known layout, told apart by their content.

    names: tells which images the numbers in published JSON files mean; called only for those.
    Raises PredictionError for a file that cannot be used.
    """
    if any(path.suffix == '.mat' for path in paths):
        if len(paths) != 2:
            raise PredictionError(f'{paths[0]}: poses come in two files, of 2D and of 3D; give both: 2D.mat,3D.mat')
        return read_poses(*paths)
    if len(paths) != 1:
        raise PredictionError(f'{", ".join(map(str, paths))}: only .mat files come in pairs')
    try:
        with open(paths[0], 'rb') as file:
            start = file.read(64).lstrip()
    except OSError as error:
        raise PredictionError(f'{paths[0]}: cannot be read ({error.strerror})') from None
    if start.startswith(b'['):
        if names is None:
            raise PredictionError(f'{paths[0]} calls images by numbers, which mean nothing for this data set')
        return read_roots(paths[0], names())
    return read_people(paths[0])


def check_labels(labels: Sequence[str]) -> None:
    """PredictionError if two of those that belong into one table are called the same."""
    twice = next((label for number, label in enumerate(labels) if label in labels[:number]), None)
    if twice is not None:
        raise PredictionError(f'two of the predictions and systems are called {twice!r}; give each a name of its own: '
                              'NAME=FILE for predictions, LABEL:NAME for systems')


def score_human36m(predictions: Iterable[Predictions], truth: Human36mTruth, folder: Path,
                   detections_px: np.ndarray | None = None) -> dict[str, Human36mResult]:
    """Human3.6M by label; folder: of the data set, for the numbers of its images. See ``evaluate_human36m``.

    Raises PredictionError for a file that cannot be used or lacks images, and for two of one label.
    """
    def names() -> ImageNames:
        return human36m_names(folder, SUBJECTS[truth.protocol])

    def evaluate(people: PeopleTable) -> Human36mResult:
        return evaluate_human36m(people, truth, detections_px)
    return _score(predictions, truth.people, names, evaluate)


def score_mupots(predictions: Iterable[Predictions], truth: MupotsTruth, folder: Path) -> dict[str, MupotsResult]:
    """MuPoTS-3D by label; folder: of the data set, for the numbers of its images. See ``evaluate_mupots``.

    Raises as ``score_human36m``.
    """
    return _score(predictions, truth.roots, lambda: mupots_names(folder), lambda people: evaluate_mupots(people, truth))


def _score(predictions: Iterable[Predictions], truth: TruthTable, names: Callable[[], ImageNames],
           evaluate: Callable[[PeopleTable], object]) -> dict:
    wanted = {truth.image_ids[number] for number in np.unique(truth.image)}
    predictions = list(predictions)
    check_labels([each.label for each in predictions])
    found = {}
    for each in predictions:
        people = read_predictions(each.paths, names)
        lacking = wanted - set(people.image_ids)
        if lacking:
            raise PredictionError(
                f'{each.paths[0]} has {len(wanted) - len(lacking)} of the {len(wanted)} images with people; one that '
                f'is missing is {min(lacking)!r}. If the run was interrupted, start it again to complete it; images in '
                'which nobody was found must be in the file too')
        found[each.label] = evaluate(people)
    return found
