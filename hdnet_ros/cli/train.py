"""``hdnet train``: train HDNet as a configuration file says."""
from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

from hdnet_ros.training.configurations import configuration_names

_EPILOG = """\
The output folder gets logs (train.csv, validation.csv, tensorboard/, pictures/), checkpoints/, the best weights so far
(best.safetensors) and, at the end or with --export, hdnet.safetensors: calibrated, in half precision, for the node.

examples:
  hdnet train lite --output runs/lite --set data.train.0.folder=people --set data.validation.0.folder=people_val
  hdnet train lite --output runs/lite --resume      go on after an interruption, with the same --set
  torchrun --nproc-per-node 4 -m hdnet_ros.cli.main train paper --output runs/paper

Exit code: 0 done, 2 wrong usage, configuration or data, 130 stopped by a signal (the state is saved)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet train``."""
    parser.epilog = f'CONFIG is a YAML file, or the name of one of ours: {configuration_names()}.\n{_EPILOG}'
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('config', metavar='CONFIG', help='YAML file, or the name of one of ours')
    parser.add_argument('--output', type=Path, metavar='DIR', help='default: runs/CONFIG')
    parser.add_argument('--resume', action='store_true', help='go on from the newest checkpoint, if there is one')
    parser.add_argument('--set', action='append', default=[], dest='changes', metavar='KEY=VALUE',
                        help='change one value, as in --set schedule.batch_size=8; may be given again')
    parser.add_argument('--device', default='auto', help="'auto', 'cpu', 'cuda' or 'cuda:N' (default: %(default)s)")
    parser.add_argument('--export', action='store_true',
                        help='do not train: calibrate the best weights so far and write hdnet.safetensors')
    parser.add_argument('--quiet', action='store_true', help='no progress bar')


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet train``; the exit code."""
    from hdnet_ros.training.config import load_config
    from hdnet_ros.training.distributed import start
    from hdnet_ros.training.trainer import EXPORTED, Trainer, export_run

    config = load_config(args.config, args.changes)
    output = args.output or Path('runs') / Path(args.config).stem
    processes = start(args.device)
    try:
        if args.export:
            found = export_run(config, output, processes.device)
            print(f'{output / EXPORTED}: ' + ', '.join(f'{name} {value:.4g}' for name, value in found.items()))
        elif not Trainer(config, output, processes, args.resume, progress=not args.quiet).run():
            if processes.is_main:
                print(f'stopped; go on with: {_command_to_go_on(args, output, processes.world)}', file=sys.stderr)
            return 130
    finally:
        processes.close()
    return 0


def _command_to_go_on(args: argparse.Namespace, output: Path, processes: int) -> str:
    start = f'torchrun --nproc-per-node {processes} -m hdnet_ros.cli.main' if processes > 1 else 'hdnet'
    arguments = ['train', args.config, '--output', str(output), '--resume']
    if args.device != 'auto':
        arguments += ['--device', args.device]
    for change in args.changes:
        arguments += ['--set', change]
    return f'{start} {shlex.join(arguments)}'
