"""Windows: the square, undistorted parts of an image that HDNet looks at, and the scale rule that makes them metric.

A window is a virtual pinhole camera: the same ray origin and axes as the real one (or as a ``CameraView`` of it), a
part of its ideal (undistorted) image, resampled once to the input size of the network. It may be turned about the
optical axis, which changes no depth.
The pixel convention is that of the published network, without half pixels: input column i shows the ideal column
u = center + (i - input / 2) * S / input, and heatmap column i stands for u = center + (i - cells / 2) * S / cells.
"""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.resampling import sample_affine, sample_places

# The published network was trained on windows of 1000 px of the original image; its depth bins silently depend on it.
NATIVE_SIZE_PX = 1000.0
INPUT_SIZE = 256
CELLS = 64


def canonical_size_px(camera: Camera, train_focal_px: float) -> float:
    """Window size with the same field of view as in training: S = f * 1000 / f_train."""
    if not (np.isfinite(train_focal_px) and train_focal_px > 0):
        raise ValueError(f'the focal length of the training data must be positive, not {train_focal_px}')
    return camera.focal_px * NATIVE_SIZE_PX / train_focal_px


def equivalent_focal_px(camera: Camera, size_px: float) -> float:
    """The focal length that the image would have if a window of size_px were 1000 px wide (paper, below eq. 6)."""
    return camera.focal_px * NATIVE_SIZE_PX / size_px


