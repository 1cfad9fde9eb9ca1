"""Arguments that say with which camera images were taken."""
from __future__ import annotations

import argparse
import math

from hdnet_ros.calibration import CalibrationError
from hdnet_ros.camera import Camera

HOW_TO_CALIBRATE = (
    'the focal length of the camera is needed to tell metres: give one of\n'
    '  --camera-info FILE.yaml  calibration as ROS camera_calibration writes it (best: it knows the distortion too)\n'
    '  --focal F                focal length in pixels of these very images (at half the resolution it is half)\n'
    '  --hfov DEG               horizontal field of view in degrees, as data sheets give it (phones: about 65 to 75):\n'
    '                           along the longer side of the image, also if the camera was held upright')


def add_camera_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare --focal, --hfov, --principal, --camera-info and --rectified."""
    group = parser.add_argument_group('camera (one of --camera-info, --focal, --hfov)')
    one = group.add_mutually_exclusive_group()
    one.add_argument('--camera-info', metavar='FILE.yaml', help='calibration file as ROS camera_calibration writes it')
    one.add_argument('--focal', type=float, metavar='F', help='focal length in pixels of these images')
    one.add_argument('--hfov', type=float, metavar='DEG',
                     help='field of view along the longer side of the image, degrees')
    group.add_argument('--principal', type=float, nargs=2, metavar=('CX', 'CY'),
                       help='principal point in pixels, with --focal or --hfov (default: the middle of the image)')
    group.add_argument('--rectified', action='store_true',
                       help='the images are rectified already: use P of the calibration')


def camera_is_given(args: argparse.Namespace) -> bool:
    """Whether the arguments name a camera."""
    return any(value is not None for value in (args.camera_info, args.focal, args.hfov))


def camera_for(args: argparse.Namespace, width: int, height: int) -> Camera:
    """The camera of images of that size in pixels; CalibrationError if none is given or it does not fit."""
    if args.camera_info is not None:
        camera = Camera.from_yaml(args.camera_info, rectified=args.rectified)
        if (camera.width, camera.height) != (width, height):
            raise CalibrationError(f'{args.camera_info} is for images of {camera.width} x {camera.height} px, '
                                   f'these have {width} x {height}: give the calibration of this resolution')
        return camera
    if not camera_is_given(args):
        raise CalibrationError(HOW_TO_CALIBRATE)
    if args.hfov is not None:
        if not 0 < args.hfov < 180:
            raise CalibrationError(f'--hfov must lie between 0 and 180 degrees, not {args.hfov:g}')
        # Data sheets mean a camera that is held level; a phone held upright sees that from top to bottom.
        focal_px = max(width, height) / 2 / math.tan(math.radians(args.hfov) / 2)
    else:
        focal_px = args.focal
        if not (math.isfinite(focal_px) and focal_px > 0):
            raise CalibrationError(f'--focal must be a positive number of pixels, not {focal_px:g}')
    cx, cy = args.principal or (None, None)
    return Camera.pinhole(width, height, focal_px, cx=cx, cy=cy)
