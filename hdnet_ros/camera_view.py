"""The image of a camera as a pinhole camera with other axes sees it, turned to something beside the optical axis.

The picture of a pinhole camera is stretched beside its axis, twice as long at 45 degrees as in the middle, and no
network has learned from people who look like that.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.camera import Camera


@dataclass(frozen=True, eq=False)
class CameraView(Camera):
    """A camera at the same place, for the same image, whose points, rays and ideal pixels are in axes of its own.

    lens: the camera that took the image; pixels of the image as received are its.
    axes: (3, 3) whose columns are the view's axes in those of the lens.
    Ideal pixels are those of a pinhole camera that looks along the view's axis: they are square, as large as those of
    the lens are on average, and have the same principal point.
    """

    lens: Camera | None = None
    axes: np.ndarray | None = None

    @classmethod
    def of(cls, lens: Camera, axes: np.ndarray) -> CameraView:
        """The view of a camera in (3, 3) ``axes``."""
        K = np.array([[lens.focal_px, 0, lens.cx], [0, lens.focal_px, lens.cy], [0, 0, 1]])
        return cls(lens.width, lens.height, K, lens=lens, axes=np.array(axes, dtype=np.float64))

    @property
    def distorted(self) -> bool:
        return True

    def project(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) metres in the view's axes -> (..., 2) pixels; NaN where the lens has none."""
        return self.lens.project(self.to_lens(points))

    def unproject(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels -> (..., 3) rays with z = 1 in the view's axes; NaN where there is none."""
        rays = self.lens.unproject(pixels) @ self.axes
        with np.errstate(all='ignore'):
            return rays / np.where(rays[..., 2:] > 1e-9, rays[..., 2:], np.nan)

    def undistort(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels -> (..., 2) ideal pixels; NaN where there is none."""
        return self._to_pixels(self.unproject(pixels)[..., :2])

    def distort(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) ideal pixels -> (..., 2) pixels; NaN where there is none."""
        rays = self._to_normalised(pixels)
        return self.project(np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1))

    def to_lens(self, points: np.ndarray) -> np.ndarray:
        """(..., 3) in the view's axes -> (..., 3) in those of the lens."""
        return np.asarray(points, dtype=np.float64) @ self.axes.T

    def covariance_to_lens(self, covariance: np.ndarray) -> np.ndarray:
        """(3, 3) in the view's axes -> (3, 3) in those of the lens."""
        return self.axes @ covariance @ self.axes.T

    def _check_field_of_view(self) -> None:
        """Nothing to check: the lens was."""
