"""Images whose pixels are not square, as with ``binning_x`` 2 and ``binning_y`` 1, as the networks know people.

Squeezed people get other boxes, other skeletons and other distances, 14 to 29 % off by the geometric method.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root

# Up to this ratio of the focal lengths people look neither too thin nor too wide.
_SQUARE = 1.1
# Nobody needs more: an image is not made larger than so many times, whatever its calibration says.
_MOST = 4.0


@dataclass(frozen=True, eq=False)
class SquarePixels:
    """An image resized so that its pixels are square, and the way back.

    received: the camera of the image as received; camera: of the resized one, the same if nothing is to be done.
    """

    received: Camera
    camera: Camera

    @classmethod
    def of(cls, camera: Camera) -> SquarePixels:
        """For the images of a camera: the coarser axis is made as fine as the other."""
        focal = np.array([camera.fx, camera.fy])
        if focal.max() <= _SQUARE * focal.min():
            return cls(camera, camera)
        width, height = (int(n) for n in np.round(_size(camera) * np.minimum(focal.max() / focal, _MOST)))
        return cls(camera, camera.resized(width, height))

    @property
    def nothing_to_do(self) -> bool:
        return self.camera is self.received

    @property
    def factor(self) -> np.ndarray:
        """(2,) how much wider and higher the image becomes."""
        return _size(self.camera) / _size(self.received)

    def image(self, image: np.ndarray) -> np.ndarray:
        """(H, W, C) as received -> resized; the same array if there is nothing to do."""
        if self.nothing_to_do:
            return image
        return cv2.resize(image, (self.camera.width, self.camera.height), interpolation=cv2.INTER_LINEAR)

    def detections(self, detections: Sequence[Detection]) -> list[Detection]:
        """People in the image as received -> in the resized one."""
        if self.nothing_to_do:
            return list(detections)
        factor = self.factor
        return [replace(d, box=((d.box.reshape(2, 2) + 0.5) * factor - 0.5).ravel()) for d in detections]

    def as_received(self, detections: Sequence[Detection], poses: Sequence[Pose | None], roots: Sequence[Root | None]
                    ) -> tuple[Sequence[Detection], Sequence[Pose | None], Sequence[Root | None]]:
        """What was found in the resized image, in pixels of the image as received; boxes inside it."""
        if self.nothing_to_do:
            return detections, poses, roots
        factor, last = self.factor, _size(self.received) - 1

        def back(pixels: np.ndarray) -> np.ndarray:
            return (pixels + 0.5) / factor - 0.5
        return ([replace(d, box=np.clip(back(d.box.reshape(2, 2)), 0, last).ravel()) for d in detections],
                [pose and replace(pose, joints_px=back(pose.joints_px)) for pose in poses],
                [root and replace(root, pixel=back(root.pixel),
                                  joints_px=None if root.joints_px is None else back(root.joints_px))
                 for root in roots])


def _size(camera: Camera) -> np.ndarray:
    return np.array([camera.width, camera.height])
