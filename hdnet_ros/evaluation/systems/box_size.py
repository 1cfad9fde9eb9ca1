"""A baseline that knows nothing but the size of the box: everybody is equally tall and upright."""
from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.evaluation.systems.fitting import fit_positive, people_with_depth
from hdnet_ros.evaluation.systems.placing import place, root_ray
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.training.samples import Sample

# Fitted to 6,000 images of `hdnet synthesize` (training split), where boxes are lower than people are tall.
DEFAULT_HEIGHT_M = 1.66


class BoxSizeLocator:
    """Depth = focal length x assumed height / height of the box; the root is in the middle of the box.

    height_m: how tall everybody is assumed to be. A fitted height is that of boxes: less than people's, since not
        everybody stands upright or is seen whole.
    log_sigma: standard deviation of ln(depth), NaN if unknown.
    """

    name = 'box_size'

    def __init__(self, height_m: float = DEFAULT_HEIGHT_M, log_sigma: float = math.nan,
                 config: RootConfig | None = None):
        if not 0 < height_m < math.inf:
            raise ValueError(f'height_m must be a positive number of metres, not {height_m}')
        self.height_m, self.log_sigma = float(height_m), float(log_sigma)
        self.config = config or RootConfig()

    @classmethod
    def fit(cls, samples: Iterable[Sample], config: RootConfig | None = None) -> BoxSizeLocator:
        """The height that suits the people in the samples best (``fit_positive``), and its spread.

        ValueError if nobody there has a known depth.
        """
        heights = ((person.box[3] - person.box[1]) * person.root_depth_m / sample.K[1, 1]
                   for sample, person in people_with_depth(samples) if person.box[3] > person.box[1])
        return cls(*fit_positive(heights, 'the height of a person'), config)

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres at which people are placed."""
        return self.config.min_depth_m, self.config.max_depth_m

    def locate(self, image: np.ndarray | None, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """One root per detection, None for an empty box or one that the lens model has no place for.

        image: not looked at. poses: only with ``root_pixel='lifter'``.
        """
        return [self._locate_one(camera, d.box, pose) for d, pose in zip(detections, poses, strict=True)]

    def _locate_one(self, camera: Camera, box: np.ndarray, pose: Pose | None) -> Root | None:
        ideal = camera.undistort_box(box)
        height_px = ideal[3] - ideal[1]
        if not height_px > 0:
            return None
        ray = root_ray(camera, middle_ray(camera, ideal), pose, self.config)
        return place(camera, ray, camera.fy * self.height_m / height_px, self.name, self.config, self.log_sigma)


def middle_ray(camera: Camera, ideal_box: np.ndarray) -> np.ndarray:
    """(3,) the ray with z = 1 through the middle of a box in ideal pixels."""
    middle = (ideal_box[:2] + ideal_box[2:]) / 2
    return np.array([*(middle - camera.K[:2, 2]) / (camera.fx, camera.fy), 1.0])
