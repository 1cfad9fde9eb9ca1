"""``hdnet evaluate export``: our predictions in the layouts that the evaluation code of others reads."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

_EPILOG = """\
FILE.jsonl is what the tables leave in --runs.

  hdnet evaluate export run.jsonl --poses preds_2d_kpt_mupots.mat preds_3d_kpt_mupots.mat
  hdnet evaluate export run.jsonl --roots bbox_root_mupots_output.json --mupots MuPoTS"""


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """What to write from which file."""
    parser.epilog = _EPILOG
    parser.add_argument('predictions', type=Path, metavar='FILE.jsonl', help='predictions of ours')
    parser.add_argument('--poses', type=Path, nargs=2, metavar=('2D.mat', '3D.mat'),
                        help='poses as the evaluation code of MuPoTS-3D reads them')
    parser.add_argument('--roots', type=Path, metavar='FILE.json',
                        help='roots as RootNet publishes them; needs the folder of the data set, whose annotations '
                             'number the images')
    folder = parser.add_mutually_exclusive_group()
    folder.add_argument('--mupots', type=Path, metavar='FOLDER', help='folder of MuPoTS-3D')
    folder.add_argument('--human36m', type=Path, metavar='FOLDER', help='folder of Human3.6M')


def run(args: argparse.Namespace, what: str) -> int:
    """Write the files; the exit code."""
    from hdnet_ros.evaluation.files.image_names import human36m_names, mupots_names
    from hdnet_ros.evaluation.files.poses import write_poses
    from hdnet_ros.evaluation.files.roots import write_roots
    from hdnet_ros.evaluation.people_file import read_people
    from hdnet_ros.training.errors import DataSetError
    if not (args.poses or args.roots):
        return _refused('say what to write: --poses, --roots or both')
    if args.roots and not (args.mupots or args.human36m):
        return _refused('--roots needs the folder of the data set: --mupots or --human36m')
    try:
        people = read_people(args.predictions)
        if args.poses:
            write_poses(people, *args.poses)
        if args.roots:
            write_roots(people, args.roots, mupots_names(args.mupots) if args.mupots else human36m_names(args.human36m))
    except DataSetError as error:
        print(f'hdnet evaluate export: {error}', file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:      # PredictionError is a ValueError
        return _refused(error)
    for path in (*(args.poses or ()), *([args.roots] if args.roots else ())):
        print(f'wrote {path}', file=sys.stderr)
    return 0


def _refused(reason: object) -> int:
    print(f'hdnet evaluate export: {reason}', file=sys.stderr)
    return 2
