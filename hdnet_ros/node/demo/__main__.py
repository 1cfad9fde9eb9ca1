"""Runs the demonstration; see ``--help``."""
from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import rclpy
from rclpy.signals import SignalHandlerOptions

from hdnet_ros.calibration import CalibrationError
from hdnet_ros.cli.argument_types import positive
from hdnet_ros.evaluation.pose2sim_truth import Pose2SimTruth
from hdnet_ros.evaluation.root_errors import RootError
from hdnet_ros.models import ModelError
from hdnet_ros.node.demo.child import Child
from hdnet_ros.node.demo.clips import Clip, footage_clips, own_clip
from hdnet_ros.node.demo.report import result_lines, root_errors, tally, write_errors, write_pictures
from hdnet_ros.node.demo.stage import NodeFailed, Result, Stage
from hdnet_ros.node.interrupts import ignore_interrupts, take_interrupts
from hdnet_ros.node.local_network import use_local_network
from hdnet_ros.resources import share_folder
from hdnet_ros.sources import SourceError

_EPILOG = """\
Without --video it plays real footage of two people from four calibrated cameras, one after the other, and compares
with their triangulated place. A camera does not wait: frames that come while the node is busy are dropped, and counted.
Exit code: 0 done, 1 the node failed, 2 wrong usage or input, 130 Ctrl-C."""

