"""Root position from HDNet and from the size of the skeleton together: their errors differ, so both know more than one.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.perception.people import Detection, Pose, Root
from hdnet_ros.perception.root.config import RootConfig
from hdnet_ros.perception.root.geometric import GeometricLocator
from hdnet_ros.perception.root.hdnet import HDNetLocator
from hdnet_ros.perception.root.on_ray import log_sigma_of, on_ray, ray_of
from hdnet_ros.perception.view_rotation import view_rotation

# Adults' heights vary by so much (relative standard deviation), and whoever judges distance by size errs with them all.
SHARED_LOG_SIGMA = 0.055
# What is left of a locator's own error if it claims to be as sure as a tape measure.
_LEAST_OWN_LOG_SIGMA = 0.02
# How far HDNet puts children before the place where an adult would be that large in the image: ln of the ratio of
# depths, mean and standard deviation. Children of 3 to 14 are 0.56 to 0.95 of an adult; HDNet sees part of that.
_CHILD_LOG_RATIO, _CHILD_LOG_SIGMA = -0.25, 0.15


class CombinedLocator:
    """Asks both locators and weighs each by the error that is its own.

    Where one of them cannot place a person, the other's word counts alone.
    """

    name = 'combined'

    def __init__(self, hdnet: HDNetLocator, geometric: GeometricLocator) -> None:
        self._hdnet, self._geometric = hdnet, geometric
        self.device = hdnet.device

    @property
    def config(self) -> RootConfig:
        """Settings of both; those that may change between two images count from the next one on."""
        return self._hdnet.config

    @config.setter
    def config(self, config: RootConfig) -> None:
        self._hdnet.config = self._geometric.config = config

    def depth_range(self, camera: Camera) -> tuple[float, float]:
        """(nearest, farthest) metres at which people are placed."""
        return self._geometric.depth_range(camera)

    def locate(self, image: np.ndarray, camera: Camera, detections: Sequence[Detection],
               poses: Sequence[Pose | None]) -> list[Root | None]:
        """The roots of the people in one image, as ``RootLocator.locate``."""
        seen = self._hdnet.locate(image, camera, detections, poses)
        measured = self._geometric.locate(image, camera, detections, poses)
        return [combine(camera, *pair, self.config.child_share) for pair in zip(seen, measured, strict=True)]


def combine(camera: Camera, hdnet: Root | None, geometric: Root | None, child_share: float = 0.0) -> Root | None:
    """One root from two of the same person; either may be missing, and one at the end of its scale does not count.

    Depths are averaged as logarithms, viewing rays as directions, both weighted by the inverse of their variances, and
    all this in the axes of a camera that looks straight at the person: beside the axis, who errs sideways errs in
    depth, too.
    The part of the variance of depth that both share (``SHARED_LOG_SIGMA``) stays, and disagreement adds to both.
    child_share: how likely anybody is a child, before looking. The skeleton has the size of an adult, so if HDNet sees
        somebody nearer than it does by so much that a child explains it better, HDNet counts alone, in proportion to
        the probability of that.
    """
    if hdnet is None or (hdnet.saturated and geometric is not None):
        return geometric
    if geometric is None:
        return hdnet
    turn = view_rotation(sum(root.position / np.linalg.norm(root.position) for root in (hdnet, geometric)))
    ahead = [replace(root, position=root.position @ turn, covariance=turn.T @ root.covariance @ turn)
             for root in (hdnet, geometric)]
    log_depth, variance = _log_depth(*ahead, child_share)
    position, covariance = on_ray(*_mean_ray(*ahead), float(np.exp(log_depth)), np.sqrt(variance))
    position = turn @ position
    return Root(position=position, covariance=turn @ covariance @ turn.T, pixel=camera.project(position),
                method=CombinedLocator.name, joints_px=hdnet.joints_px)


def _log_depth(hdnet: Root, geometric: Root, child_share: float) -> tuple[float, float]:
    """ln(depth / m) of a person and its variance: of an adult, of a child, mixed by how likely each is."""
    logs = np.log([hdnet.position[2], geometric.position[2]])
    own = np.array([_own_variance(root) for root in (hdnet, geometric)])
    weights = 1 / own / (1 / own).sum()
    adult = weights @ logs
    adult_variance = SHARED_LOG_SIGMA ** 2 + 1 / (1 / own).sum() + weights @ (logs - adult) ** 2
    # Of a child the skeleton says little, but nobody is much nearer than a child would be.
    beyond = min(logs[0] - logs[1] - _CHILD_LOG_RATIO, 0.0)
    trust = (own[1] + _CHILD_LOG_SIGMA ** 2) / (own.sum() + _CHILD_LOG_SIGMA ** 2)
    child, child_variance = logs[0], SHARED_LOG_SIGMA ** 2 + own[0] + (1 - trust) * beyond ** 2
    share = _child_probability(logs[0] - logs[1], own.sum(), child_share)
    variance = share * child_variance + (1 - share) * adult_variance + share * (1 - share) * (child - adult) ** 2
    return share * child + (1 - share) * adult, variance


def _child_probability(difference: float, variance: float, child_share: float) -> float:
    """How likely it is a child, given ln(depth of HDNet / depth by an adult's size) and the variance of its errors."""
    # Who is seen farther away than an adult is no child, however far: only the tails of the densities would say so.
    difference = min(difference, 0.0)
    adult = (1 - child_share) * _density(difference, variance)
    child = child_share * _density(difference - _CHILD_LOG_RATIO, variance + _CHILD_LOG_SIGMA ** 2)
    return child / (adult + child)


def _density(deviation: float, variance: float) -> float:
    """Of the normal distribution; never quite zero."""
    return float(np.exp(max(-deviation ** 2 / (2 * variance), -500.0)) / np.sqrt(2 * np.pi * variance))


def _own_variance(root: Root) -> float:
    """Variance of ln(depth) without the part that all locators share."""
    return max(log_sigma_of(root) ** 2 - SHARED_LOG_SIGMA ** 2, _LEAST_OWN_LOG_SIGMA ** 2)


def _mean_ray(first: Root, second: Root) -> tuple[np.ndarray, np.ndarray]:
    """(2,) direction x/z, y/z between two roots and its (2, 2) covariance, to which disagreement adds."""
    rays, covariances = zip(*(ray_of(root) for root in (first, second)), strict=True)
    # A hundredth of a degree keeps an all too sure ray from making the sum singular.
    precisions = [np.linalg.inv(covariance + np.eye(2) * 3e-8) for covariance in covariances]
    agreed = np.linalg.inv(precisions[0] + precisions[1])
    weights = [agreed @ precision for precision in precisions]
    mean = weights[0] @ rays[0] + weights[1] @ rays[1]
    # By shares that are numbers, or the sum need not be positive.
    spread = sum(np.trace(weight) / 2 * np.outer(ray - mean, ray - mean)
                 for weight, ray in zip(weights, rays, strict=True))
    return mean, agreed + spread
