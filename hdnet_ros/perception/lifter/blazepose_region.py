"""The rotated square of the image that BlazePose looks at."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

INPUT_SIZE = 256
_MARGIN = 1.25


@dataclass(frozen=True, eq=False)
class Region:
    """A square of the image.

    center_px: (2,); size_px: its side; angle_rad: by how much it is turned clockwise on the screen.
    """

    center_px: np.ndarray
    size_px: float
    angle_rad: float = 0.0

    @classmethod
    def from_box(cls, box: np.ndarray) -> Region:
        """The upright square around a box (4,) xyxy, 1.25 times its longer side."""
        return cls((box[:2] + box[2:]) / 2, _MARGIN * float(np.max(box[2:] - box[:2])))

    @classmethod
    def from_circle(cls, center_px: np.ndarray, top_px: np.ndarray) -> Region:
        """The square around the circle about the person, 1.25 times as wide, turned so that the person stands upright.

        center_px, top_px: (2,) the circle's centre, between the hips, and the point of it above the head.
        """
        up = top_px - center_px
        return cls(center_px, 2 * _MARGIN * float(np.linalg.norm(up)), float(np.arctan2(up[0], -up[1])))

    def follows(self, other: Region) -> bool:
        """Whether this can be the region of the same person as another: finite and of similar size."""
        return bool(np.isfinite(self.center_px).all() and 0.5 < self.size_px / other.size_px < 2)

    def image_to_input(self) -> np.ndarray:
        """(2, 3) affine map from image pixels to input pixels."""
        to_image = self.input_to_image()
        linear = np.linalg.inv(to_image[:, :2])
        return np.column_stack([linear, -linear @ to_image[:, 2]])

    def input_to_image(self) -> np.ndarray:
        """(2, 3) affine map from input pixels to image pixels."""
        linear = self.roll()[:2, :2] * (self.size_px / INPUT_SIZE)
        return np.column_stack([linear, self.center_px - linear @ np.full(2, INPUT_SIZE / 2)])

    def roll(self) -> np.ndarray:
        """(3, 3) rotation about the viewing axis from the region's axes to the image's."""
        cos, sin = np.cos(self.angle_rad), np.sin(self.angle_rad)
        return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])

    def sample(self, image: np.ndarray) -> np.ndarray:
        """This part of the image, (256, 256, C), bilinear, black outside the image."""
        return cv2.warpAffine(image, self.image_to_input(), (INPUT_SIZE, INPUT_SIZE), flags=cv2.INTER_LINEAR)

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) input pixels -> (..., 2) image pixels."""
        matrix = self.input_to_image()
        return points @ matrix[:, :2].T + matrix[:, 2]
