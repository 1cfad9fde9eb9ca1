"""``hdnet ablate``: train variants of HDNet alike and compare them."""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hdnet_ros.cli.argument_types import not_negative, positive
from hdnet_ros.evaluation.tables.formats import FORMATS, write
from hdnet_ros.evaluation.variants import CONFIG, SEEDS, VARIANTS

_EPILOG = """\
Trains every variant with every seed, at the small budget of config/training/ablation.yaml, and prints one table each
for the components of the network (Table 6 of the paper), the number of depth bins and the number of GNN layers.
Stop it with Ctrl-C and give the same command again: finished runs are kept, an unfinished one goes on.

examples:
  hdnet synthesize people --count 6000
  hdnet synthesize people_validation --count 400 --split validation
  hdnet ablate --data people --validation people_validation --output runs/ablation
  hdnet ablate --data people --validation people_validation --only full regression --seeds 0 1 2 3

Exit code: 0 done, 1 nothing to measure, 2 wrong usage, configuration or data, 130 stopped (the state is saved)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet ablate``."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('--data', required=True, metavar='DIR', help='training people, written by hdnet synthesize')
    parser.add_argument('--validation', required=True, metavar='DIR', help='held-out people, likewise')
    parser.add_argument('--output', type=Path, default=Path('runs/ablation'), metavar='DIR',
                        help='folder of all runs (default: %(default)s)')
    parser.add_argument('--only', nargs='+', default=(), metavar='VARIANT',
                        help=f'some of {", ".join(VARIANTS)} (default: all)')
    parser.add_argument('--seeds', nargs='+', type=not_negative, default=SEEDS, metavar='N',
                        help=f'default: {" ".join(map(str, SEEDS))}')
    parser.add_argument('--config', default=CONFIG, metavar='CONFIG', help='YAML file (default: %(default)s)')
    parser.add_argument('--set', action='append', default=[], dest='changes', metavar='KEY=VALUE',
                        help='change one value of the configuration; may be given again')
    parser.add_argument('--images', type=positive, metavar='N', help='measure on the first N held-out images only')
    parser.add_argument('--no-training', action='store_true', help='only measure the runs that are there')
    parser.add_argument('--device', default='auto', help="'auto', 'cpu', 'cuda' or 'cuda:N' (default: %(default)s)")
    parser.add_argument('--quiet', action='store_true', help='no progress')
    parser.add_argument('--format', choices=tuple(FORMATS), default='text', help='of the tables (default: %(default)s)')


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet ablate``; the exit code."""
    from hdnet_ros.evaluation.ablations import measure_runs, plan, train_missing
    from hdnet_ros.evaluation.tables.ablations import ablation_tables
    from hdnet_ros.training.distributed import start
    runs = plan(args.data, args.validation, args.output, args.only, args.seeds, args.config, args.changes)
    if not args.no_training:
        processes = start(args.device)
        try:
            done = 0
            for done, each in enumerate(train_missing(runs, processes, progress=not args.quiet), start=1):
                if not args.quiet:
                    print(f'{done}/{len(runs)} {each.folder}', file=sys.stderr)
        finally:
            processes.close()
        if done < len(runs):
            print('stopped; give the same command again to go on', file=sys.stderr)
            return 130
    figures = measure_runs(runs, args.images, args.device, progress=not args.quiet)
    if not figures:
        print(f'hdnet ablate: there is no finished run in {args.output}', file=sys.stderr)
        return 1
    sys.stdout.write(write(ablation_tables(figures), args.format))
    return 0
