"""``hdnet evaluate figure4``: the largest errors of somebody's predictions, and why."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hdnet_ros.cli.argument_types import positive, positive_number
from hdnet_ros.cli.evaluate_output import add_table_arguments, picture_file, write_picture, write_tables
from hdnet_ros.evaluation.figures.data import KINDS
from hdnet_ros.evaluation.figures.errors import AVERAGE_STATURE_M
from hdnet_ros.training.errors import DataSetError

_EPILOG = f"""\
{KINDS}

For each person: how much of the true box another one covers, the size of the person (as arms and legs tell it) against
the average, and how many joints are hidden. What is out of the ordinary is named as the cause.

examples:
  hdnet evaluate pose2sim && hdnet evaluate figure4 --data pose2sim \\
      --predictions runs/evaluation/pose2sim/all/geometric_ransac.jsonl
  hdnet evaluate figure4 --data MuPoTS --predictions bbox_root_mupots_output.json --count 12 --picture errors.png"""


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare the arguments of ``hdnet evaluate figure4``."""
    parser.epilog = _EPILOG
    parser.add_argument('--data', metavar='WHERE', required=True, help='the data set, see below')
    parser.add_argument('--predictions', required=True, metavar='FILE',
                        help='file of predictions: ours (.jsonl), roots (.json), or poses (2D.mat,3D.mat)')
    parser.add_argument('--count', type=positive, default=8, metavar='N', help='show so many (default: %(default)s)')
    parser.add_argument('--average', type=positive_number, default=AVERAGE_STATURE_M, metavar='M',
                        help='height of an average person, metres (default: %(default)s)')
    parser.add_argument('--picture', type=picture_file, default=Path('figure4.png'), metavar='FILE',
                        help='write the picture there (default: %(default)s)')
    parser.add_argument('--plain', action='store_true', help='leave the images out: nobody can be recognised')
    add_table_arguments(parser)


def run(args: argparse.Namespace, what: str) -> int:
    """Write the picture and print the tables; the exit code."""
    from hdnet_ros.evaluation.comparison import read_predictions
    from hdnet_ros.evaluation.figures.data import open_data
    from hdnet_ros.evaluation.figures.errors import causes_table, errors_table, person_errors, with_cut_off
    from hdnet_ros.evaluation.figures.figure4 import draw_figure4
    try:
        data = open_data(args.data)
        people = read_predictions([Path(file) for file in args.predictions.split(',')], data.names)
        errors, missed = person_errors(people, data.truth, args.average)
        largest = errors[:max(1, args.count)]
        pictures = data.pictures({error.image_id for error in largest})
        sizes = {name: (picture.camera.width, picture.camera.height) for name, picture in pictures.items()}
        largest = with_cut_off(largest, data.truth, sizes)
    except DataSetError as error:
        print(f'hdnet evaluate figure4: {error}', file=sys.stderr)
        return 1
    if not errors:
        print(f'hdnet evaluate figure4: none of the {missed} true people has an estimate in {args.predictions}',
              file=sys.stderr)
        return 1
    write_picture(args.picture, draw_figure4(largest, data.truth, pictures, plain=args.plain))
    write_tables(args, [errors_table(largest, f'{data.title}: the largest errors'),
                        causes_table(errors, missed, args.average)])
    return 0
