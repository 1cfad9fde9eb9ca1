"""``hdnet evaluate table1`` to ``table6``: the paper's rows, and ours beside them."""
from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hdnet_ros.cli.evaluate_output import add_table_arguments, write_tables
from hdnet_ros.cli.pipeline_arguments import add_download_argument
from hdnet_ros.cli.system_arguments import (
    SYSTEMS_HELP,
    add_system_arguments,
    chosen_labels,
    chosen_lifter,
    chosen_systems,
    run_systems_on,
)
from hdnet_ros.evaluation.published import published_table
from hdnet_ros.evaluation.tables import notes, rows
from hdnet_ros.evaluation.tables.more import MORE
from hdnet_ros.evaluation.tables.table import Row
from hdnet_ros.training.errors import DataSetError

if TYPE_CHECKING:
    from hdnet_ros.evaluation.comparison import Predictions
    from hdnet_ros.evaluation.protocols.results import Human36mResult, MupotsResult
    from hdnet_ros.evaluation.runner import Frame
    from hdnet_ros.perception.detector.config import DetectorConfig
    from hdnet_ros.perception.people import Detection
    from hdnet_ros.training.samples import Sample

HUMAN36M, MUPOTS = 'human36m', 'mupots'
_DATA = {'table1': (HUMAN36M,), 'table6': (HUMAN36M, MUPOTS)}
_NAMES = {HUMAN36M: 'Human3.6M', MUPOTS: 'MuPoTS-3D'}
_NEEDS_JOINTS = ('table3', 'table4', 'table5')
_DETECTORS = ('ssd_mobilenet', 'torchvision')
_DEFAULT_BOXES = {HUMAN36M: 'truth', MUPOTS: _DETECTORS[0]}
# The published protocol of MuPoTS-3D ranks all detections, also those that a robot would not act upon; a Mask R-CNN
# reports its own from this score on, and at most so many.
_LEAST_SCORE, _MOST_PEOPLE = 0.05, 100

