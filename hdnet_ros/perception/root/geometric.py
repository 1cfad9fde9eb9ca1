"""Root position from the size of the skeleton: the root-relative 3D joints must fall on the 2D joints."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.cut_off import missing_share, root_covariance
from hdnet_ros.perception.root.translation import Translation, fit_translation, fit_translation_ransac
from hdnet_ros.perception.view_rotation import view_rotation
from hdnet_ros.skeleton import HUMAN36M_17

TRUNK = tuple(HUMAN36M_17.index(name) for name in (
    'hip', 'right_hip', 'left_hip', 'spine', 'thorax', 'neck', 'head', 'left_shoulder', 'right_shoulder'))

# Beyond this relative standard deviation of the fit alone, the joints say next to nothing about the distance.
_MAX_DEPTH_SIGMA = 0.5
# Of the size of somebody whom the image border cuts off: its relative standard deviation, times the share that is
# missing; and the share beyond which lifters make up a skeleton that says nothing.
_CUT_OFF_SIZE_SIGMA = 0.75
_MOST_MISSING = 0.5


class GeometricLocator:
    """Finds the translation that brings the lifter's skeleton onto its own 2D joints.

    It is as good as the lifter's idea of the person's size: a child is taken for an adult farther away.
    Also the three optimisation baselines of the paper's Table 1 (``RootConfig.method``).
    """

    name = 'geometric'

    def __init__(self, config: RootConfig | None = None):
        self.config = config or RootConfig(kind='geometric')

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres at which people are placed."""
        return self.config.min_depth_m, self.config.max_depth_m

    def locate(self, image: np.ndarray | None, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """The roots of the people in one image.

        image: not looked at. detections: their boxes tell whom the image border cuts off. poses: one per person.
        Returns one entry per pose; None without a pose, for one without a size of its own (``relative_depth_m``), with
        too few usable joints, for somebody of whom most is beyond the image border, or if the depth comes out absurd.
        """
        return [None if pose is None or pose.relative_depth_m is not None
                else self._locate_one(camera, pose, detection.box)
                for detection, pose in zip(detections, poses, strict=True)]

    def _locate_one(self, camera: Camera, pose: Pose, box: np.ndarray) -> Root | None:
        roll_deg = self.config.camera_roll_deg
        missing = missing_share(camera, box, roll_deg)
        if missing > _MOST_MISSING:
            return None
        rays = camera.unproject(pose.joints_px)
        weights = self._weights(pose, rays)
        used = weights > 0
        if not used.any():
            return None
        fit = self._fit(rays[used], pose.joints_relative[used], weights[used], camera.focal_px)
        if fit is None:
            return None
        position, covariance = fit
        if not self.config.reaches(position):
            return None
        if position @ covariance @ position > (_MAX_DEPTH_SIGMA * (position @ position)) ** 2:
            return None
        # A person who is larger by some share stands farther away by the same share, along the viewing ray; lifters
        # squeeze whom the image border cuts off into the part that is left.
        size_sigma = np.hypot(self.config.size_sigma, _CUT_OFF_SIZE_SIGMA * missing)
        covariance = covariance + size_sigma ** 2 * np.outer(position, position)
        covariance += root_covariance(camera, box, position, roll_deg)
        covariance += self.config.pelvis_sigma_m ** 2 * np.eye(3)
        return Root(position=position, covariance=covariance, pixel=camera.project(position), method=self.name)

    def _weights(self, pose: Pose, rays: np.ndarray) -> np.ndarray:
        """(J,) inverse variances up to a factor; 0 for joints that are not to be used."""
        usable = np.isfinite(rays).all(axis=1) & np.isfinite(pose.joints_relative).all(axis=1)
        usable &= pose.confidence >= self.config.min_confidence
        if self.config.method == 'trunk':
            usable &= np.isin(np.arange(len(usable)), TRUNK)
        return np.where(usable, np.clip(pose.confidence, 0.0, 1.0) ** 2, 0.0)

    def _fit(self, rays: np.ndarray, points: np.ndarray, weights: np.ndarray, focal_px: float
             ) -> tuple[np.ndarray, np.ndarray] | None:
        """(3,) root and (3, 3) covariance, in metres, of joints (J, 3) on rays (J, 3); None if they determine none.

        The fit compares joints with rays at the joints' depths, which says how far apart they are if the camera looks
        straight at the person. So it is done in the axes of a camera that does.
        """
        turn = view_rotation(weights @ (rays / np.linalg.norm(rays, axis=1, keepdims=True)))
        turned = rays @ turn
        ahead = turned[:, 2] > 0
        if np.count_nonzero(ahead) < self.config.min_joints:
            return None
        fit = self._fit_ahead(turned[ahead, :2] / turned[ahead, 2:], (points @ turn)[ahead], weights[ahead], focal_px,
                              nearness=turn[2, 2])
        return fit and (turn @ fit.position, turn @ fit.covariance @ turn.T)

    def _fit_ahead(self, rays: np.ndarray, points: np.ndarray, weights: np.ndarray, focal_px: float, nearness: float
                   ) -> Translation | None:
        """nearness: depth along the camera's own axis of a person at a distance of one metre."""
        if self.config.method != 'ransac':
            return fit_translation(rays, points, weights)
        return fit_translation_ransac(
            rays, points, weights,
            inlier_m=self.config.inlier_m, inlier_rad=self.config.inlier_px / focal_px,
            depths_m=(self.config.min_depth_m, self.config.max_depth_m / nearness),
            subsets=self.config.subsets, seed=self.config.seed)
