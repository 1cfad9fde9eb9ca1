"""hdnet bench: how fast this machine runs the parts, and how well people are followed."""
from __future__ import annotations

import argparse
from importlib import import_module

WHAT = {
    'network': 'the depth network alone: as published, as it comes, and as the node runs it',
    'pipeline': 'a whole frame, stage by stage',
    'evaluation': 'reading and scoring the predictions of many images',
    'tracking': 'ids, steadiness and lag, by simulated people',
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to measure; the rest goes to hdnet_ros/cli/bench_<what>.py, which is only imported when asked for."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = __doc__
    parser.epilog = '\n'.join(['what to measure:', *(f'  {name:10} {text}' for name, text in WHAT.items()),
                               '', 'hdnet bench WHAT --help lists the options of each'])
    parser.add_argument('what', choices=WHAT, metavar='WHAT', help=' or '.join(WHAT))
    parser.add_argument('rest', nargs=argparse.REMAINDER, metavar='...', help='options of that measurement')


def run(args: argparse.Namespace) -> int:
    """Run the chosen measurement; its exit code."""
    module = import_module(f'.bench_{args.what}', __package__)
    parser = argparse.ArgumentParser(prog=f'hdnet bench {args.what}', description=module.__doc__)
    module.add_arguments(parser)
    return module.run(parser.parse_args(args.rest))