_WEBCAM_FRAMES = 300


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demonstration; the exit code."""
    args = _arguments(argv)
    truth = None if args.video else Pose2SimTruth()
    try:
        clips = footage_clips(truth, args.cameras, args.every) if truth else \
            [own_clip(args.video, args.focal, args.camera_info, args.every)]
        args.output.mkdir(parents=True, exist_ok=True)
    except (SourceError, CalibrationError, ModelError, ValueError, OSError) as error:
        print(f'demo: {error}', file=sys.stderr)
        return 2
    _own_network(args.domain_id)
    take_interrupts()
    # rclpy's own handlers would take the context away before the node's process has been stopped.
    rclpy.init(args=[], signal_handler_options=SignalHandlerOptions.NO)
    children: list[Child] = []
    try:
        return _run(args, clips, truth, children)
    except NodeFailed as error:
        print(f'demo: {error}', file=sys.stderr)
        return 1
    except (SourceError, CalibrationError) as error:
        print(f'demo: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print('stopped', file=sys.stderr)
        return 130
    finally:
        ignore_interrupts()     # or they would keep processes alive
        for child in children:
            child.stop()
        rclpy.try_shutdown()


def _run(args: argparse.Namespace, clips: list[Clip], truth: Pose2SimTruth | None, children: list[Child]) -> int:
    # Nothing may be lost between the two processes: what the node drops itself is what we want to count.
    reliable = [f'qos_overrides./{topic}.subscription.reliability:=reliable' for topic in ('image', 'camera_info')]
    parameters = [word for parameter in reliable + args.param for word in ('-p', parameter)]
    node = Child([sys.executable, '-m', 'hdnet_ros.node.main', '--ros-args', '-r', '__node:=hdnet', *parameters],
                 args.output / 'node.log')
    children.append(node)
    if args.rviz:
        _start_rviz(args.output, children)
    errors: list[RootError] = []

    def show(result: Result) -> None:
        found = root_errors(result, truth) if truth else []
        errors.extend(found)
        print('\n'.join(result_lines(result, found)), flush=True)

    print(f'starting the node (to listen yourself: ROS_DOMAIN_ID={os.environ["ROS_DOMAIN_ID"]})', flush=True)
    stage = Stage(node, show)
    try:
        for number, clip in enumerate(clips):
            if number:
                stage.forget_people()
            most = args.max_frames or (_WEBCAM_FRAMES if clip.live else None)
            stage.play(clip, args.rate or (5.0 if truth else 0.0), most)
    finally:
        stage.close()
    for rviz in children[1:]:
        if rviz.exit_code:
            print(f'RViz has ended with exit code {rviz.exit_code}; its last words:\n{rviz.last_words()}',
                  file=sys.stderr)
    for child in children:
        child.stop()
    _conclude(stage, errors, args.output, compare=truth is not None, plain=args.plain)
    return 0


def _conclude(stage: Stage, errors: list[RootError], folder: Path, *, compare: bool, plain: bool) -> None:
    print('\n' + tally(stage) + '\n', flush=True)
    written = []
    if compare:
        print(write_errors(errors, folder), flush=True)
        written += [folder / 'errors.csv', folder / 'errors.md']
    if stage.results:
        written += write_pictures(stage.results, folder, plain)
    print('wrote ' + ', '.join(str(path) for path in written))


def _start_rviz(folder: Path, children: list[Child]) -> None:
    program = shutil.which('rviz2')
    if program is None:
        print('no rviz2 on the PATH: going on without it', file=sys.stderr)
        return
    command = [program, '-d', str(share_folder('config') / 'hdnet.rviz')]
    setup = Path(program).parents[1] / 'setup.sh'
    if setup.exists():   # scripts/demo.sh has put the environment away in which this ROS 2 finds its libraries
        command = ['sh', '-c', '. "$0" && exec "$@"', str(setup), *command]
    children.append(Child(command, folder / 'rviz.log'))


def _own_network(domain_id: int | None) -> None:
    """Keep to this machine and to a domain of our own: no other robot's camera, and nobody else's node."""
    os.environ['ROS_DOMAIN_ID'] = str(30 + os.getpid() % 70 if domain_id is None else domain_id)
    use_local_network()
    # Read by Fast DDS only: images of several megabytes get lost in the shared memory that it takes by default.
    os.environ.setdefault('FASTRTPS_DEFAULT_PROFILES_FILE', str(share_folder('config') / 'fastdds_large_images.xml'))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='demo', description='People in metres from real footage through the real node, over DDS.', epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--video', metavar='FILE',
                        help='your own video, folder of images, or webcam (number or /dev/video0)')
    camera = parser.add_mutually_exclusive_group()
    camera.add_argument('--focal', type=float, metavar='F', help='focal length of your video, in its pixels')
    camera.add_argument('--camera-info', metavar='FILE.yaml', help='calibration of your video')
    parser.add_argument('--cameras', nargs='+', metavar='CAM', help='only these of cam01 cam02 cam03 cam04')
    parser.add_argument('--every', type=positive, metavar='N',
                        help='every Nth frame (default: 5 for the footage, whose truth is that often; else 1)')
    parser.add_argument('--rate', type=float, metavar='HZ',
                        help='images per second (default: 5 for the footage, else as in the video)')
    parser.add_argument('--max-frames', type=positive, metavar='N', help='at most so many frames of each camera '
                             f'(default: all; {_WEBCAM_FRAMES} of a webcam, which never ends)')
    parser.add_argument('--output', type=Path, default=Path('demo_output'), metavar='DIR', help='default: %(default)s')
    parser.add_argument('--plain', action='store_true', help='draw people without the image: nobody can be recognised')
    parser.add_argument('--param', '-p', action='append', default=[], metavar='NAME:=VALUE',
                        help='parameter of the node')
    parser.add_argument('--rviz', action='store_true', help='open RViz, if it is there')
    parser.add_argument('--domain-id', type=int, metavar='ID', help='ROS_DOMAIN_ID (default: one of its own)')
    args = parser.parse_args(argv)
    if args.video and args.focal is None and args.camera_info is None:
        parser.error('--video needs --focal (in pixels of that video) or --camera-info (calibration file)')
    if args.video and args.cameras:
        parser.error('--cameras chooses among the footage; it does not go with --video')
    if not args.video and (args.focal is not None or args.camera_info):
        parser.error('--focal and --camera-info go with --video; the footage has its calibration')
    if args.focal is not None and not 0 < args.focal < 1e6:
        parser.error('--focal must be a positive number of pixels')
    if args.rate is not None and not 0 < args.rate < 1000:
        parser.error('--rate must be a positive number of images per second')
    return args


if __name__ == '__main__':
    sys.exit(main())
