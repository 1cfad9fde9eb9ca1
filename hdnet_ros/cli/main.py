"""The command ``hdnet``: its subcommands, and how failures reach the user."""
from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

# Name, which is also that of the module, and one line of help; a module is imported only when its command is called.
COMMANDS = {
    'infer': 'people in metres from images, videos, webcams and bags, with a picture',
    'models': 'list, fetch and verify the model files',
    'synthesize': 'draw images of synthetic people with metric truth',
    'train': 'train HDNet as a configuration file says',
    'evaluate': "the paper's tables and figures, and benchmarks that anyone can run",
    'ablate': 'train variants of HDNet alike and compare them',
    'bench': 'measure how fast the parts run, and how well simulated people are followed',
}

_EXAMPLES = """\
examples:
  hdnet models fetch                             download what the default pipeline needs
  hdnet infer photo.jpg --hfov 70                people in a photograph, horizontal field of view 70 degrees
  hdnet infer film.mp4 --camera-info camera.yaml --output out
  hdnet bench pipeline photo.jpg --hfov 70

exit codes: 0 done, 1 not everything went well, 2 wrong usage or input, 130 stopped with Ctrl-C
`hdnet COMMAND --help` tells the rest."""

# The classes of errors whose message is for the user, by module so that none of it is imported in vain.
_USER_ERRORS = {
    'hdnet_ros.models': ('ModelError',),
    'hdnet_ros.calibration': ('CalibrationError',),
    'hdnet_ros.network.checkpoint_file': ('CheckpointError',),
    'hdnet_ros.perception.detector.error': ('DetectorError',),
    'hdnet_ros.sources.source': ('SourceError',),
    'hdnet_ros.training.errors': ('TrainingError', 'ConfigError', 'DataSetError'),
    'hdnet_ros.cli.pipeline_arguments': ('SettingsError',),
    'hdnet_ros.evaluation.people_table': ('PredictionError',),
    'hdnet_ros.evaluation.runner': ('RunError',),
    'hdnet_ros.training.synthetic.errors': ('SyntheticError',),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``hdnet`` with these arguments (default: those of the process); the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(chosen=next((a for a in argv if not a.startswith('-')), None))
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 2
    try:
        return args.run(args)
    except KeyboardInterrupt:
        print('stopped', file=sys.stderr)
        return 130
    except BrokenPipeError:   # `hdnet ... | head` is no failure; what is left in the buffer has nowhere to go
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if not is_user_error(error):
            raise
        print(f'hdnet {args.command}: {_message(error)}', file=sys.stderr)
        return 2


def is_user_error(error: BaseException) -> bool:
    """Whether the message of an error says all a user needs, so that a traceback would only be in the way."""
    if isinstance(error, (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)):
        return True
    for module_name, names in _USER_ERRORS.items():
        module = sys.modules.get(module_name)   # an error of a module that was never imported cannot be here
        if module and any(isinstance(error, getattr(module, name)) for name in names):
            return True
    return False


def _message(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename:
        return f'{error.strerror}: {error.filename}'
    return str(error)


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='hdnet', description='People in metres from one calibrated camera.', epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--version', action='version', version=f'hdnet_ros {_version()}')
    commands = parser.add_subparsers(dest='command', metavar='COMMAND')
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary[0].upper() + summary[1:] + '.')
        if name == chosen:
            module = importlib.import_module(f'hdnet_ros.cli.{name}')
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def _version() -> str:
    try:
        return version('hdnet_ros')
    except PackageNotFoundError:    # run from the source folder
        return '(not installed)'


if __name__ == '__main__':
    sys.exit(main())
