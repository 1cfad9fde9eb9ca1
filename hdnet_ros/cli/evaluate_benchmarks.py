"""``hdnet evaluate pose2sim`` and ``synthetic``: what tables 1 and 2 measure, on people that anyone can get."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hdnet_ros.cli.argument_types import positive
from hdnet_ros.cli.evaluate_output import add_table_arguments, write_tables
from hdnet_ros.cli.system_arguments import (
    SYSTEMS_HELP,
    SystemChoice,
    add_system_arguments,
    chosen_lifter,
    chosen_systems,
)
from hdnet_ros.training.errors import DataSetError

_POSE2SIM = """\
Four calibrated cameras, a real man (1.72 m) and a composited woman (1.40 m), triangulated truth, boxes of the detector.
The footage comes with a package: hdnet models fetch pose2sim_footage

"""
_SYNTHETIC = """\
People whom hdnet synthesize has drawn, adults and children apart, true boxes that err as a detector's do. Get them with
  hdnet synthesize people_test --count 1500 --split test
People of other splits choose the weights, or teach them; the title tells which split it is.

"""
_DEFAULTS = """\
Without --system: HDNet (ours, or --checkpoint) in the windows of its checkpoint and with one window per person, HDNet
and the geometric method together, the geometric methods alone, box size, and a constant.

"""


def add_arguments(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare the arguments of one benchmark."""
    parser.epilog = (_POSE2SIM if what == 'pose2sim' else _SYNTHETIC) + _DEFAULTS + SYSTEMS_HELP
    if what == 'pose2sim':
        parser.add_argument('--cameras', nargs='+', default=(), choices=('cam01', 'cam02', 'cam03', 'cam04'),
                            help='default: all four')
    else:
        parser.add_argument('--data', type=Path, metavar='FOLDER', help='folder that hdnet synthesize has written')
        parser.add_argument('--images', type=positive, metavar='N', help='the first N images only')
    add_table_arguments(parser)
    add_system_arguments(parser)


def everything(checkpoint: str) -> tuple[SystemChoice, ...]:
    """All systems that need no files of the user, with HDNet from a checkpoint, '' for ours."""
    from hdnet_ros.evaluation.systems import geometric
    simple = (*geometric.NAMES, 'box_size', 'constant')
    # A window per person beside windows for several: what it costs to look at several people at once.
    return (SystemChoice('hdnet', 'hdnet', checkpoint), SystemChoice('hdnet_box', 'hdnet', checkpoint, 'box'),
            SystemChoice('combined', 'combined', checkpoint), *(SystemChoice(name, name) for name in simple))


def run(args: argparse.Namespace, what: str) -> int:
    """Run the systems and print one table per group of people; the exit code."""
    from hdnet_ros.evaluation.benchmarks.result import run_benchmark
    systems = chosen_systems(args, default=everything(args.checkpoint))
    if what == 'pose2sim':
        from hdnet_ros.evaluation.benchmarks.pose2sim import open_pose2sim
        benchmark = open_pose2sim(cameras=args.cameras, camera_roll_deg=args.camera_roll)
        part = '_'.join(args.cameras) or 'all'
    else:
        from hdnet_ros.evaluation.benchmarks.synthetic import open_synthetic
        try:
            if args.data is None:
                raise DataSetError('give the folder of the people with --data FOLDER')
            benchmark = open_synthetic(args.data, args.images)
            if benchmark.caution:
                print(f'hdnet evaluate synthetic: {benchmark.caution}; '
                      'get others with: hdnet synthesize people_test --count 1500 --split test', file=sys.stderr)
            part = args.data.resolve().name + (f'_{args.images}' if args.images else '')
        except DataSetError as error:
            print(f'hdnet evaluate synthetic: {error}\n{_SYNTHETIC.strip()}', file=sys.stderr)
            return 1
    lifter = chosen_lifter(args, systems)
    result = run_benchmark(benchmark, systems, lifter, args.runs / what / part, camera_roll_deg=args.camera_roll)
    write_tables(args, result.tables())
    return 0
