"""Roots in published files: bbox_root_mupots_output.json, bbox_root_human36m_output.json."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from hdnet_ros.units import MM_PER_M

from ..people_table import PeopleTable
from .record import ImageNames, box_corners, image_of, numbers, read_list, score_of


def read_roots(path: str | Path, names: ImageNames) -> PeopleTable:
    """People with a root, a box and a score, but no joints; in the order of the file within each image.

    A list of records: ``image_id``, ``root_cam`` (X, Y, Z in mm, camera frame), ``bbox`` (x, y, width, height in px)
    and ``score``, 1 where it is not given.
    The boxes are those that RootNet cuts out, square and larger than the detections: not to be given to a system.
    names: from ids to names of images (``image_names.py``); all of them are in the table.
    Raises PredictionError, naming file and record, for a malformed one.
    """
    path = Path(path)
    order = {name: number for number, name in enumerate(names.values())}
    image, roots, boxes, scores = [], [], [], []
    for number, record in enumerate(read_list(path, 'roots of people')):
        where = f'{path}: record {number}'
        image.append(order[image_of(record, names, where)])
        roots.append(numbers(record, 'root_cam', 3, where) / MM_PER_M)
        boxes.append(box_corners(record, where))
        scores.append(score_of(record, where))
    return PeopleTable(list(order), np.array(image, dtype=np.int64), np.reshape(roots, (-1, 3)),
                       np.reshape(boxes, (-1, 4)), score=np.array(scores, dtype=np.float64))


def write_roots(people: PeopleTable, path: str | Path, names: ImageNames) -> None:
    """Write people in that layout, for the evaluation code of others.

    Raises ValueError for images without an id and people without a box.
    """
    ids = {name: number for number, name in names.items()}
    unknown = next((people.image_ids[i] for i in np.unique(people.image) if people.image_ids[i] not in ids), None)
    if unknown is not None:
        raise ValueError(f'the annotations have no image {unknown!r}')
    if not np.isfinite(people.box).all():
        raise ValueError('this layout needs the box of everybody')
    records = []
    for row in range(len(people)):
        x, y, x_max, y_max = people.box[row].tolist()
        records.append({'image_id': ids[people.image_ids[people.image[row]]],
                        'root_cam': (people.root[row] * MM_PER_M).tolist(), 'bbox': [x, y, x_max - x, y_max - y],
                        'score': float(people.score[row])})
    Path(path).write_text(json.dumps(records), encoding='utf-8')
