"""How well simulated people with the errors of real footage are followed: ids, steadiness, lag, moving robots."""
from __future__ import annotations

import argparse
import json
import sys

from tqdm import tqdm

from hdnet_ros.evaluation.tracking.crowd import CrowdOptions
from hdnet_ros.evaluation.tracking.report import crowd_report, motion_report
from hdnet_ros.perception.tracker import TrackerConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet bench tracking``."""
    parser.add_argument('--seeds', type=int, default=10, metavar='N',
                        help='simulated runs of each (default: %(default)s)')
    parser.add_argument('--people', type=int, default=10, metavar='N', help='size of the crowd (default: %(default)s)')
    parser.add_argument('--leaving', type=float, default=0.0, metavar='SHARE',
                        help='share of walks of the crowd that lead out of the image for good, somebody else coming '
                             'in instead (default: %(default)s)')
    parser.add_argument('--seconds', type=float, default=60.0, metavar='S',
                        help='length of a run of the crowd (default: %(default)s)')
    parser.add_argument('--fps', type=float, default=15.0, metavar='F', help='images per second (default: %(default)s)')
    parser.add_argument('--raw', action='store_true', help='without smoothing')
    parser.add_argument('--json', action='store_true', help='print JSON instead of tables')


def run(args: argparse.Namespace) -> int:
    """Simulate and print; the exit code."""
    if min(args.seeds, args.people) < 1 or min(args.seconds, args.fps) <= 0:
        print('hdnet bench: --seeds, --people, --seconds and --fps must be positive', file=sys.stderr)
        return 2
    if not 0 <= args.leaving <= 1:
        print(f'hdnet bench: --leaving must lie in 0..1, not {args.leaving:g}', file=sys.stderr)
        return 2
    config = TrackerConfig(smooth=not args.raw, max_people=max(32, args.people))
    seeds = range(args.seeds)
    options = CrowdOptions(people=args.people, seconds=args.seconds, fps=args.fps,
                           leaving=args.leaving)
    try:
        crowd = crowd_report(tqdm(seeds, unit='crowd', disable=not sys.stderr.isatty()), options, config)
    except ImportError as error:
        print(f'hdnet bench: {error}', file=sys.stderr)
        return 1
    motion = motion_report(tqdm(seeds, unit='seed', disable=not sys.stderr.isatty()), args.fps, config)
    if args.json:
        print(json.dumps({'seeds': args.seeds, 'crowd': crowd, 'motion': motion}, indent=1))
        return 0
    print(f'{args.people} people for {args.seconds:g} s at {args.fps:g} images per second, {args.seeds} seeds '
          '(mean, worst)')
    for name, (mean, worst) in crowd.items():
        print(f'  {name:44}{mean:9.3f}{worst:9.3f}')
    print(f'one person, {args.seeds} seeds (mean, worst)')
    for name, (mean, worst) in motion.items():
        print(f'  {name:44}{mean:9.3f}{worst:9.3f}')
    return 0
