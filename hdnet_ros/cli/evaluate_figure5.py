"""``hdnet evaluate figure5``: an image with boxes, and the scene from both sides and from above."""
from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hdnet_ros.cli.camera_arguments import add_camera_arguments, camera_for
from hdnet_ros.cli.evaluate_output import picture_file, write_picture
from hdnet_ros.cli.people_text import person_line
from hdnet_ros.cli.pipeline_arguments import add_pipeline_arguments, build_pipeline
from hdnet_ros.evaluation.figures.data import KINDS, POSE2SIM
from hdnet_ros.sources import SourceError, open_source
from hdnet_ros.training.errors import DataSetError

if TYPE_CHECKING:
    from hdnet_ros.evaluation.figures.data import Picture, PicturedData
    from hdnet_ros.perception.people import Detection, Person

_EPILOG = f"""\
SOURCE is an image or a video of yours; it needs a camera. Without SOURCE the image is one of a data set, by default of
the real footage of Pose2Sim; then the truth is drawn too, in grey.
People are found by the pipeline, or come from --predictions.

{KINDS}

examples:
  hdnet evaluate figure5                                            the footage (hdnet models fetch pose2sim_footage)
  hdnet evaluate figure5 photo.jpg --hfov 70 --output scene.png
  hdnet evaluate figure5 film.mp4 --frame 120 --camera-info camera.yaml
  hdnet evaluate figure5 --data MuPoTS --image TS6/img_000100 --predictions 2D.mat,3D.mat"""
_DEFAULT_IMAGE = 'cam03/020'


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare the arguments of ``hdnet evaluate figure5``."""
    parser.epilog = _EPILOG
    parser.add_argument('source', nargs='?', metavar='SOURCE', help='image or video file')
    parser.add_argument('--frame', type=int, default=0, metavar='N', help='which one of a video, from 0 (default: 0)')
    parser.add_argument('--data', metavar='WHERE', help=f'a data set, see below (default: {POSE2SIM})')
    parser.add_argument('--image', metavar='ID', help=f'which image of it (default: the first with people; '
                                                      f'{_DEFAULT_IMAGE} of {POSE2SIM})')
    parser.add_argument('--predictions', metavar='FILE',
                        help='people of the data set from this file: ours (.jsonl), roots (.json), or 2D.mat,3D.mat')
    parser.add_argument('--boxes', choices=('detector', 'truth'), default='detector',
                        help='what the pipeline starts from, in images of a data set (default: %(default)s)')
    parser.add_argument('--output', type=picture_file, default=Path('figure5.png'), metavar='FILE',
                        help='write the picture there (default: %(default)s)')
    parser.add_argument('--plain', action='store_true', help='leave the image out: nobody can be recognised')
    add_camera_arguments(parser)
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace, what: str) -> int:
    """Write the picture and print who is in it; the exit code."""
    from hdnet_ros.evaluation.figures.data import Picture
    from hdnet_ros.evaluation.figures.figure5 import draw_figure5
    truth: Sequence[Person] = ()
    if args.source is not None:
        if args.data or args.image or args.predictions:
            raise SourceError('--data, --image and --predictions are for images of a data set, not for a file of yours')
        image = _frame(args.source, args.frame, as_stored=args.camera_info is not None)
        picture = Picture(image, camera_for(args, image.shape[1], image.shape[0]))
        people = _find(args, picture)
    else:
        try:
            people, truth, picture = _of_data_set(args)
        except DataSetError as error:
            print(f'hdnet evaluate figure5: {error}', file=sys.stderr)
            return 1
    for person in people:
        print(person_line(person))
    if not people:
        print('nobody')
    write_picture(args.output, draw_figure5(picture.image, people, picture.camera, truth=truth, plain=args.plain))
    return 0


def _frame(source: str, number: int, as_stored: bool) -> np.ndarray:
    frame = next(open_source(source, as_stored=as_stored, camera_given=True).frames(start=number), None)
    if frame is None:
        raise SourceError(f'{source} has no frame {number}')
    return frame.image


def _of_data_set(args: argparse.Namespace) -> tuple[Sequence[Person], Sequence[Person], Picture]:
    """People, truth, and the picture."""
    from hdnet_ros.evaluation.figures.data import open_data
    from hdnet_ros.evaluation.figures.people import people_of_rows
    data = open_data(args.data or POSE2SIM)
    name = args.image or (_DEFAULT_IMAGE if data.title.startswith('Real footage') else data.first_image)
    picture = data.pictures([name])[name]
    rows = np.flatnonzero(data.truth.image == data.truth.image_ids.index(name))
    truth = people_of_rows(data.truth, rows, picture.camera)
    if not args.predictions:
        boxes = [person.observation.detection for person in truth] if args.boxes == 'truth' else None
        return _find(args, picture, boxes), truth, picture
    return _predicted(args, data, name, picture), truth, picture


def _predicted(args: argparse.Namespace, data: PicturedData, name: str, picture: Picture) -> Sequence[Person]:
    from hdnet_ros.evaluation.comparison import read_predictions
    from hdnet_ros.evaluation.figures.people import people_of_rows
    people = read_predictions([Path(file) for file in args.predictions.split(',')], data.names)
    if name not in people.image_ids:
        raise DataSetError(f'{args.predictions} has no image {name!r}')
    return people_of_rows(people, np.flatnonzero(people.image == people.image_ids.index(name)), picture.camera)


def _find(args: argparse.Namespace, picture: Picture, boxes: Sequence[Detection] | None = None) -> Sequence[Person]:
    pipeline = build_pipeline(args, stills=True)
    try:
        return pipeline.process(picture.image, picture.camera, 0.0, boxes).people
    finally:
        pipeline.close()