@dataclass(frozen=True, eq=False)
class Window:
    """A square of the ideal image.

    center_px: (2,) ideal pixels.
    size_px: side S in ideal pixels.
    input_size: side of the sampled picture in pixels.
    antialias: average whole blocks of pixels before sampling a large window; the published network was trained without.
    roll: the picture shows the scene turned by this angle, radians, from x to y. Turned back by the roll of a camera
        that is not level, people stand upright in it.
    """

    camera: Camera
    center_px: np.ndarray
    size_px: float
    input_size: int = INPUT_SIZE
    antialias: bool = False
    roll: float = 0.0

    def __post_init__(self) -> None:
        center = np.array(self.center_px, dtype=np.float64)
        if center.shape != (2,) or not np.isfinite(center).all():
            raise ValueError(f'the centre of a window must be two finite numbers, not {center.tolist()}')
        if not (np.isfinite(self.size_px) and self.size_px > 0):
            raise ValueError(f'the size of a window must be positive, not {self.size_px}')
        if not np.isfinite(self.roll):
            raise ValueError(f'the roll of a window must be finite, not {self.roll}')
        if self.input_size < 1:
            raise ValueError(f'the input size of a window must be at least 1, not {self.input_size}')
        center.setflags(write=False)
        object.__setattr__(self, 'center_px', center)
        object.__setattr__(self, 'size_px', float(self.size_px))

    @property
    def equivalent_focal_px(self) -> float:
        """The focal length that the image would have if the window were 1000 px wide; see ``DepthBins.depth_m``."""
        return equivalent_focal_px(self.camera, self.size_px)

    @property
    def box_px(self) -> np.ndarray:
        """(4,) x_min, y_min, x_max, y_max of the window in ideal pixels, before it is turned."""
        half = self.size_px / 2
        return np.concatenate([self.center_px - half, self.center_px + half])

    @property
    def ideal_from_picture(self) -> np.ndarray:
        """(2, 3) affine map from pixels of the sampled picture to ideal pixels."""
        back = turn_px(self.camera, -self.roll)
        corner = self.center_px - back @ np.full(2, self.size_px / 2)
        return np.column_stack([back * self.size_px / self.input_size, corner])

    def sample(self, image: np.ndarray) -> np.ndarray:
        """The window's picture, cropped, scaled and undistorted in one go.

        image: (H, W) or (H, W, C) uint8, uint16 or float32, of the camera's size.
        Returns (input_size, input_size, C) of the same type (no C axis for an image without one): bilinear, and zero
        where the window shows nothing of the image. Raises ValueError if the image is not the camera's.
        """
        if image.shape[:2] != (self.camera.height, self.camera.width):
            raise ValueError(f'the image is {image.shape[1]} x {image.shape[0]} px, but the camera '
                             f'{self.camera.width} x {self.camera.height} px')
        if self.camera.distorted:
            picture = sample_places(image, self._distorted_places(), self.antialias)
        else:
            picture = sample_affine(image, self.ideal_from_picture, self.input_size, self.antialias)
        # OpenCV drops the axis of a single channel.
        return picture.reshape(self.input_size, self.input_size, *image.shape[2:])

    def coordinate_map(self, cells: int = CELLS) -> np.ndarray:
        """(2, cells, cells) float32: the normalised camera coordinates x/z and y/z of each heatmap cell."""
        steps = np.arange(cells) * self.size_px / cells - self.size_px / 2
        places = np.tensordot(turn_px(self.camera, -self.roll), np.stack(np.meshgrid(steps, steps)), axes=1)
        x = (self.center_px[0] + places[0] - self.camera.cx) / self.camera.fx
        y = (self.center_px[1] + places[1] - self.camera.cy) / self.camera.fy
        return np.stack([x, y]).astype(np.float32)

    def extent(self, box: np.ndarray) -> np.ndarray:
        """(4,) x_min, y_min, x_max, y_max of a person in ideal pixels from the corner of the picture.

        box: (4,) pixels of the image as received. In a turned window, the box around the turned ellipse that touches
        the sides of the given one. ValueError if it is no box or the camera's model has no ideal place for it.
        """
        return self.extents_of(ideal_box(self.camera, box))

    def extents(self, boxes: np.ndarray) -> np.ndarray:
        """(P, 4) as ``extent`` of (P, 4) boxes, in less time; NaN where that raises ValueError."""
        return self.extents_of(ideal_boxes(self.camera, boxes))

    def extents_of(self, ideal: np.ndarray) -> np.ndarray:
        """(..., 4) as ``extent`` of boxes (..., 4) in ideal pixels, which are the same for all windows of a camera."""
        middle, half = turned_box(self.camera, ideal - np.tile(self.center_px, 2), self.roll)
        return np.concatenate([middle - half, middle + half], axis=-1) + self.size_px / 2

    def shares_of(self, ideal: np.ndarray) -> np.ndarray:
        """(...,) the share of the area of boxes (..., 4) in ideal pixels that lies in the window; 0 for NaN."""
        extents = self.extents_of(ideal)
        inside = np.minimum(extents[..., 2:], self.size_px) - np.maximum(extents[..., :2], 0)
        side = np.maximum(extents[..., 2:] - extents[..., :2], 1e-9)
        return np.nan_to_num(np.clip(inside / side, 0, 1).prod(axis=-1))

    def extent_mask(self, extent: np.ndarray, cells: int = CELLS) -> np.ndarray:
        """(cells, cells) float32, 1 for the heatmap cells that a person's box touches.

        extent: (4,) of the box, as ``extent`` tells it.
        A cell reaches half a cell to each side of its coordinate. A box outside the window marks the nearest cells, so
        the mask is never all zero.
        """
        corners = extent.reshape(2, 2) * cells / self.size_px
        first = np.clip(np.ceil(corners[0] - 0.5), 0, cells - 1).astype(int)
        last = np.clip(np.floor(corners[1] + 0.5), first, cells - 1).astype(int)
        mask = np.zeros((cells, cells), dtype=np.float32)
        mask[first[1]:last[1] + 1, first[0]:last[0] + 1] = 1
        return mask

    def to_input(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels of the image as received -> (..., 2) pixels of the sampled picture."""
        offset = (self.camera.undistort(pixels) - self.center_px) @ turn_px(self.camera, self.roll).T
        return (offset + self.size_px / 2) * self.input_size / self.size_px

    def from_input(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 2) pixels of the sampled picture -> (..., 2) pixels of the image as received."""
        offset = np.asarray(pixels) * self.size_px / self.input_size - self.size_px / 2
        return self.camera.distort(self.center_px + offset @ turn_px(self.camera, -self.roll).T)

    def _distorted_places(self) -> np.ndarray:
        """(2, input, input) float32: column and row of the image as received that each pixel of the picture shows.

        Those where the lens model folds back are put outside the image, and none further than its size: there OpenCV's
        fixed-point coordinates would overflow.
        """
        camera, zoom, outside = self.camera, self.input_size / self.size_px, max(self.camera.width, self.camera.height)
        lens, axes = (camera.lens, camera.axes) if isinstance(camera, CameraView) else (camera, np.eye(3))
        virtual = np.diag([camera.fx * zoom, camera.fy * zoom, 1.0])
        axis_px = turn_px(camera, self.roll) @ (camera.K[:2, 2] - self.center_px)   # from the middle of the window
        virtual[:2, 2] = (axis_px + self.size_px / 2) * zoom
        turn = cv2.Rodrigues(np.array([0, 0, self.roll]))[0] @ axes.T
        model = cv2.fisheye if lens.model == 'equidistant' else cv2
        places = np.stack(model.initUndistortRectifyMap(lens.K, lens.D, turn, virtual,
                                                        (self.input_size, self.input_size), cv2.CV_32FC1))
        places[:, self._beyond_lens(lens, np.linalg.inv(virtual @ turn))] = -outside
        np.clip(places[0], -outside, camera.width + outside, out=places[0])
        np.clip(places[1], -outside, camera.height + outside, out=places[1])
        return places

    def _beyond_lens(self, lens: Camera, ray_from_picture: np.ndarray) -> np.ndarray:
        """(input, input) which pixels of the picture the lens model says nothing of, given (3, 3) their rays."""
        radius, last = lens.distortion.max_radius, self.input_size - 1
        corners = ray_from_picture @ np.array([[0, last, 0, last], [0, 0, last, last], [1, 1, 1, 1]])
        if (corners[2] > 0).all() and (np.hypot(corners[0], corners[1]) <= radius * corners[2]).all():
            return np.zeros((self.input_size, self.input_size), dtype=bool)   # nor within them: cones are convex
        steps = np.arange(self.input_size)
        x, y, z = (row[0] * steps + row[1] * steps[:, None] + row[2] for row in ray_from_picture)
        return (z <= 0) | (np.hypot(x, y) > radius * np.maximum(z, 1e-9))


def turn_px(camera: Camera, angle: float) -> np.ndarray:
    """(2, 2) what a turn of the camera's picture by ``angle`` (radians, from x to y) makes of offsets in ideal pixels.

    Exact for pixels that are not square, too.
    """
    focal, cos, sin = np.array([camera.fx, camera.fy]), np.cos(angle), np.sin(angle)
    return focal[:, None] * np.array([[cos, -sin], [sin, cos]]) / focal


def turned_box(camera: Camera, ideal: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (..., 4) in ideal pixels around ellipses, turned about the pixel (0, 0): middles and half sides."""
    turn = turn_px(camera, angle)
    middle, half = (ideal[..., :2] + ideal[..., 2:]) / 2, (ideal[..., 2:] - ideal[..., :2]) / 2
    return middle @ turn.T, np.sqrt(half ** 2 @ (turn ** 2).T)


def ideal_box(camera: Camera, box: np.ndarray) -> np.ndarray:
    """(4,) the box in ideal pixels; ValueError if it is not one or the camera's model has no ideal place for it."""
    box = np.asarray(box, dtype=np.float64)
    if box.shape != (4,) or not _are_boxes(box):
        raise ValueError(f'a box must be x_min, y_min, x_max, y_max in pixels, not {box.tolist()}')
    ideal = camera.undistort_box(box)
    if not np.isfinite(ideal).all():
        raise ValueError(f'the box {box.tolist()} lies outside the field of view that the lens model covers')
    return ideal


def ideal_boxes(camera: Camera, boxes: np.ndarray) -> np.ndarray:
    """(P, 4) boxes in ideal pixels; NaN for those that are none (NaN, x_max < x_min) or have no ideal place."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    ideal = camera.undistort_box(boxes)
    usable = _are_boxes(boxes) & np.isfinite(ideal).all(axis=1)
    return np.where(usable[:, None], ideal, np.nan)


def _are_boxes(boxes: np.ndarray) -> np.ndarray:
    """(...,) whether (..., 4) are x_min, y_min, x_max, y_max."""
    return np.isfinite(boxes).all(axis=-1) & (boxes[..., 2:] >= boxes[..., :2]).all(axis=-1)
