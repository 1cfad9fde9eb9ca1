"""A locator under a name of one's own, so that one method can run in two ways."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root import RootLocator


class NamedLocator:
    """What another locator says, under this name."""

    def __init__(self, locator: RootLocator, name: str) -> None:
        self.name = name
        self._locator = locator

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """The other's."""
        return self._locator.depth_range(camera)

    def locate(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """The other's."""
        return self._locator.locate(image, camera, detections, poses)
