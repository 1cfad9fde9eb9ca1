"""Arguments that say which pipeline to build."""
from __future__ import annotations

import argparse

from hdnet_ros.perception.detector.config import OWN_KINDS, DetectorConfig
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.pipeline import Pipeline, PipelineConfig
from hdnet_ros.perception.root.config import KINDS, ROOT_PIXELS, WINDOW_POLICIES, WINDOW_SIZES, RootConfig
from hdnet_ros.perception.tracker.config import TrackerConfig


class SettingsError(ValueError):
    """Arguments from which no pipeline can be built; the message says which and why."""


def add_pipeline_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --detector, --checkpoint, --device and the like; what they leave out has the node's defaults."""
    detector, root = DetectorConfig(), RootConfig()
    group = parser.add_argument_group('pipeline (the same as in the node)')
    group.add_argument('--detector', choices=OWN_KINDS, default=detector.kind,
                       help='person detector (default: %(default)s)')
    group.add_argument('--detector-model', metavar='NAME', default=detector.model,
                       help='which detector of torchvision (default: %(default)s)')
    group.add_argument('--detector-file', metavar='FILE', default='',
                       help='ONNX detector, or a folder with the files of SSD-MobileNetV2')
    add_download_argument(group)
    group.add_argument('--score', type=float, metavar='S', default=detector.score_threshold,
                       help='drop detections below this score, 0..1 (default: %(default)s)')
    group.add_argument('--max-people', type=int, metavar='N', default=detector.max_people,
                       help='at most so many people per frame (default: %(default)s)')
    group.add_argument('--root', choices=KINDS, default=root.kind,
                       help='what tells the depth: HDNet, the size of the skeleton, or both (default: %(default)s)')
    group.add_argument('--checkpoint', metavar='FILE', default=root.checkpoint,
                       help='of HDNet: ours (.safetensors), a published one, or a name of hdnet models '
                            '(default: %(default)s)')
    add_hdnet_arguments(group)
    group.add_argument('--posenet', metavar='FILE', default='',
                       help='PoseNet checkpoint for the skeletons (default: BlazePose)')
    group.add_argument('--device', metavar='DEV', default='auto', help='cpu, cuda, cuda:1 ... (default: auto)')


def add_download_argument(group: argparse._ActionsContainer) -> None:
    """Declare --download."""
    group.add_argument('--download', action='store_true',
                       help='let torchvision download the weights of its detector if they are not there')


def add_hdnet_arguments(group: argparse._ArgumentGroup) -> None:
    """Declare how a checkpoint of HDNet is to be read and what it looks at."""
    root = RootConfig()
    group.add_argument('--preset', metavar='NAME', default='',
                       help='what a published checkpoint was trained as: human36m_published or paper')
    group.add_argument('--window-policy', choices=WINDOW_POLICIES, default=root.window_policy,
                       help='which part of the image HDNet looks at (default: %(default)s)')
    group.add_argument('--window-size', choices=WINDOW_SIZES, default=root.window_size, help='default: %(default)s')
    group.add_argument('--max-zoom', type=float, metavar='FACTOR', default=root.max_zoom,
                       help='how much smaller windows may get where people stay whole; 1: not at all, 0: as trained '
                            '(default: %(default)g)')
    group.add_argument('--camera-roll', type=float, metavar='DEG', default=root.camera_roll_deg,
                       help='how far upright people appear turned clockwise, degrees (default: %(default)g)')
    group.add_argument('--flip-test', action='store_true',
                       help="average HDNet's estimates over windows and their mirror images; twice its time")
    group.add_argument('--root-pixel', choices=ROOT_PIXELS, default=root.root_pixel,
                       help='where in the image the root joint is taken from (default: %(default)s)')


def build_pipeline(args: argparse.Namespace, stills: bool = False) -> Pipeline:
    """The pipeline that the arguments describe.

    stills: every image is looked at by itself, so people need not be seen again before they count.
    Raises SettingsError (also for a file that is no checkpoint), ModelError or DetectorError with the reason.
    """
    try:
        return Pipeline.from_config(pipeline_config(args, stills))
    except ValueError as error:      # a configuration that makes no sense, or a file that is no checkpoint
        raise SettingsError(str(error)) from error


def pipeline_config(args: argparse.Namespace, stills: bool = False) -> PipelineConfig:
    """The configuration that the arguments describe; ValueError for values that make no sense."""
    return PipelineConfig(
        detector=DetectorConfig(kind=args.detector, model=args.detector_model, path=args.detector_file,
                                score_threshold=args.score, max_people=args.max_people, device=args.device,
                                download=args.download),
        lifter=LifterConfig(kind='posenet' if args.posenet else 'blazepose', path=args.posenet, device=args.device),
        root=RootConfig(kind=args.root, checkpoint=args.checkpoint, preset=args.preset, device=args.device,
                        window_policy=args.window_policy, window_size=args.window_size, root_pixel=args.root_pixel,
                        max_zoom=args.max_zoom, camera_roll_deg=args.camera_roll, flip_test=args.flip_test),
        tracker=TrackerConfig(max_people=max(args.max_people, TrackerConfig.max_people),
                              min_hits=1 if stills else TrackerConfig.min_hits))
