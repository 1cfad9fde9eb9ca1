"""Reading a camera's calibration from a CameraInfo message, and refusing one that cannot be right."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

# Numbers of coefficients by model. The first two are one and the same model of OpenCV, which goes by the number alone,
# and so do drivers that call whatever they have plumb_bob.
_POLYNOMIAL = (4, 5, 8, 12, 14)
COEFFICIENTS = {'plumb_bob': _POLYNOMIAL, 'rational_polynomial': _POLYNOMIAL, 'equidistant': (4,)}
SYNONYMS = {'fisheye': 'equidistant', 'none': '', 'pinhole': ''}

# A principal point this many image sizes away from the image, or a focal length below this fraction of the image's
# size (a field of view of 177 degrees), is a mistake and not a camera.
FARTHEST_CENTER = 5.0
SHORTEST_FOCAL = 0.01
LONGEST_FOCAL = 1e4
LARGEST_COEFFICIENT = 1e9   # far above those of the longest lenses, far below what polynomials of them overflow at
_UNCALIBRATED = ('the camera is uncalibrated (K[0] is 0 in its CameraInfo); calibrate it with '
                 '`ros2 run camera_calibration cameracalibrator` and give the file to the camera driver')


class CalibrationError(ValueError):
    """A calibration that cannot be used; the message says why and what to do."""


class Calibration(NamedTuple):
    """What ``Camera`` is made of, for the image as received: see there."""

    width: int
    height: int
    K: np.ndarray
    D: np.ndarray
    model: str


def read_camera_info(info: Any, *, rectified: bool = False, image_size: tuple[int, int] | None = None) -> Calibration:
    """The calibration of the image that a CameraInfo message (REP-104) belongs to.

    info: any object with the fields of sensor_msgs/CameraInfo; K and D count for a raw image, P for a rectified one.
    image_size: (width, height) of the image in pixels, if known; must be what the message describes.
    The region of interest is subtracted first, then everything is divided by the binning, as ROS's image_geometry does:
    cx = (cx - x_offset) / binning_x. This takes the top left of the pixels that were combined for their centre, at most
    half a pixel of the smaller image away from the truth.
    R and the baseline in P (right camera of a stereo pair) do not matter: positions are in the frame of the very camera
    that the image belongs to, which is the rectified one for a rectified image.
    Raises CalibrationError.
    """
    if not (np.any(info.k) or np.any(info.p)):   # as camera_info_manager leaves it, often without a size
        raise CalibrationError(_UNCALIBRATED)
    width, height = int(info.width), int(info.height)
    if width <= 0 or height <= 0:
        raise CalibrationError(f'CameraInfo gives an image of {width} x {height} px; width and height must be those of '
                               'the calibrated image')
    if rectified:
        K, D, model = _projection_matrix(info), np.empty(0), 'plumb_bob'
    else:
        K, D, model = _camera_matrix(info), numbers(info.d, 'D'), str(info.distortion_model)
    check_camera_matrix(K, 'P' if rectified else 'K')
    _check_plausible(K, width, height)
    model, D = check_distortion(model, D)
    return _apply_binning_and_roi(info, Calibration(width, height, K, D, model), image_size)


def numbers(values: Any, name: str, count: int | None = None) -> np.ndarray:
    """``values`` as a float64 vector of finite numbers; CalibrationError if they are not, or not ``count`` many."""
    try:
        vector = np.array(values, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise CalibrationError(f'{name} of the camera calibration is not a list of numbers: {values!r}') from None
    if count is not None and len(vector) != count:
        raise CalibrationError(f'{name} of the camera calibration has {len(vector)} numbers instead of {count}')
    if not np.isfinite(vector).all():
        raise CalibrationError(f'{name} of the camera calibration holds NaN or infinity: {vector.tolist()}')
    return vector


def check_camera_matrix(K: np.ndarray, name: str = 'K') -> None:
    """CalibrationError unless K, (3, 3), is [fx 0 cx; 0 fy cy; 0 0 1] with positive focal lengths."""
    if K[0, 0] <= 0 or K[1, 1] <= 0:
        raise CalibrationError(f'{name} has a focal length that is not positive: fx = {K[0, 0]:g}, fy = {K[1, 1]:g}')
    # OpenCV's and ROS's calibrations have none, and OpenCV's undistortion would silently ignore it.
    if abs(K[0, 1]) > 1e-6 * K[0, 0]:
        raise CalibrationError(f'{name} has a skew of {K[0, 1]:g} px, which ROS does not support; '
                               'use the rectified image')
    if abs(K[1, 0]) > 1e-6 * K[0, 0] or not np.allclose(K[2], (0, 0, 1), atol=1e-9):
        raise CalibrationError(f'{name} is not of the form [fx 0 cx; 0 fy cy; 0 0 1]: {K.tolist()}')


def check_distortion(model: str, D: np.ndarray) -> tuple[str, np.ndarray]:
    """Model and coefficients in the form that ``Camera`` holds; D is empty if there is no distortion.

    No model's name, or a polynomial one without coefficients or with zeros only, means an ideal pinhole.
    Equidistant with zeros is an ideal fisheye and not a pinhole; it may be followed by more zeros.
    Polynomial models are told by the number of their coefficients: plumb_bob has up to 5.
    Raises CalibrationError.
    """
    told = model.strip().lower()
    model = SYNONYMS.get(told, told)
    if model == '':
        if D.any():
            raise CalibrationError(f'the camera calibration has {len(D)} distortion coefficients but '
                                   f'{f"distortion_model {told!r}" if told else "no distortion_model"}; '
                                   f'set it to one of {", ".join(COEFFICIENTS)}')
        return 'plumb_bob', np.empty(0)
    if model not in COEFFICIENTS:
        raise CalibrationError(f'unknown distortion_model {model!r}; known: {", ".join(COEFFICIENTS)}. '
                               'Rectify the image (image_proc) and use the rectified one instead')
    if model != 'equidistant' and not D.any():
        return model, np.empty(0)
    if model == 'equidistant' and len(D) > 4 and not D[4:].any():
        D = D[:4]
    if len(D) not in COEFFICIENTS[model]:
        known = ', '.join(f'{name} takes {" or ".join(map(str, counts))}' for name, counts in COEFFICIENTS.items())
        raise CalibrationError(f'distortion_model {model!r} does not fit the {len(D)} coefficients in D: {known}')
    if np.abs(D).max() > LARGEST_COEFFICIENT:
        raise CalibrationError(f'the distortion coefficients {D.tolist()} belong to no lens: calibrate it again')
    if model != 'equidistant':
        model = 'plumb_bob' if len(D) <= 5 else 'rational_polynomial'
    return model, D


def told_coefficients(D: np.ndarray, model: str) -> np.ndarray:
    """D as files and messages have it: no distortion at all is zeros, as many as the model usually has."""
    return D if len(D) else np.zeros(5 if model == 'plumb_bob' else 8)


def _camera_matrix(info: Any) -> np.ndarray:
    K = numbers(info.k, 'K', 9).reshape(3, 3)
    if K[0, 0] == 0:
        raise CalibrationError(_UNCALIBRATED)
    return K


def _projection_matrix(info: Any) -> np.ndarray:
    P = numbers(info.p, 'P', 12).reshape(3, 4)
    if not P.any():
        raise CalibrationError('P is all zero in CameraInfo, so the camera of the rectified image is unknown; '
                               'use the raw image with its K and D, or calibrate the camera with '
                               '`ros2 run camera_calibration cameracalibrator`')
    return P[:, :3].copy()


def _check_plausible(K: np.ndarray, width: int, height: int) -> None:
    """Refuse what no camera has; ``K`` and the size are those of the full calibrated image."""
    for axis, focal, center, size in (('x', K[0, 0], K[0, 2], width), ('y', K[1, 1], K[1, 2], height)):
        if focal < SHORTEST_FOCAL * size:
            raise CalibrationError(f'f{axis} = {focal:g} px is far too short for an image of {width} x {height} px; '
                                   'the focal length must be in pixels')
        if focal > LONGEST_FOCAL * size:
            raise CalibrationError(f'f{axis} = {focal:g} px is far too long for an image of {width} x {height} px')
        if not -FARTHEST_CENTER * size <= center <= (1 + FARTHEST_CENTER) * size:
            raise CalibrationError(f'c{axis} = {center:g} px is far outside the image of {width} x {height} px')


def _apply_binning_and_roi(info: Any, full: Calibration, image_size: tuple[int, int] | None) -> Calibration:
    binning = np.array([max(int(info.binning_x), 1), max(int(info.binning_y), 1)])
    size = np.array([full.width, full.height])
    offset = np.array([int(info.roi.x_offset), int(info.roi.y_offset)])
    roi = np.array([int(info.roi.width), int(info.roi.height)])
    roi = np.where(roi == 0, size - offset, roi)
    if (offset < 0).any() or (roi <= 0).any() or (offset + roi > size).any():
        raise CalibrationError(f'the region of interest of CameraInfo, {roi[0]} x {roi[1]} px at '
                               f'({offset[0]}, {offset[1]}), does not lie in the calibrated image of '
                               f'{size[0]} x {size[1]} px')
    smallest, largest = roi // binning, -(-roi // binning)
    if (smallest == 0).any():
        raise CalibrationError(f'binning of {binning[0]} x {binning[1]} leaves nothing of {roi[0]} x {roi[1]} px')
    received = smallest if image_size is None else np.array([int(value) for value in image_size])
    # Drivers round up or down when the binning does not divide the size.
    if (received < smallest).any() or (received > largest).any():
        raise CalibrationError(f'the image is {received[0]} x {received[1]} px, but its CameraInfo describes '
                               f'{smallest[0]} x {smallest[1]} px; if the driver resizes the image, it must scale '
                               'CameraInfo too (image_proc::ResizeNode does both)')
    K = full.K.copy()
    K[:2, 2] = (K[:2, 2] - offset) / binning
    K[0, 0], K[1, 1] = K[0, 0] / binning[0], K[1, 1] / binning[1]
    return Calibration(int(received[0]), int(received[1]), K, full.D, full.model)
