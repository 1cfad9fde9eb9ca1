"""The one kind of sample that every data set gives: an image, its camera and the people in it."""
from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.skeleton import JointSet, convert

from .errors import DataSetError


@dataclass(frozen=True, eq=False)
class PersonTruth:
    """What is known about one person.

    box: (4,) x_min, y_min, x_max, y_max, px of the image.
    joints_px: (J, 2) px of the image; NaN where unknown.
    visible: (J,) bool; a joint may be known without being visible.
    joints_camera: (J, 3) metres, camera frame; NaN where unknown, everywhere in 2D data sets.
    root_depth_m: depth of the root joint; NaN if unknown, as in 2D data sets.
    age_years: NaN if unknown, as of all real people.
    """

    box: np.ndarray
    joints_px: np.ndarray
    visible: np.ndarray
    joints_camera: np.ndarray
    root_depth_m: float
    age_years: float = math.nan


@dataclass(frozen=True, eq=False)
class Sample:
    """An image with everybody in it who can be learned from; at least one person.

    image: (H, W, 3) uint8 BGR, or the file to read when it is needed.
    K: (3, 3) px; images are ideal, without distortion.
    people: the targets; each one's box is one of the others' surroundings.
    source: where the sample comes from, for messages.
    """

    image: np.ndarray | Path
    K: np.ndarray
    people: tuple[PersonTruth, ...]
    source: str

    def read_image(self) -> np.ndarray:
        """(H, W, 3) uint8 BGR; DataSetError if the file is missing or no image."""
        if isinstance(self.image, np.ndarray):
            return self.image
        image = cv2.imread(str(self.image), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is None:
            what = 'is not an image that OpenCV reads' if self.image.exists() else 'does not exist'
            raise DataSetError(f'{self.source}: {self.image} {what}')
        return image

    def camera(self, image: np.ndarray) -> Camera:
        """The camera of the image read."""
        return Camera(image.shape[1], image.shape[0], self.K)


def person(box: np.ndarray, joints_px: np.ndarray, visible: np.ndarray, joints_camera: np.ndarray | None,
           source: JointSet, target: JointSet, age_years: float = math.nan) -> PersonTruth:
    """A person with joints of one set, read in the order of another; joints that the first lacks are unknown.

    joints_px: (J, 2) px; joints_camera: (J, 3) metres or None for 2D data sets; visible: (J,).
    """
    if joints_camera is None:
        joints_camera = np.full((len(source), 3), np.nan)
    seen = convert(np.asarray(visible, dtype=np.float64)[:, None], source, target)[:, 0]
    truth = convert(np.asarray(joints_camera, dtype=np.float64), source, target)
    return PersonTruth(box=np.asarray(box, dtype=np.float64),
                       joints_px=convert(np.asarray(joints_px, dtype=np.float64), source, target),
                       visible=np.nan_to_num(seen) > 0, joints_camera=truth,
                       root_depth_m=float(truth[target.root, 2]), age_years=float(age_years))
