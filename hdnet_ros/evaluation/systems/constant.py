"""The least that can be said about depth: everybody is equally far away."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.box_size import middle_ray
from hdnet_ros.evaluation.systems.fitting import fit_positive, people_with_depth
from hdnet_ros.evaluation.systems.placing import place, root_ray
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.training.samples import Sample

# Fitted to 6,000 images of `hdnet synthesize` (training split).
DEFAULT_DEPTH_M = 3.15


class ConstantLocator:
    """Every root at one depth, on the ray through the middle of the box.

    depth_m: that depth. log_sigma: standard deviation of ln(depth), NaN if unknown.
    """

    name = 'constant'

    def __init__(self, depth_m: float = DEFAULT_DEPTH_M, log_sigma: float = math.nan, config: RootConfig | None = None):
        if not 0 < depth_m < math.inf:
            raise ValueError(f'depth_m must be a positive number of metres, not {depth_m}')
        self.depth_m, self.log_sigma = float(depth_m), float(log_sigma)
        self.config = config or RootConfig()

    @classmethod
    def fit(cls, samples: Iterable[Sample], config: RootConfig | None = None) -> ConstantLocator:
        """The depth that suits the people in the samples best (``fit_positive``), and its spread.

        ValueError if nobody there has a known depth.
        """
        depths = (person.root_depth_m for _, person in people_with_depth(samples))
        return cls(*fit_positive(depths, 'a constant depth'), config)

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres at which people are placed: the same."""
        return self.depth_m, self.depth_m

    def locate(self, image: np.ndarray | None, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """One root per detection, None for a box that the lens model has no place for.

        image: not looked at. poses: only with ``root_pixel='lifter'``.
        """
        rays = (root_ray(camera, middle_ray(camera, camera.undistort_box(d.box)), pose, self.config)
                for d, pose in zip(detections, poses, strict=True))
        return [place(camera, ray, self.depth_m, self.name, self.config, self.log_sigma) for ray in rays]