_EPILOG = """\
Without options: the figures that the paper prints. Ours come below them, from files ({predictions}) or from
systems that are run now (--system). Both need the data set; {folders} on an empty folder tells where to get it.

predictions, NAME=FILE:
  FILE.jsonl                 what --system leaves in --runs
  FILE.json                  roots as RootNet publishes them (image_id, root_cam in mm, bbox, score)
  2D.mat,3D.mat              poses as the evaluation code of MuPoTS-3D reads them

"""


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare the arguments of one table."""
    data = _DATA.get(what, (MUPOTS,))
    epilog = _EPILOG.format(predictions=', '.join(_option(name, 'predictions', data) for name in data),
                            folders=' or '.join(_folder_option(name, data) for name in data))
    parser.epilog = epilog + SYSTEMS_HELP
    for name in data:
        parser.add_argument(_folder_option(name, data), type=Path, metavar='FOLDER', dest=f'{name}_folder',
                            help=f'folder of {_NAMES[name]}')
        parser.add_argument(_option(name, 'predictions', data), action='append', default=[], type=_predictions,
                            metavar='NAME=FILE', dest=f'{name}_predictions',
                            help=f'score these predictions for {_NAMES[name]}, see below; may be given again')
        parser.add_argument(_option(name, 'boxes', data), metavar='WHICH', dest=f'{name}_boxes',
                            default=_DEFAULT_BOXES[name],
                            help=f"where systems look for people in {_NAMES[name]}: 'truth', a detector of ours "
                                 f'({", ".join(_DETECTORS)}) with all boxes that score {_LEAST_SCORE:g} or more, or a '
                                 'published JSON file of detections (default: %(default)s)')
    if HUMAN36M in data:
        parser.add_argument('--protocol', type=int, choices=(1, 2), default=2,
                            help='of Human3.6M: 1 is subject 11, 2 (the paper) subjects 9 and 11')
        parser.add_argument('--detections', action='store_true',
                            help="take the root's pixel from annotations/subject_N_cpn.h5, as the paper does, and only "
                                 'the depth from the system')
    add_download_argument(parser)
    # What table 1 tells of joints is an extra: systems give it only if --posenet says whose.
    parser.set_defaults(shows_joints=what in (*_NEEDS_JOINTS, 'table1'))
    add_table_arguments(parser)
    add_system_arguments(parser)


def run(args: argparse.Namespace, what: str) -> int:
    """Print the table; the exit code."""
    from hdnet_ros.evaluation.comparison import check_labels
    table = published_table(int(what.removeprefix('table')))
    data = _DATA.get(what, (MUPOTS,))
    asked = args.system or args.checkpoint or any(getattr(args, f'{name}_predictions') for name in data)
    folders = {name: getattr(args, f'{name}_folder') for name in data}
    if not asked and not any(folders.values()):
        write_tables(args, table)
        print('\nThese are the figures that the paper prints. '
              f'`hdnet evaluate {what} --help` tells how to get ours; for that you need:\n\n{_where_to_get(data)}',
              file=sys.stderr)
        return 0
    try:
        lacking = [name for name in data if getattr(args, f'{name}_predictions') and not folders[name]]
        if asked and not any(folders.values()):
            lacking = lacking or list(data)
        if lacking:
            options = ' and '.join(_folder_option(name, data) for name in lacking)
            raise DataSetError(f'give the folder of the data set with {options}: it has the truth to compare with.\n\n'
                               + _where_to_get(lacking))
        for name in filter(folders.get, data):     # before hours of work
            check_labels([*(each.label for each in getattr(args, f'{name}_predictions')), *chosen_labels(args)])
        results = {name: _SCORERS[name](args, folder) if folder else {} for name, folder in folders.items()}
    except DataSetError as error:
        write_tables(args, table)
        print(f'hdnet evaluate {what}: {error}', file=sys.stderr)
        return 1
    if not asked:
        print(f'hdnet evaluate {what}: the data are there; say what to evaluate with --system or --predictions',
              file=sys.stderr)
    ours = table.with_rows(*_rows(what, results))
    more = MORE[what](results[data[0]]) if what in MORE else []
    write_tables(args, [ours, *more] if more else ours)
    return 0


def _rows(what: str, results: Mapping[str, Mapping[str, Any]]) -> tuple[list[Row], list[str]]:
    """Our rows, and what to note about them."""
    human36m, mupots = (results.get(name, {}) for name in (HUMAN36M, MUPOTS))
    told = [*(notes.human36m_note(label, each) for label, each in human36m.items()),
            *(notes.mupots_note(label, each) for label, each in mupots.items())]
    if what in _NEEDS_JOINTS:
        about_truth = [notes.poses_note(each) for each in mupots.values() if each.absolute_matched is not None]
    else:
        about_truth = [notes.roots_note(each) for each in mupots.values()]
        told += filter(None, (notes.ap_note(label, each) for label, each in mupots.items()))
    told += dict.fromkeys(about_truth)      # one sentence for all labels
    if what == 'table6':
        labels = dict.fromkeys(label for found in results.values() for label in found)
        return [rows.table6_row(label, human36m.get(label), mupots.get(label)) for label in labels], told
    make: Callable[[str, Any], Row | None] = getattr(rows, f'{what}_row')
    made = {label: make(label, result) for found in results.values() for label, result in found.items()}
    told += [f'{label}: left out, since these predictions have no joints.'
             for label, row in made.items() if row is None]
    return [row for row in made.values() if row is not None], told


def _score_human36m(args: argparse.Namespace, folder: Path) -> dict[str, Human36mResult]:
    from hdnet_ros.evaluation.comparison import score_human36m
    from hdnet_ros.evaluation.files.image_names import human36m_names
    from hdnet_ros.evaluation.protocols.human36m_truth import read_detections, read_human36m
    truth = read_human36m(folder, args.protocol)
    detections = read_detections(folder, truth) if args.detections else None
    given = args.human36m_predictions
    joints = args.shows_joints and args.posenet
    data = f'{HUMAN36M}_p{args.protocol}{"_poses" if joints else ""}'
    predictions = [*given, *_run(args, truth.samples(), data, 'human36m_17' if joints else None,
                                 args.human36m_boxes, lambda: human36m_names(folder))]
    return score_human36m(predictions, truth, folder, detections)


def _score_mupots(args: argparse.Namespace, folder: Path) -> dict[str, MupotsResult]:
    from hdnet_ros.evaluation.comparison import score_mupots
    from hdnet_ros.evaluation.files.image_names import mupots_names
    from hdnet_ros.evaluation.protocols.intrinsics import describe_cameras
    from hdnet_ros.evaluation.protocols.mupots_truth import read_mupots
    truth = read_mupots(folder)
    print(f'MuPoTS-3D: {describe_cameras(truth.fitted, truth.given)}', file=sys.stderr)
    joints = args.shows_joints
    given = args.mupots_predictions
    predictions = [*given, *_run(args, truth.samples(), f'{MUPOTS}_{"poses" if joints else "roots"}',
                                 'mupots_17' if joints else None, args.mupots_boxes, lambda: mupots_names(folder))]
    return score_mupots(predictions, truth, folder)


_SCORERS: Mapping[str, Callable[[argparse.Namespace, Path], Mapping[str, Any]]] = {
    HUMAN36M: _score_human36m, MUPOTS: _score_mupots}


def _run(args: argparse.Namespace, samples: Iterable[tuple[str, Sample]], data: str,
         joint_set: str | None, boxes: str, names: Callable[[], Mapping[int, str]]) -> Sequence[Predictions]:
    """Run the systems that were asked for."""
    systems = chosen_systems(args)
    lifter = chosen_lifter(args, systems, keep_skeletons=joint_set is not None)
    if not systems:
        return ()
    samples = list(samples)
    given = None if boxes == 'truth' or boxes in _DETECTORS else _read_boxes(boxes, names())
    about: dict[str, Any] = {'boxes': boxes, 'images': _digest(samples, boxes, given)}
    detector = None
    if boxes in _DETECTORS:
        from hdnet_ros.perception.detector.detector import make_detector
        config = _detector_config(args, boxes)
        about |= {'score_threshold': config.score_threshold, 'max_people': config.max_people}
        detector = make_detector(config)
    return run_systems_on(args, systems, _frames(samples, boxes, given), data, about, joint_set, lifter, detector)


def _detector_config(args: argparse.Namespace, kind: str) -> DetectorConfig:
    from hdnet_ros.perception.detector.config import DetectorConfig
    return DetectorConfig(kind=kind, score_threshold=_LEAST_SCORE, max_people=_MOST_PEOPLE,
                          device=args.device, download=args.download)


def _read_boxes(path: str, names: Mapping[int, str]) -> Mapping[str, Sequence[Detection]]:
    from hdnet_ros.evaluation.files.boxes import read_boxes
    return read_boxes(path, names)


def _digest(samples: Sequence[tuple[str, Sample]], boxes: str, given: Mapping[str, Sequence[Detection]] | None) -> str:
    """Of all that systems are asked about: images, cameras, and boxes where they are known beforehand."""
    sha256 = hashlib.sha256()
    for name, sample in samples:
        known = [person.box for person in sample.people] if boxes == 'truth' else [
            np.append(detection.box, detection.score) for detection in (given or {}).get(name, ())]
        for part in (name.encode(), sample.K.astype(float).tobytes(), np.array(known, dtype=float).tobytes()):
            sha256.update(len(part).to_bytes(8, 'little') + part)
    return sha256.hexdigest()


def _frames(samples: Iterable[tuple[str, Sample]], boxes: str, given: Mapping[str, Sequence[Detection]] | None
            ) -> Iterator[Frame]:
    """The images with the boxes that were asked for; without any if a detector is to find them."""
    from hdnet_ros.evaluation.runner import Frame
    if boxes == 'truth':
        return (Frame.of_sample(name, sample) for name, sample in samples)
    if given is None:
        return (Frame(name, sample.read_image, sample.camera) for name, sample in samples)
    return (Frame(name, sample.read_image, sample.camera, given.get(name, [])) for name, sample in samples)


def _option(name: str, what: str, data: Sequence[str]) -> str:
    return f'--{name}-{what}' if len(data) > 1 else f'--{what}'


def _folder_option(name: str, data: Sequence[str]) -> str:
    return f'--{name}' if len(data) > 1 else '--data'


def _where_to_get(data: Sequence[str]) -> str:
    from hdnet_ros.evaluation.protocols import where_to_get
    return '\n\n'.join(getattr(where_to_get, name.upper()) for name in data)


def _predictions(text: str) -> Predictions:
    from hdnet_ros.evaluation.comparison import Predictions
    label, equals, files = text.partition('=')
    if not (label and equals and files):
        raise argparse.ArgumentTypeError(f'{text!r} is not of the form NAME=FILE')
    return Predictions(label, tuple(Path(file) for file in files.split(',')))
