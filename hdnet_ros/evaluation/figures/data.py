"""Data sets of any layout as truth and pictures, for figures."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.perception.people import Detection
from hdnet_ros.training.errors import DataSetError

from ..files.record import ImageNames

POSE2SIM = 'pose2sim'
KINDS = """\
--data takes one of
  pose2sim                   real footage; hdnet models fetch pose2sim_footage gets it
  a folder with MuCo-3DHP.json, as hdnet synthesize writes it
  a folder with MuPoTS-3D.json, MultiPersonTestSet/ or TS1/ to TS20/ (MuPoTS-3D)
  a folder with annotations/subject_9.h5 or annotations/Human36M_subject9_data.json (Human3.6M)"""


class Picture(NamedTuple):
    """image: (H, W, 3) uint8 BGR; camera: of that image."""

    image: np.ndarray
    camera: Camera


@dataclass(frozen=True, eq=False)
class PicturedData:
    """Truth and the images that it is about.

    frames: opens the images anew. names: what the numbers in published prediction files mean; None if nothing.
    """

    title: str
    truth: TruthTable
    frames: Callable[[], Iterable[Frame]]
    names: Callable[[], ImageNames] | None = None

    @property
    def first_image(self) -> str:
        """The first with anybody in it; data sets also name images of nobody."""
        return self.truth.image_ids[self.truth.image.min()]

    def pictures(self, image_ids: Collection[str]) -> dict[str, Picture]:
        """Some images by their names, read one after the other; only these are decoded where that is possible.

        Raises DataSetError for a name that there is not, or an image that cannot be read or has nobody usable in it.
        """
        wanted = set(image_ids)
        unknown = sorted(wanted - set(self.truth.image_ids))
        if unknown:
            some = ', '.join(self.truth.image_ids[:3])
            raise DataSetError(f'{self.title} has no image {unknown[0]!r}; there are {some} and so on')
        found: dict[str, Picture] = {}
        for frame in self.frames():
            if frame.image_id in wanted:
                image = frame.image() if callable(frame.image) else frame.image
                found[frame.image_id] = Picture(image, frame.camera(image) if callable(frame.camera) else frame.camera)
                if len(found) == len(wanted):
                    break
        missing = sorted(wanted - set(found))
        if missing:
            raise DataSetError(f'{self.title}: image {missing[0]!r} cannot be shown, since nobody in it has '
                               'annotations that can be used')
        return found


class _Blind:
    """A detector that finds nobody, for footage of which only truth and images are wanted."""

    name = 'nobody'

    def detect(self, image: np.ndarray) -> list[Detection]:
        return []


def open_data(where: str) -> PicturedData:
    """'pose2sim', or the data set in a folder, told apart by its annotations.

    Raises DataSetError if the folder has none that is known or something in it is malformed; ModelError if the footage
    is not there.
    """
    if where == POSE2SIM:
        from ..benchmarks.pose2sim import open_pose2sim
        footage = open_pose2sim(_Blind(), progress=False)
        return PicturedData(footage.title, footage.truth, footage.frames)
    from ..protocols.mupots_release import find_release
    folder = Path(where).expanduser()
    if (folder / 'MuCo-3DHP.json').is_file():
        return _muco(folder)
    if (folder / 'MuPoTS-3D.json').is_file() or find_release(folder) is not None:
        return _mupots(folder)
    if any(next((folder / 'annotations').glob(f'{name}*'), None) for name in ('subject_', 'Human36M_subject')):
        return _human36m(folder)
    what = 'holds no annotations that are known' if folder.is_dir() else 'does not exist'
    raise DataSetError(f'{folder} {what}; {KINDS}')


def _muco(folder: Path) -> PicturedData:
    from ..benchmarks.synthetic import samples_of, truth_of
    samples = list(samples_of(folder))
    truth = truth_of(samples)
    return PicturedData(str(folder), truth, lambda: map(Frame.of_sample, truth.image_ids, samples))


def _mupots(folder: Path) -> PicturedData:
    from ..files.image_names import mupots_names
    from ..protocols.mupots_truth import read_mupots
    data = read_mupots(folder)
    return PicturedData('MuPoTS-3D', data.roots, lambda: itertools.starmap(Frame.of_sample, data.samples()),
                        lambda: mupots_names(folder))


def _human36m(folder: Path) -> PicturedData:
    from ..files.image_names import human36m_names
    from ..protocols.human36m_truth import read_human36m
    data = read_human36m(folder)
    return PicturedData('Human3.6M', data.people, lambda: itertools.starmap(Frame.of_sample, data.samples()),
                        lambda: human36m_names(folder))
