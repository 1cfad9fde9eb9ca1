"""What a lifter (from a box to a root-relative 3D skeleton) is, and how to get one."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.people import Detection, Pose


class Lifter(Protocol):
    """Finds the skeletons of detected people; not safe to call from two threads at once.

    config: may be replaced between two images by one that differs in ``min_score`` or ``flip_test``.
    One that runs in torch says where: ``device``.
    """

    name: str
    config: LifterConfig

    def lift(self, image: np.ndarray, detections: Sequence[Detection], camera: Camera,
             camera_roll_deg: float = 0.0) -> list[Pose | None]:
        """One pose per detection, None where there is no person to be seen.

        image: (H, W, 3) uint8 BGR, as received (or with square pixels, ``SquarePixels``); camera: that image's.
        camera_roll_deg: how far people who stand upright appear turned clockwise in it, as far as anybody knows.
        """

    def reset(self) -> None:
        """Forget what was seen in earlier images."""


def make_lifter(config: LifterConfig) -> Lifter:
    """Build the lifter that the configuration names.

    Raises ModelError if its file or library is missing or wrong, CheckpointError for a bad PoseNet checkpoint.
    """
    if config.kind == 'posenet':
        from hdnet_ros.perception.lifter.posenet_lifter import PoseNetLifter
        return PoseNetLifter(config)
    from hdnet_ros.perception.lifter.blazepose import BlazePoseLifter
    return BlazePoseLifter(config)
