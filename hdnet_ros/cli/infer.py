"""``hdnet infer``: people in metres from files and webcams, without ROS."""
from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
from pathlib import Path
from typing import TextIO

import cv2
from tqdm import tqdm

from hdnet_ros.calibration import CalibrationError
from hdnet_ros.camera import Camera
from hdnet_ros.cli.argument_types import positive, positive_number
from hdnet_ros.cli.camera_arguments import HOW_TO_CALIBRATE, add_camera_arguments, camera_for, camera_is_given
from hdnet_ros.cli.people_text import frame_json, person_line
from hdnet_ros.cli.pipeline_arguments import add_pipeline_arguments, build_pipeline
from hdnet_ros.drawing import Memory, draw_figure
from hdnet_ros.drawing.film import Film
from hdnet_ros.perception.people import FrameResult
from hdnet_ros.perception.pipeline import Pipeline
from hdnet_ros.sources import Frame, Source, SourceError, open_source

_EPILOG = """\
Prints one line per person and frame: id, distance from the camera, x (right), y (down), z (forward) of the pelvis in
metres, and the standard deviations of the three. With --output it also draws: a PNG per image, an MP4 per video;
files of equal names get a number.

examples:
  hdnet infer photo.jpg --hfov 70 --output out
  hdnet infer film.mp4 --camera-info camera.yaml --every 2 --output out --json people.jsonl
  hdnet infer 0 --focal 610 --show                     webcam 0; q ends it
  hdnet infer my_bag --image-topic /camera/image_raw   the calibration is that of the bag, if none is given"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``hdnet infer``."""
    parser.epilog = _EPILOG
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument('sources', nargs='+', metavar='SOURCE',
                        help='image, folder of images, video, webcam (number or /dev/video0), or ROS 2 bag (folder, '
                             '.mcap, .db3)')
    parser.add_argument('--output', type=Path, metavar='DIR', help='write figures there')
    parser.add_argument('--json', metavar='FILE', help='write one line of JSON per frame; - is standard output')
    parser.add_argument('--show', action='store_true', help='show the figures in a window')
    parser.add_argument('--plain', action='store_true', help='draw people without the image: nobody can be recognised')
    parser.add_argument('--quiet', action='store_true', help='do not print people')
    parser.add_argument('--every', type=positive, default=1, metavar='N', help='take every Nth frame only')
    parser.add_argument('--max-frames', type=positive, metavar='N', help='stop after N frames of each source')
    parser.add_argument('--fps', type=positive_number, metavar='F',
                        help='a folder of images is a film of F frames per second')
    parser.add_argument('--image-topic', metavar='T', help='in a bag with several')
    parser.add_argument('--info-topic', metavar='T',
                        help='in a bag (default: camera_info beside the image, else the only CameraInfo of the bag '
                             'unless that is beside other images)')
    add_camera_arguments(parser)
    add_pipeline_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Carry out ``hdnet infer``; the exit code."""
    sources = [open_source(s, args.fps, args.image_topic, args.info_topic, args.rectified,
                           as_stored=args.camera_info is not None, camera_given=camera_is_given(args))
               for s in args.sources]
    if not camera_is_given(args) and not all(s.calibrated for s in sources):
        raise CalibrationError(HOW_TO_CALIBRATE)
    if args.show:
        _check_windows()
    pipeline = build_pipeline(args, stills=all(s.still for s in sources))
    taken: set[Path] = set()
    try:
        with _json_file(args.json) as json_file:
            for source in sources:
                if not _process(source, pipeline, args, json_file, taken):
                    break
    finally:
        pipeline.close()
    return 0


def _process(source: Source, pipeline: Pipeline, args: argparse.Namespace, json_file: TextIO | None,
             taken: set[Path]) -> bool:
    """Everything in one source; False if the user closed the window. taken: as of ``Figures``."""
    figures = Figures(source, args.output, source.fps / args.every, taken, args.show, args.plain)
    pipeline.reset()
    bar = tqdm(total=_count(source, args), desc=source.name, unit='frame',
               disable=not sys.stderr.isatty() or source.still)
    try:
        for number, frame in enumerate(source.frames(args.every), start=1):
            camera = frame.camera or camera_for(args, frame.image.shape[1], frame.image.shape[0])
            if source.still:
                pipeline.reset()
            result = pipeline.process(frame.image, camera, frame.stamp_s)
            _report(frame, result, args.quiet or args.json == '-', json_file)
            figures.add(frame, result, camera)
            bar.update()
            if figures.closed_by_user:
                return False
            if number == args.max_frames:
                break
    finally:
        bar.close()
        figures.close()
    return True


def _count(source: Source, args: argparse.Namespace) -> int | None:
    """How many frames will be looked at, if that is known."""
    limits = [args.max_frames] if args.max_frames else []
    if source.count:
        limits.append(-(-source.count // args.every))
    return min(limits, default=None)


def _report(frame: Frame, result: FrameResult, quiet: bool, json_file: TextIO | None) -> None:
    if not quiet:
        for line in [person_line(person) for person in result.people] or ['nobody']:
            tqdm.write(f'{frame.name} {frame.index:5d}  {line}', file=sys.stdout)
    if json_file:
        print(frame_json(frame, result), file=json_file)


class Figures:
    """The figures of one source: a PNG per still image or one film, and a window if wanted.

    folder: None writes nothing; names follow the source (``photo_people.png``, ``film_people.mp4``).
    taken: figures of this and other sources that are not to be overwritten; it grows.
    """

    def __init__(self, source: Source, folder: Path | None, fps: float, taken: set[Path], show: bool,
                 plain: bool = False):
        self.closed_by_user = False
        self._still, self._live = source.still, source.live
        self._folder = folder
        self._taken = taken
        self._show = show
        self._plain = plain
        self._memory = Memory()
        self._written: list[Path] = []
        self._film = Film(_free_path(folder, source.name, '.mp4', taken), fps) if folder and not source.still else None

    def add(self, frame: Frame, result: FrameResult, camera: Camera) -> None:
        """Draw one frame; OSError if it cannot be written."""
        if not (self._folder or self._show):
            return
        figure = draw_figure(frame.image, result, camera, memory=Memory() if self._still else self._memory,
                             plain=self._plain)
        if self._film:
            self._film.add(figure, frame.stamp_s if self._live else None)
            self._written = [self._film.path]
        elif self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = _free_path(self._folder, frame.name, '.png', self._taken)
            if not cv2.imwrite(str(path), figure):
                raise PermissionError(13, 'cannot write the picture', str(path))
            self._written.append(path)
        if self._show:
            cv2.imshow('hdnet', figure)
            self.closed_by_user = cv2.waitKey(0 if self._still else 1) & 0xFF in (ord('q'), 27)

    def close(self) -> None:
        """Finish the film and say what was written."""
        if self._film:
            self._film.close()
        for path in self._written:
            print(f'wrote {path}', file=sys.stderr)


def _free_path(folder: Path, name: str, suffix: str, taken: set[Path]) -> Path:
    """Where a figure goes: ``photo_people.png``, else ``photo_people_2.png`` and so on; it is taken from now on."""
    stem = f'{Path(name).stem}_people'
    names = itertools.chain([stem], (f'{stem}_{number}' for number in itertools.count(2)))
    path = next(path for each in names if (path := folder / f'{each}{suffix}') not in taken)
    taken.add(path)
    return path


def _check_windows() -> None:
    try:
        cv2.namedWindow('hdnet')
    except cv2.error as error:
        raise SourceError('--show: this OpenCV cannot open windows (no display, or the package opencv-python-headless; '
                          'use --output instead)') from error


def _json_file(name: str | None) -> contextlib.AbstractContextManager[TextIO | None]:
    if name is None or name == '-':
        return contextlib.nullcontext(None if name is None else sys.stdout)
    return open(name, 'w', encoding='utf-8')
