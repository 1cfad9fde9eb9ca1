"""How long a whole frame takes, stage by stage, on a real image or video."""
from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from itertools import cycle

import cv2
import numpy as np
from tqdm import tqdm

from hdnet_ros.camera import Camera
from hdnet_ros.cli.argument_types import positive
from hdnet_ros.cli.camera_arguments import add_camera_arguments, camera_for
from hdnet_ros.cli.pipeline_arguments import add_pipeline_arguments, build_pipeline
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.models import model_path
from hdnet_ros.perception.pipeline import Pipeline
from hdnet_ros.sources import open_source

FOOTAGE_CAMERA = 'cam01'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet bench pipeline``."""
    parser.add_argument('source', nargs='?', metavar='SOURCE',
                        help='image, folder or video (default: the footage, hdnet models fetch pose2sim_footage)')
    parser.add_argument('--max-frames', type=positive, default=40, metavar='N',
                        help='time so many (default: %(default)s)')
    parser.add_argument('--every', type=positive, default=5, metavar='N',
                        help='every Nth frame of a video (default: %(default)s)')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    add_camera_arguments(parser)
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Measure and print; the exit code."""
    images, camera = _images(args)
    pipeline = build_pipeline(args)
    try:
        report = measure(pipeline, images, camera, args.max_frames)
    finally:
        pipeline.close()
    print(json.dumps(report, indent=1) if args.json else as_table(report))
    return 0


def _images(args: argparse.Namespace) -> tuple[list[np.ndarray], Camera]:
    """At most ``--max-frames`` images and their camera."""
    name = args.source or str(model_path('pose2sim_footage') / f'{FOOTAGE_CAMERA}.mp4')
    images = []
    for frame in open_source(name, as_stored=args.camera_info is not None, camera_given=True).frames(args.every):
        images.append(frame.image)
        if len(images) == args.max_frames:
            break
    height, width = images[0].shape[:2]
    return images, camera_for(args, width, height) if args.source else Pose2SimTruth().cameras[FOOTAGE_CAMERA]


def measure(pipeline: Pipeline, images: list[np.ndarray], camera: Camera, frames: int) -> dict:
    """Times of ``frames`` runs over the images again and again, after a few that do not count.

    Returns: machine and settings, people per frame, and per stage and in total the median and the 95th percentile, ms.
    """
    pipeline.warm_up(camera.width, camera.height)
    seconds: dict[str, list[float]] = {}
    people = []
    untimed = min(3, len(images))
    bar = tqdm(total=frames, unit='frame', disable=not sys.stderr.isatty())
    for number, image in zip(range(-untimed, frames), cycle(images)):
        start = time.perf_counter()
        result = pipeline.process(image, camera, number / 10)
        total = time.perf_counter() - start
        if number < 0:
            continue
        bar.update()
        people.append(sum(p.observation is not None for p in result.people))
        for stage, value in {**result.stage_seconds, 'total': total}.items():
            seconds.setdefault(stage, []).append(value)
    bar.close()
    return {
        'machine': platform.processor() or platform.machine(), 'cores': os.cpu_count(),
        'opencv_threads': cv2.getNumThreads(), 'device': pipeline.config.root.device,
        'detector': pipeline.detector.name, 'lifter': pipeline.lifter.name, 'root': pipeline.locator.name,
        'size_px': [camera.width, camera.height], 'frames': frames, 'people_per_frame': float(np.mean(people)),
        'stages_ms': {stage: {'median': 1000 * float(np.median(values)), 'p95': 1000 * float(np.percentile(values, 95))}
                      for stage, values in seconds.items()}}


def as_table(report: dict) -> str:
    """The report for people to read."""
    width, height = report['size_px']
    lines = [f'{report["detector"]}, {report["lifter"]}, {report["root"]}; {width} x {height} px, '
             f'{report["people_per_frame"]:.1f} people per frame, {report["frames"]} frames',
             f'{report["machine"]}, {report["cores"]} cores, OpenCV on {report["opencv_threads"]} threads, '
             f'device {report["device"]}', '', f'{"stage":10}{"median":>10}{"p95":>10}']
    lines += [f'{stage:10}{ms["median"]:7.1f} ms{ms["p95"]:7.1f} ms' for stage, ms in report['stages_ms'].items()]
    lines.append(f'{1000 / report["stages_ms"]["total"]["median"]:.1f} frames per second')
    return '\n'.join(lines)
