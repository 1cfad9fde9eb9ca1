"""``hdnet synthesize``: draw images of synthetic people with metric truth."""
from __future__ import annotations

import argparse
import functools
import sys
from pathlib import Path

from hdnet_ros.cli.argument_types import not_negative, positive
from hdnet_ros.cli.evaluate_output import picture_file, write_picture

_SHEET_CELLS = 16

_EPILOG = """\
Writes the layout of MuCo-3DHP: OUT/MuCo-3DHP.json and OUT/augmented_set/*.jpg.
The same seed, split and configuration give the same images, whatever the number of workers.

Needs the extra packages of `pip install anny==0.6.2 moderngl`, OpenGL on EGL (sudo apt install libegl1
libgl1-mesa-dri), and packages with clothes, motions, furniture and photographs; if they are missing, the
message names the `hdnet models fetch` command. They are prepared once, which takes a few minutes.
Licences: hdnet_ros/training/synthetic/ASSETS.md. What can be changed of the distributions: config/synthetic.yaml."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet synthesize``."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('output', type=Path, metavar='OUT', help='folder to write to; created')
    parser.add_argument('--count', type=positive, default=1000, metavar='N', help='number of images (default: 1000)')
    parser.add_argument('--seed', type=not_negative, default=1, metavar='S', help='of the random numbers (default: 1)')
    parser.add_argument('--split', choices=('train', 'validation', 'test'), default='train',
                        help='which bodies, poses, textures and backgrounds (default: train)')
    parser.add_argument('--workers', type=not_negative, default=2, metavar='W',
                        help='processes; 0: this one only (default: 2)')
    parser.add_argument('--config', type=Path, metavar='FILE', help='distributions (default: config/synthetic.yaml)')
    parser.add_argument('--set', action='append', default=[], dest='changes', metavar='KEY=VALUE',
                        help='change one value of it, as in --set bodies.child_share=0.4; may be given again')
    parser.add_argument('--contact-sheet', type=picture_file, metavar='FILE',
                        help=f'also draw the first {_SHEET_CELLS} images with joints and metres into one picture')


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet synthesize``; the exit code."""
    from tqdm import tqdm

    from hdnet_ros.training.synthetic.config import SyntheticConfig
    from hdnet_ros.training.synthetic.dataset import SyntheticPeople
    from hdnet_ros.training.synthetic.muco_writer import ANNOTATIONS, made_with, write_annotations, write_image
    from hdnet_ros.training.synthetic.workers import map_samples

    people = SyntheticPeople(SyntheticConfig.load(args.config, args.changes), args.seed, args.split)
    args.output.mkdir(parents=True, exist_ok=True)
    (args.output / ANNOTATIONS).unlink(missing_ok=True)     # of other images, which are overwritten from now on
    entries = map_samples(people, functools.partial(write_image, args.output), range(args.count), args.workers)
    count = write_annotations(args.output, tqdm(entries, total=args.count, unit='image'), made_with(people))
    print(f'{args.count} images with {count} people in {args.output}', file=sys.stderr)
    if args.contact_sheet:
        _write_sheet(people, min(args.count, _SHEET_CELLS), args.contact_sheet)
    return 0


def _write_sheet(people, count: int, path: Path) -> None:
    from hdnet_ros.training.synthetic.contact_sheet import contact_sheet
    write_picture(path, contact_sheet([people.sample(index) for index in range(count)]))
