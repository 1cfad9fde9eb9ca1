"""What a benchmark is: images with fixed boxes, and the truth about whom each box is of."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from hdnet_ros.evaluation.people_table import PeopleTable, PredictionError, TruthTable
from hdnet_ros.evaluation.runner import Frame
from hdnet_ros.perception.people import Detection

# Files of predictions round boxes; two boxes of one detector differ by more than this.
_SAME_BOX_PX = 0.01
NOBODY = -1


@dataclass(frozen=True, eq=False)
class GivenBoxes:
    """The boxes of one image.

    detections: what every system is asked about. owner: (P,) the row of the truth that each box is of, or ``NOBODY``.
    """

    detections: tuple[Detection, ...]
    owner: np.ndarray


@dataclass(frozen=True, eq=False)
class Benchmark:
    """Images, boxes and truth; every system gets the same.

    title: for tables. truth: everybody who counts. boxes: for each of ``truth.image_ids``.
    groups: rows of the truth to report together, by the name of the group.
    frames: opens the images anew, in the order of ``truth.image_ids``.
    torso_px: (T,) length of each true person's trunk in the image, NaN if unknown.
    caution: why the figures may flatter, if they may.
    """

    title: str
    truth: TruthTable
    boxes: tuple[GivenBoxes, ...]
    groups: dict[str, np.ndarray]
    frames: Callable[[], Iterable[Frame]]
    torso_px: np.ndarray
    caution: str = ''

    def owners(self, people: PeopleTable) -> np.ndarray:
        """(R,) the row of the truth that each estimate is about, told by its box, or ``NOBODY``.

        Raises PredictionError if an estimate was made for a box that is not one of the benchmark's.
        """
        owner = np.full(len(people), NOBODY)
        given = dict(zip(self.truth.image_ids, self.boxes, strict=True))
        for row, image in enumerate(people.image):
            boxes = given[people.image_ids[image]]
            off = [np.abs(d.box - people.box[row]).max() for d in boxes.detections]
            if not off or not min(off) <= _SAME_BOX_PX:
                raise PredictionError(f'{self.title}, image {people.image_ids[image]!r}: these predictions were made '
                                      'with other boxes; remove them and run again')
            owner[row] = boxes.owner[int(np.argmin(off))]
        return owner
