"""Windows: the square, undistorted parts of an image that HDNet looks at, and the scale rule that makes them metric.

A window is a virtual pinhole camera: the same ray origin and axes as the real one, a part of its ideal (undistorted)
image, resampled once to the input size of the network. It may be turned about the optical axis, which changes no depth.
The pixel convention is that of the published network, without half pixels: input column i shows the ideal column
u = center + (i - input / 2) * S / input, and heatmap column i stands for u = center + (i - cells / 2) * S / cells.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.window_packing import group_boxes

# The published network was trained on windows of 1000 px of the original image; its depth bins silently depend on it.
NATIVE_SIZE_PX = 1000.0
INPUT_SIZE = 256
CELLS = 64
# Around people in windows made smaller for them, as a share of their longer side: for joints that a box misses.
ROOM = 0.2
# People whose own windows differ by less may share one. On synthetic people, steps of 2 take a quarter fewer windows
# than one each and cost 0.2 points; steps of sqrt(2) take an eighth more than that and gain hardly anything.
_SIZE_STEP = 2.0


def canonical_size_px(camera: Camera, train_focal_px: float) -> float:
    """Window size with the same field of view as in training: S = f * 1000 / f_train."""
    if not (np.isfinite(train_focal_px) and train_focal_px > 0):
        raise ValueError(f'the focal length of the training data must be positive, not {train_focal_px}')
    return camera.focal_px * NATIVE_SIZE_PX / train_focal_px


def fitted_size_px(extent_px: float, usual_px: float, least_px: float, room: float = ROOM) -> float:
    """Side of a window for people who take up ``extent_px``.

    Larger than usual if they need it, and smaller, down to ``least_px``, while ``room`` is left on each side of them,
    as a share of their extent: the scale rule holds for any window, and larger people have more detail.
    """
    return max(extent_px, min(usual_px, max(extent_px * (1 + 2 * room), least_px)))


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
        """The focal length that the image would have if the window were 1000 px wide.

        The scale rule: root depth in mm = q * equivalent_focal_px, with the network's q in mm/px (paper, below eq. 6).
        """
        return self.camera.focal_px * NATIVE_SIZE_PX / self.size_px

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
            places = self._distorted_places()
            corners = np.array([places.min(axis=(1, 2)), places.max(axis=(1, 2))])
            source, origin, block = _source(image, corners, self._step_px(places), self.antialias)
            columns, rows = (places - origin[:, None, None].astype(np.float32)) / np.float32(block)
            picture = cv2.remap(source, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
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

    def box_mask(self, box: np.ndarray, cells: int = CELLS) -> np.ndarray:
        """(cells, cells) float32, 1 for the heatmap cells that a person's box touches.

        box: (4,) x_min, y_min, x_max, y_max in pixels of the image as received.
        A cell reaches half a cell to each side of its coordinate. A box outside the window marks the nearest cells, so
        the mask is never all zero.
        """
        return self.extent_mask(self.extent(box), cells)

    def extent_mask(self, extent: np.ndarray, cells: int = CELLS) -> np.ndarray:
        """``box_mask`` of a box whose ``extent`` (4,) is known."""
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

    def _step_px(self, places: np.ndarray) -> float:
        """The usual distance in the image between two neighbours of ``places`` (2, input, input) that lie in it."""
        size = np.array([self.camera.width, self.camera.height])[:, None, None]
        inside = ((places >= 0) & (places < size)).all(axis=0)
        both = inside[:, 1:] & inside[:, :-1]
        return float(np.median(np.hypot(*np.diff(places, axis=2))[both])) if both.any() else 1.0

    def _distorted_places(self) -> np.ndarray:
        """(2, input, input) float32: column and row of the image as received that each pixel of the picture shows.

        Those where the lens model folds back are put outside the image, and none further than its size: there OpenCV's
        fixed-point coordinates would overflow.
        """
        camera, zoom, outside = self.camera, self.input_size / self.size_px, max(self.camera.width, self.camera.height)
        virtual = np.diag([camera.fx * zoom, camera.fy * zoom, 1.0])
        axis_px = turn_px(camera, self.roll) @ (camera.K[:2, 2] - self.center_px)   # from the middle of the window
        virtual[:2, 2] = (axis_px + self.size_px / 2) * zoom
        turn = cv2.Rodrigues(np.array([0, 0, self.roll]))[0]
        model = cv2.fisheye if camera.model == 'equidistant' else cv2
        places = np.stack(model.initUndistortRectifyMap(camera.K, camera.D, turn, virtual,
                                                        (self.input_size, self.input_size), cv2.CV_32FC1))
        x, y = ((np.arange(self.input_size) - virtual[axis, 2]) / virtual[axis, axis] for axis in (0, 1))
        radius = camera.distortion.max_radius
        if np.hypot(np.abs(x).max(), np.abs(y).max()) > radius:
            places[:, np.hypot(x, y[:, None]) > radius] = -outside
        np.clip(places[0], -outside, camera.width + outside, out=places[0])
        np.clip(places[1], -outside, camera.height + outside, out=places[1])
        return places


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


def sample_affine(image: np.ndarray, image_from_picture: np.ndarray, size: int, antialias: bool = False) -> np.ndarray:
    """A square picture of part of an image, resampled once: bilinear, and zero outside.

    image: (H, W) or (H, W, C). image_from_picture: (2, 3) affine map between pixels. antialias: as in ``Window``.
    Returns (size, size) or (size, size, C) of the same type.
    """
    linear, offset = image_from_picture[:, :2], image_from_picture[:, 2]
    places = np.array([[0, 0], [size, 0], [0, size], [size, size]]) @ linear.T + offset
    corners = np.array([places.min(axis=0), places.max(axis=0)])
    source, origin, block = _source(image, corners, np.sqrt(abs(np.linalg.det(linear))), antialias)
    matrix = np.column_stack([linear, offset - origin]) / block
    return cv2.warpAffine(source, matrix, (size, size), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def _source(image: np.ndarray, corners: np.ndarray, scale: float, antialias: bool
            ) -> tuple[np.ndarray, np.ndarray, int]:
    """What to sample from at ``scale`` pixels a step: the image, or its part between two ``corners`` (2, 2), averaged.

    Returns it, the place of its first pixel in the image, and the number of pixels averaged into one, in a row.
    """
    # A hair more than the scale, so that rounding does not make 3 of it 2.
    block = int(min(scale * (1 + 1e-9), *image.shape[:2]))
    if not antialias or block < 2:
        return image, np.zeros(2), 1
    return *_shrink(image, block, corners), block


def _shrink(image: np.ndarray, block: int, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The part of an image between two corners (2, 2), each square of ``block`` x ``block`` pixels averaged into one.

    Returns it and the (2,) place of its first pixel in the image: the middle of the first square.
    """
    size = np.array([image.shape[1], image.shape[0]])
    left, top = np.clip(np.floor(corners[0]) - block, 0, size - 1).astype(int)
    right, bottom = np.clip(np.ceil(corners[1]) + block, (left + 1, top + 1), size).astype(int)
    right, bottom = right + (left - right) % block, bottom + (top - bottom) % block
    part = image[top:bottom, left:right]
    missing = -np.array(part.shape[:2]) % block
    if missing.any():
        part = cv2.copyMakeBorder(part, 0, int(missing[0]), 0, int(missing[1]), cv2.BORDER_CONSTANT, value=0)
    small = cv2.resize(part, (part.shape[1] // block, part.shape[0] // block), interpolation=cv2.INTER_AREA)
    return small, np.array([left, top]) + (block - 1) / 2


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


def box_window(camera: Camera, box: np.ndarray, size_px: float, *, max_zoom: float = 1.0, room: float = ROOM,
               input_size: int = INPUT_SIZE, antialias: bool = False, roll: float = 0.0) -> Window:
    """The window around one person (the paper's choice), centred on the box.

    box: (4,) pixels of the image as received. size_px: side in ideal pixels; larger if the box needs it, and up to
    ``max_zoom`` times smaller (``fitted_size_px``).
    Raises ValueError if the box is not one or is out of the lens model's field of view.
    """
    ideal = ideal_box(camera, box)
    _, half = turned_box(camera, ideal, roll)
    side = fitted_size_px(2 * half.max(), size_px, size_px / max_zoom, room)
    return Window(camera, (ideal[:2] + ideal[2:]) / 2, side, input_size, antialias, roll)


def principal_window(camera: Camera, size_px: float, *, input_size: int = INPUT_SIZE,
                     antialias: bool = False, roll: float = 0.0) -> Window:
    """The window centred on the optical axis (the published evaluation on Human3.6M)."""
    return Window(camera, camera.K[:2, 2], size_px, input_size, antialias, roll)


def pack_windows(camera: Camera, boxes: Sequence[np.ndarray] | np.ndarray, size_px: float, margin: float = 0.1, *,
                 max_zoom: float = 1.0, room: float = ROOM, input_size: int = INPUT_SIZE, antialias: bool = False,
                 roll: float = 0.0) -> tuple[list[Window], np.ndarray]:
    """The fewest windows that hold every box, so that cost grows with the field of view and not with the people.

    boxes: (P, 4) x_min, y_min, x_max, y_max in pixels of the image as received.
    size_px: side of the windows in ideal pixels. A box that does not fit gets a window of its own, as large as needed.
    margin: room on each side of a box, as a fraction of its sides; less where it would make the box too large.
    max_zoom, room: with a zoom, only people of like size share a window, which shrinks around them as far as
        ``fitted_size_px`` says.
    Returns the windows and the (P,) index of each box's window; -1 for a box that the lens model gives no place in the
    ideal image (far to the side of a fisheye camera), or that is none (NaN, x_max < x_min).
    The same boxes always give the same windows.
    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    ideal = ideal_boxes(camera, boxes)
    index = np.full(len(boxes), -1)
    usable = np.flatnonzero(np.isfinite(ideal).all(axis=1))
    # All that follows happens in the turned picture.
    center, half = turned_box(camera, ideal[usable], roll)
    shared_px = _shared_size_px(2 * half.max(axis=1, initial=0), size_px, max_zoom, room)
    windows = []
    for limit_px in np.unique(shared_px)[::-1]:
        alike = np.flatnonzero(shared_px == limit_px)
        side = 2 * half[alike]
        reach = np.clip(side * (1 + 2 * margin), side, np.maximum(side, limit_px)) / 2
        low, high = center[alike] - reach, center[alike] + reach
        for group in group_boxes(low, high, limit_px):
            members = alike[group]
            index[usable[members]] = len(windows)
            middle = turn_px(camera, -roll) @ (low[group].min(axis=0) + high[group].max(axis=0)) / 2
            extent = (center + half)[members].max(axis=0) - (center - half)[members].min(axis=0)
            side_px = fitted_size_px(extent.max(), limit_px, size_px / max_zoom, room)
            windows.append(Window(camera, middle, side_px, input_size, antialias, roll))
    return windows, index


def _shared_size_px(extent_px: np.ndarray, size_px: float, max_zoom: float, room: float) -> np.ndarray:
    """(P,) the largest windows that people of (P,) extents share with others: the usual size, smaller by whole steps.

    So people share windows with those of like size only, and no one is shown small for the sake of somebody large.
    """
    own_px = np.clip(extent_px * (1 + 2 * room), size_px / max_zoom, size_px)
    steps = np.floor(np.log(size_px / own_px) / np.log(_SIZE_STEP))
    return size_px / _SIZE_STEP ** steps
