"""A calibrated camera: pixels to rays and back, with the distortion models of ROS."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any

import numpy as np

from hdnet_ros.calibration import (
    CalibrationError,
    check_camera_matrix,
    check_distortion,
    numbers,
    read_camera_info,
)
from hdnet_ros.calibration_file import read_calibration_file, write_calibration_file
from hdnet_ros.distortion import Distortion, make_distortion

__all__ = ['CalibrationError', 'Camera']

# A circular fisheye picture in a wide image fills less than half of it.
SMALLEST_FIELD = 0.1
BOX_EDGE_SAMPLES = 33
BOX_MAX_RADIUS = np.tan(np.radians(80))


@dataclass(frozen=True, eq=False)
class Camera:
    """A calibrated camera, for the image as received.

    width, height: of the image in pixels.
    K: (3, 3) float64 [fx 0 cx; 0 fy cy; 0 0 1] in pixels; an integer coordinate is the centre of a pixel.
    D: (n,) float64 distortion coefficients in OpenCV's order; empty if there is no distortion.
    model: 'plumb_bob', 'rational_polynomial' or 'equidistant'.
    Ideal pixels are those of a pinhole camera with the same K and without distortion.
    Points are in metres in the optical frame (REP-103: x right, y down, z forward).
    Raises CalibrationError if the numbers make no sense.
    """

    width: int
    height: int
    K: np.ndarray
    D: np.ndarray = field(default_factory=lambda: np.empty(0))
    model: str = 'plumb_bob'

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise CalibrationError(f'a camera image cannot be {self.width} x {self.height} px')
        K = numbers(self.K, 'K', 9).reshape(3, 3)
        check_camera_matrix(K)
        model, D = check_distortion(self.model, numbers(self.D, 'D'))
        K.setflags(write=False)
        D.setflags(write=False)
        checked = {'width': int(self.width), 'height': int(self.height), 'K': K, 'D': D, 'model': model}
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        self._check_field_of_view()

    @classmethod
    def pinhole(cls, width: int, height: int, fx: float, fy: float | None = None,
                cx: float | None = None, cy: float | None = None) -> Camera:
        """An ideal camera; square pixels and the middle of the image where nothing else is given."""
        fy = fx if fy is None else fy
        cx = (width - 1) / 2 if cx is None else cx
        cy = (height - 1) / 2 if cy is None else cy
        return cls(width, height, np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]], dtype=np.float64))

    @classmethod
    def from_camera_info(cls, info: Any, *, rectified: bool = False,
                         image_size: tuple[int, int] | None = None) -> Camera:
        """The camera of the image that a sensor_msgs/CameraInfo message describes (REP-104).

        info: any object with the fields of the message; K and D are used for a raw image, P for a rectified one.
        image_size: (width, height) of the image in pixels, if known; must agree with the message.
        Binning and region of interest are applied; see ``calibration.read_camera_info`` for the convention.
        Raises CalibrationError with the reason.
        """
        return cls(*read_camera_info(info, rectified=rectified, image_size=image_size))

    @classmethod
    def from_yaml(cls, path: str | PathLike, *, rectified: bool = False) -> Camera:
        """The camera of a calibration file as ROS's camera_calibration writes it; raises CalibrationError."""
        return cls(*read_camera_info(read_calibration_file(path), rectified=rectified))

    def to_yaml(self, path: str | PathLike, name: str = 'camera') -> None:
        """Write a calibration file that ``from_yaml`` and ROS's camera_info_manager read."""
        write_calibration_file(path, name, self.width, self.height, self.K, self.D, self.model)

    @property
    def fx(self) -> float:
        return float(self.K[0, 0])

    @property
    def fy(self) -> float:
        return float(self.K[1, 1])

    @property
    def cx(self) -> float:
        return float(self.K[0, 2])

    @property
    def cy(self) -> float:
        return float(self.K[1, 2])

    @property
    def focal_px(self) -> float:
        """One focal length for both axes: sqrt(fx fy)."""
        return float(np.sqrt(self.fx * self.fy))

    @property
    def distorted(self) -> bool:
        return len(self.D) > 0

    @cached_property
    def distortion(self) -> Distortion:
        """The distortion model on normalised coordinates."""
        return make_distortion(self.model, self.D)

    def project(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres -> (..., 2) pixels; NaN at or behind the camera plane and where the lens model folds back."""
        points = np.asarray(points, dtype=np.float64)
        with np.errstate(all='ignore'):
            rays = points[..., :2] / np.where(points[..., 2:] > 0, points[..., 2:], np.nan)
            return self._to_pixels(self.distortion.distort(rays))

    def unproject(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels -> (..., 3) rays with z = 1; NaN where the model has no inverse."""
        rays = self.distortion.undistort(self._to_normalised(pixels))
        depth = np.where(np.isfinite(rays).all(axis=-1, keepdims=True), 1.0, np.nan)
        return np.concatenate([rays, depth], axis=-1)

    def undistort(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels -> (..., 2) ideal pixels; NaN where the model has no inverse."""
        if not self.distorted:
            return np.array(pixels, dtype=np.float64)
        return self._to_pixels(self.distortion.undistort(self._to_normalised(pixels)))

    def distort(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) ideal pixels -> (..., 2) pixels; NaN where the lens model folds back."""
        if not self.distorted:
            return np.array(pixels, dtype=np.float64)
        return self._to_pixels(self.distortion.distort(self._to_normalised(pixels)))

    def undistort_box(self, box: np.ndarray) -> np.ndarray:
        """(..., 4) x_min, y_min, x_max, y_max in pixels -> (..., 4) the box around it in ideal pixels.

        Where part of a box has no inverse, or lies more than 80 degrees off the axis, the rest counts; NaN if there is
        no rest. (At 80 degrees a pinhole image is stretched 30 times, and at 90 it would be infinite.)
        """
        box = np.asarray(box, dtype=np.float64)
        if not self.distorted:
            return box.copy()
        step = np.linspace(0, 1, BOX_EDGE_SAMPLES)
        # The outline of a region stays the outline, but not if some of it has no inverse; so the diagonals join.
        across = np.concatenate([step, step, 0 * step, 0 * step + 1, step, step])
        down = np.concatenate([0 * step, 0 * step + 1, step, step, step, 1 - step])
        low, high = box[..., None, :2], box[..., None, 2:]
        ideal = self.undistort(low + (high - low) * np.stack([across, down], axis=-1))
        beyond = np.hypot(*np.moveaxis(self._to_normalised(ideal), -1, 0)) > BOX_MAX_RADIUS
        unknown = (np.isnan(ideal).any(axis=-1) | beyond)[..., None]
        lowest = np.where(unknown, np.inf, ideal).min(axis=-2)
        highest = np.where(unknown, -np.inf, ideal).max(axis=-2)
        enclosing = np.concatenate([lowest, highest], axis=-1)
        return np.where(np.isinf(enclosing), np.nan, enclosing)

    def resized(self, width: int, height: int) -> Camera:
        """The camera of the image resized to another size (as cv2.resize does it: pixel areas stay in place)."""
        x, y = width / self.width, height / self.height
        K = np.array([[self.fx * x, 0, (self.cx + 0.5) * x - 0.5],
                      [0, self.fy * y, (self.cy + 0.5) * y - 0.5],
                      [0, 0, 1]])
        return Camera(width, height, K, self.D, self.model)

    def same_as(self, other: Camera) -> bool:
        """Whether both are the same calibration, number by number."""
        return (self.width, self.height, self.model) == (other.width, other.height, other.model) \
            and np.array_equal(self.K, other.K) and np.array_equal(self.D, other.D)

    def _check_field_of_view(self) -> None:
        """Refuse a lens model that folds back almost at once; good ones may still lose the corners of the image."""
        if not self.distorted:
            return
        across, down = np.meshgrid(np.linspace(0, self.width - 1, 11), np.linspace(0, self.height - 1, 11))
        share = np.isfinite(self.unproject(np.stack([across, down], axis=-1))[..., 2]).mean()
        if share < SMALLEST_FIELD:
            raise CalibrationError(f'the distortion coefficients {self.D.tolist()} of {self.model!r} give a ray to '
                                   f'only {100 * share:.0f} % of the image; calibrate the camera again')

    def _to_normalised(self, pixels: np.ndarray) -> np.ndarray:
        return (np.asarray(pixels, dtype=np.float64) - self.K[:2, 2]) / (self.fx, self.fy)

    def _to_pixels(self, rays: np.ndarray) -> np.ndarray:
        return rays * (self.fx, self.fy) + self.K[:2, 2]
