"""Write the predictions of many images to a file, then read and score them piece by piece."""
from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from tqdm import tqdm

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.people_file import iterate_people
from hdnet_ros.evaluation.people_record import EstimatedPerson, Header, encode
from hdnet_ros.evaluation.people_table import TruthTable
from hdnet_ros.evaluation.root_ap import THRESHOLDS_M
from hdnet_ros.evaluation.streaming import Stream
from hdnet_ros.skeleton import MUPOTS_17

PIECE = 1000    # images at once; the people of the first piece recur in all others
MISSED = 0.1    # share of the people who are not estimated
BODY_M = 0.3    # spread of the joints about the pelvis
NOISE = {'depth': 0.05, 'joints_m': 0.05}
HEADER = Header(MUPOTS_17.name, {'system': 'simulated'})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much to score."""
    parser.add_argument('--images', type=int, default=100_000, metavar='N', help='images (default: %(default)s)')
    parser.add_argument('--people', type=float, default=3.0, metavar='N',
                        help='mean number of people in an image (default: %(default)s)')
    parser.add_argument('--folder', metavar='DIR', help='where the file is written, and deleted in the end; 0.3 GB for '
                        '100,000 images (default: the folder for temporary files)')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')


def run(args: argparse.Namespace) -> int:
    """Measure and print; the exit code."""
    if args.images < 1 or args.people <= 0:
        print('hdnet bench: --images must be 1 or more, and --people above 0', file=sys.stderr)
        return 2
    with TemporaryDirectory(dir=args.folder) as folder:
        report = measure(Path(folder) / 'people.jsonl', args.images, args.people)
    print(json.dumps(report, indent=1) if args.json else as_table(report))
    return 0


def simulate(people_per_image: float, seed: int = 0) -> tuple[TruthTable, list[list[EstimatedPerson]]]:
    """True people in a piece of images, and what an imaginary system finds of them, image by image."""
    random = np.random.default_rng(seed)
    camera = Camera.pinhole(1920, 1080, 1500.0)
    image = np.repeat(np.arange(PIECE), random.poisson(people_per_image, PIECE))
    depth = random.uniform(2, 8, len(image))
    root = camera.unproject(random.uniform([200, 200], [1720, 880], (len(image), 2))) * depth[:, None]
    joints = root[:, None] + random.normal(0, BODY_M, (len(image), len(MUPOTS_17), 3))
    joints[:, MUPOTS_17.root] = root
    joints_px = camera.project(joints)
    truth = TruthTable([str(number) for number in range(PIECE)], image, root, root_px=joints_px[:, MUPOTS_17.root],
                       joints_px=joints_px, joints=joints, joint_set=MUPOTS_17.name)
    factor = np.exp(random.normal(0, NOISE['depth'], len(image)))
    estimated = joints + random.normal(0, NOISE['joints_m'], joints.shape)
    estimated += (root * factor[:, None])[:, None] - estimated[:, MUPOTS_17.root, None]
    seen = random.random(len(image)) >= MISSED
    found: list[list[EstimatedPerson]] = [[] for _ in range(PIECE)]
    for row in np.flatnonzero(seen):
        pixels = camera.project(estimated[row])
        found[image[row]].append(EstimatedPerson(
            root=estimated[row, MUPOTS_17.root], score=random.uniform(), log_sigma=NOISE['depth'],
            box=np.concatenate([np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)]),
            root_px=pixels[MUPOTS_17.root], joints_px=pixels, joints=estimated[row]))
    return truth, found


def pieces(images: int) -> Iterator[list[str]]:
    """Names of the images, piece by piece."""
    for start in range(0, images, PIECE):
        yield [f'image_{number:08d}' for number in range(start, min(start + PIECE, images))]


def measure(path: Path, images: int, people_per_image: float) -> dict[str, Any]:
    """Write, read and score; times, memory and scores by name.

    processor_s: computing time of reading and scoring, which other programs do not lengthen much.
    memory_early_mb: the most that the process had held after the first tenth; memory_mb: in the end.
    """
    truth, found = simulate(people_per_image)
    clock = Clock()
    _write(path, images, found)
    clock.stop('writing')
    processor = time.process_time()
    stream, done, early_mb = Stream(), 0, 0.0
    bar = tqdm(total=images, unit='image', desc='scoring', disable=not sys.stderr.isatty())
    for people in iterate_people(path, images=PIECE):
        clock.stop('reading')
        count = len(people.image_ids)
        stream.add(people, replace(truth.of_images(truth.image_ids[:count]), image_ids=people.image_ids))
        clock.stop('scoring')
        bar.update(count)
        done += count
        if not early_mb and 10 * done >= images:
            early_mb = _peak_mb()
    scores = stream.scores()
    clock.stop('scoring')
    processor = time.process_time() - processor
    bar.close()
    return {
        'machine': platform.processor() or platform.machine(), 'cores': os.cpu_count(),
        'images': scores.images, 'people': scores.people, 'truths': scores.truths,
        'file_mb': path.stat().st_size / 1e6, 'seconds': clock.seconds,
        'processor_s': processor, 'memory_early_mb': early_mb, 'memory_mb': _peak_mb(),
        'mrpe_m': scores.mrpe.total, 'ap': dict(zip(map(str, THRESHOLDS_M), scores.ap)),
        'ar': dict(zip(map(str, THRESHOLDS_M), scores.ar)),
        'pck_absolute': scores.absolute.pck, 'pck_relative': scores.relative.pck}


class Clock:
    """Adds up the time of steps that take turns."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, step: str) -> None:
        """The time since the last stop was that step's."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now


def _write(path: Path, images: int, found: list[list[EstimatedPerson]]) -> None:
    """A file like that of a run of a system; its lines are those of one piece with other names."""
    placeholder = 'IMAGE'
    lines = [encode(placeholder, people, HEADER) for people in found]
    with open(path, 'w', encoding='utf-8') as file:
        file.write(HEADER.encode())
        for names in tqdm(list(pieces(images)), unit='piece', desc='writing', disable=not sys.stderr.isatty()):
            file.writelines(line.replace(placeholder, name, 1) for name, line in zip(names, lines))


def _peak_mb() -> float:
    """The most memory that this process has held so far (Linux counts it in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def as_table(report: dict[str, Any]) -> str:
    """The report for people to read."""
    seconds = report['seconds']
    both = seconds['reading'] + seconds['scoring']
    lines = [f'{report["images"]:,} images, {report["truths"]:,} people, {report["people"]:,} estimates with '
             f'skeletons in {report["file_mb"]:.0f} MB',
             f'{report["machine"]}, {report["cores"]} cores', '',
             *(f'{step:20}{value:10.1f} s' for step, value in seconds.items()),
             f'{"reading and scoring":20}{both:10.1f} s   {report["images"] / both:,.0f} images per second',
             f'{"of that computing":20}{report["processor_s"]:10.1f} s   the rest: disk, other programs',
             f'{"most memory":20}{report["memory_mb"]:10.0f} MB  '
             f'{report["memory_early_mb"]:.0f} MB after the first tenth', '',
             f'MRPE {1000 * report["mrpe_m"]:.0f} mm; 3DPCK absolute {100 * report["pck_absolute"]:.1f}, '
             f'relative {100 * report["pck_relative"]:.1f}',
             '; '.join(f'AP{100 * float(m):.0f} {100 * report["ap"][m]:.1f} AR{100 * float(m):.0f} '
                       f'{100 * report["ar"][m]:.1f}' for m in report['ap'])]
    return '\n'.join(lines)
