"""Boxes in published files: bbox_mupots_output.json, bbox_human36m_output.json."""
from __future__ import annotations

from pathlib import Path

from hdnet_ros.perception.people import Detection

from ..people_table import PredictionError
from .record import ImageNames, box_corners, image_of, read_list, score_of


def read_boxes(path: str | Path, names: ImageNames) -> dict[str, list[Detection]]:
    """The boxes of every image, by its name, in the order of the file; images without boxes have an empty list.

    A list of records: ``image_id``, ``bbox`` (x, y, width, height in px), and ``score``, 1 where it is not given.
    names: from ids to names of images (``image_names.py``).
    Raises PredictionError, naming file and record, for a malformed one, and for files of roots
    (bbox_root_*_output.json): their boxes have been made square and larger already, and a system that is given them
    does so again, which halves its precision.
    """
    path = Path(path)
    boxes: dict[str, list[Detection]] = {name: [] for name in names.values()}
    for number, record in enumerate(read_list(path, 'boxes of people')):
        where = f'{path}: record {number}'
        image = image_of(record, names, where)
        if 'root_cam' in record:
            raise PredictionError(f"{where} has a 'root_cam': this is a file of roots, whose boxes have been made "
                                  'square and larger already. Use the detections themselves, for example '
                                  'bbox_mupots_output.json')
        boxes[image].append(Detection(box_corners(record, where), score_of(record, where)))
    return boxes
