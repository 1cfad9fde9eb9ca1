"""``hdnet evaluate``: the tables and figures of the paper, and the benchmarks that anyone can run."""
from __future__ import annotations

import argparse
import importlib

# Name, module and one line of help; a module is imported only when its command is called.
COMMANDS = {
    'table1': ('evaluate_tables', 'root localisation on Human3.6M: MRPE'),
    'table2': ('evaluate_tables', 'root localisation on MuPoTS-3D: AP and AR at four thresholds'),
    'table3': ('evaluate_tables', 'absolute 3DPCK by sequence of MuPoTS-3D'),
    'table4': ('evaluate_tables', 'absolute 3DPCK by joint on MuPoTS-3D'),
    'table5': ('evaluate_tables', 'root-relative 3DPCK by sequence of MuPoTS-3D'),
    'table6': ('evaluate_tables', 'what each component brings: MRPE z on Human3.6M, AP on MuPoTS-3D'),
    'pose2sim': ('evaluate_benchmarks', 'tables 1 and 2 on real footage that a package brings along'),
    'synthetic': ('evaluate_benchmarks', 'tables 1 and 2 on synthetic people'),
    'export': ('evaluate_export', 'predictions in the layouts that the evaluation code of others reads'),
    'figure4': ('evaluate_figure4', 'the largest errors, each with its cause'),
    'figure5': ('evaluate_figure5', 'an image with boxes, and the scene from both sides and from above'),
}

_EPILOG = """\
examples:
  hdnet evaluate table1                                        the figures that the paper prints
  hdnet evaluate table1 --data Human36M --system hdnet=ckpt.pth.tar --preset human36m_published \\
      --window-policy principal
  hdnet evaluate table2 --data MuPoTS --predictions theirs=bbox_root_mupots_output.json --format latex
  hdnet evaluate pose2sim                                      real footage, nothing to download by hand
  hdnet evaluate figure5 photo.jpg --hfov 70 --output scene.png

`hdnet evaluate WHAT --help` tells the rest. Exit codes: 0 done, 1 data that were asked for are not there,
2 wrong usage or input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to evaluate; the rest goes to the module of that command, which is only imported when asked for."""
    commands = '\n'.join(f'  {name:10} {text}' for name, (_, text) in COMMANDS.items())
    parser.epilog = f'commands:\n{commands}\n\n{_EPILOG}'
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('what', choices=COMMANDS, metavar='WHAT', help='a table, a figure or a benchmark, see below')
    parser.add_argument('rest', nargs=argparse.REMAINDER, metavar='...', help='options of that command')


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet evaluate``; the exit code."""
    module_name, summary = COMMANDS[args.what]
    module = importlib.import_module(f'hdnet_ros.cli.{module_name}')
    parser = argparse.ArgumentParser(
        prog=f'hdnet evaluate {args.what}', description=summary[0].upper() + summary[1:] + '.',
        formatter_class=argparse.RawDescriptionHelpFormatter)
    module.add_arguments(parser, args.what)
    return module.run(parser.parse_args(args.rest), args.what)
