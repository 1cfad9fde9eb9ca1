"""What every way of finding roots offers, and how to get one."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.geometric import GeometricLocator


class RootLocator(Protocol):
    """Says where the root joints of the people in an image are.

    config: may be replaced between two images; what was loaded and how windows are laid stays.
    One that runs in torch says where: ``device``.
    """

    name: str
    config: RootConfig

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres that can be told from this camera's images."""

    def locate(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """One root per person, None where it cannot be told.

        image: (H, W, 3) uint8 BGR; detections and poses: of the same people, in the same order.
        """


def make_root_locator(config: RootConfig) -> RootLocator:
    """The locator of that kind; CheckpointError or ModelError if its checkpoint cannot be used."""
    if config.kind == 'geometric':
        return GeometricLocator(config)
    from hdnet_ros.perception.root.combined import CombinedLocator
    from hdnet_ros.perception.root.hdnet import HDNetLocator
    hdnet = HDNetLocator.from_config(config)
    return hdnet if config.kind == 'hdnet' else CombinedLocator(hdnet, GeometricLocator(config))
