"""Where joints lie in people's boxes: measured on a data set, for ``HDNetConfig.joint_places``.

python -m hdnet_ros.training.joint_places FOLDER: a table for a folder of ``hdnet synthesize`` or MuCo-3DHP.
"""
from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17, JointSet

from .datasets.registry import open_data_set, read_data_set
from .errors import DataSetError
from .samples import Sample
from .view import View


def joint_places(samples: Iterable[Sample], joint_set: JointSet) -> np.ndarray:
    """(J, 4) mean and standard deviation of each joint's x and y, in widths and heights of the box from its top left.

    Boxes end at the border of the image; joints outside their box do not count, since no heatmap reaches there. Every
    mirror image counts too, so left and right come out alike.
    DataSetError if a joint is nowhere to be seen.
    """
    places = []
    for sample in samples:
        for person in View.of(sample).people:
            places.append((person.joints_px - person.box[:2]) / (person.box[2:] - person.box[:2]))
    found = np.reshape(places, (-1, len(joint_set), 2))
    outside = ~((found >= 0) & (found <= 1)).all(axis=2)        # unknown joints, too
    found[outside] = np.nan
    mirrored = found[:, list(joint_set.flip_order)] * (-1, 1) + (1, 0)
    both = np.concatenate([found, mirrored])
    unseen = [name for name, none in zip(joint_set.joints, np.isnan(both[..., 0]).all(axis=0)) if none]
    if unseen:
        raise DataSetError(f'nobody has these joints in the box: {", ".join(unseen)}')
    return np.concatenate([np.nanmean(both, axis=0), np.nanstd(both, axis=0)], axis=1)


def main(arguments: list[str] | None = None) -> int:
    """0, or 2 if the data set cannot be used."""
    parser = argparse.ArgumentParser(prog='python -m hdnet_ros.training.joint_places', description=__doc__)
    parser.add_argument('folder', help='of the data set')
    parser.add_argument('--images', type=int, default=2500, help='how many to look at (default: %(default)s)')
    options = parser.parse_args(arguments)
    try:
        values = {'kind': 'muco', 'folder': options.folder, 'split': 'all'}
        data_set = open_data_set(read_data_set(values, 'folder'), HUMAN36M_17)
        measured = joint_places((data_set.sample(i) for i in range(min(options.images, len(data_set)))), HUMAN36M_17)
    except DataSetError as error:
        print(f'hdnet_ros.training.joint_places: {error}', file=sys.stderr)
        return 2
    for name, row in zip(HUMAN36M_17.joints, measured):
        print(f'({", ".join(f"{value:.3f}" for value in row)}),  # {name}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
