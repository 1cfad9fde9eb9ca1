"""The rotated square of the image that BlazePose looks at."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.perception.view_rotation import nearest_ray, view_rotation
from hdnet_ros.window import Window

INPUT_SIZE = 256
_MARGIN = 1.25


@dataclass(frozen=True, eq=False)
class Region:
    """A square of the image, or of a view of it.

    center_px: (2,); size_px: its side; angle_rad: by how much it is turned clockwise on the screen.
    view: whose ideal pixels these are; None if they are those of the image.
    """

    center_px: np.ndarray
    size_px: float
    angle_rad: float = 0.0
    view: CameraView | None = None

    @classmethod
    def from_box(cls, box: np.ndarray, angle_rad: float = 0.0, view: CameraView | None = None) -> Region:
        """The square around a box (4,) xyxy, 1.25 times its longer side."""
        return cls((box[:2] + box[2:]) / 2, _MARGIN * float(np.max(box[2:] - box[:2])), angle_rad, view)

    @classmethod
    def from_circle(cls, center_px: np.ndarray, top_px: np.ndarray, view: CameraView | None = None) -> Region:
        """The square around the circle about the person, 1.25 times as wide, turned so that the person stands upright.

        center_px, top_px: (2,) the circle's centre, between the hips, and the point of it above the head.
        """
        up = top_px - center_px
        return cls(center_px, 2 * _MARGIN * float(np.linalg.norm(up)), float(np.arctan2(up[0], -up[1])), view)

    @property
    def finite(self) -> bool:
        """Whether it is anywhere at all."""
        return bool(np.isfinite([*self.center_px, self.size_px]).all() and self.size_px > 0)

    def follows(self, other: Region) -> bool:
        """Whether this can be the region of the same person as another, of the same view: of similar size."""
        return self.finite and 0.5 < self.size_px / other.size_px < 2

    def in_view(self, view: CameraView | None) -> Region:
        """The same part of the image in another view; not finite where that does not show it."""
        if view is self.view:
            return self
        marks = self.center_px, self.center_px + self.size_px / (2 * _MARGIN) * self.roll()[:2, :2] @ (0, -1)
        pixels = np.array(marks) if self.view is None else self.view.distort(np.array(marks))
        return Region.from_circle(*(pixels if view is None else view.undistort(pixels)), view)

    def image_to_input(self) -> np.ndarray:
        """(2, 3) affine map from pixels of the image or view to input pixels."""
        to_image = self.input_to_image()
        linear = np.linalg.inv(to_image[:, :2])
        return np.column_stack([linear, -linear @ to_image[:, 2]])

    def input_to_image(self) -> np.ndarray:
        """(2, 3) affine map from input pixels to those of the image or view."""
        linear = self.roll()[:2, :2] * (self.size_px / INPUT_SIZE)
        return np.column_stack([linear, self.center_px - linear @ np.full(2, INPUT_SIZE / 2)])

    def axes(self, camera: Camera) -> np.ndarray:
        """(3, 3) whose columns are the axes, in the camera's, of one that looks straight at the region's centre."""
        if self.view is None:
            # Of somebody very near the hips, the region's centre, may lie where the lens model ends.
            return view_rotation(nearest_ray(camera, self.center_px)) @ self.roll()
        ray = np.append((self.center_px - self.view.K[:2, 2]) / (self.view.fx, self.view.fy), 1.0)
        return self.view.axes @ view_rotation(ray) @ self.roll()

    def roll(self) -> np.ndarray:
        """(3, 3) rotation about the viewing axis from the region's axes to those of the image or view."""
        cos, sin = np.cos(self.angle_rad), np.sin(self.angle_rad)
        return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])

    def sample(self, image: np.ndarray) -> np.ndarray:
        """This part of the image, (256, 256, C), bilinear, black outside the image."""
        if self.view is not None:
            return Window(self.view, self.center_px, self.size_px, INPUT_SIZE, roll=-self.angle_rad).sample(image)
        return cv2.warpAffine(image, self.image_to_input(), (INPUT_SIZE, INPUT_SIZE), flags=cv2.INTER_LINEAR)

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) input pixels -> (..., 2) image pixels; NaN where a view shows what the lens does not."""
        places = self.to_view(points)
        return places if self.view is None else self.view.distort(places)

    def to_view(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) input pixels -> (..., 2) pixels of the image or view."""
        matrix = self.input_to_image()
        return points @ matrix[:, :2].T + matrix[:, 2]
