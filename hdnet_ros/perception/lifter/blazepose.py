"""BlazePose as a lifter: finds each person's region, follows it from image to image, and turns landmarks into joints."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hdnet_ros.camera import Camera
from hdnet_ros.models import model_path
from hdnet_ros.perception.detector.boxes import box_overlap, check_image
from hdnet_ros.perception.lifter.blazepose_joints import to_confidence, to_joints
from hdnet_ros.perception.lifter.blazepose_network import BlazePoseNetwork, Landmarks
from hdnet_ros.perception.lifter.blazepose_region import Region
from hdnet_ros.perception.lifter.lifter import LifterConfig
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.skeleton import HUMAN36M_17

# A skeleton belongs to a box if their intersection over union reaches this: on the sample footage skeletons below 0.5 are mostly
# those of somebody else in the box.
_GOOD_FIT, _LEAST_FIT = 0.5, 0.35
_FOLLOW_OVERLAP = 0.3
_VISIBLE = 0.3
# How people are turned on the screen, in the order of being tried on first sight.
_FIRST_ANGLES_RAD = tuple(np.radians((0, 45, -45, 90, -90)))


@dataclass(frozen=True, eq=False)
class _Sighting:
    """Landmarks seen for a box, the box around them, and how well both agree (0..1)."""

    landmarks: Landmarks
    box: np.ndarray
    fit: float


class BlazePoseLifter:
    """BlazePose GHUM on every detected person.

    A person of the last image is looked for where the last landmarks say: one pass of the network.
    On first sight, or when that fails, the region starts from the box and is refined by passes, for an upright body first.
    """

    name = 'blazepose'

    def __init__(self, config: LifterConfig) -> None:
        """Load the network from ``config.path`` or the cache; ModelError if that fails."""
        self._config = config
        self._network = BlazePoseNetwork(Path(config.path) if config.path else model_path(f'blazepose_{config.model}'))
        self._last: list[_Sighting] = []

    def reset(self) -> None:
        """See ``Lifter.reset``."""
        self._last = []

    def lift(self, image: np.ndarray, detections: Sequence[Detection], camera: Camera) -> list[Pose | None]:
        """See ``Lifter.lift``.

        joints_relative: the network sees each person as if the camera looked straight at them; its metres are turned by the
        region's roll about the viewing axis and then from the ray through the region's centre to the camera's axes.
        """
        image = check_image(image)
        sightings = [self._look(image, detection.box, last) for detection, last in zip(detections, self._follow(detections))]
        self._last = [sighting for sighting in sightings if sighting]
        return [sighting and _pose(sighting.landmarks, camera) for sighting in sightings]

    def _follow(self, detections: Sequence[Detection]) -> list[_Sighting | None]:
        """For each detection the sighting of the last image that it continues: the best overlap first, each used once."""
        boxes = np.array([last.box for last in self._last]).reshape(-1, 4)
        overlap = np.array([box_overlap(detection.box, boxes) for detection in detections]).reshape(len(detections), len(boxes))
        followed: list[_Sighting | None] = [None] * len(detections)
        while overlap.size and overlap.max() > _FOLLOW_OVERLAP:
            row, column = np.unravel_index(overlap.argmax(), overlap.shape)
            followed[row] = self._last[column]
            overlap[row], overlap[:, column] = 0, 0
        return followed

    def _look(self, image: np.ndarray, box: np.ndarray, last: _Sighting | None) -> _Sighting | None:
        if last:
            sighting = self._see(image, box, last.landmarks.next_region, passes=1)
            if self._is_good(sighting):
                return sighting
        best = None
        for angle in _FIRST_ANGLES_RAD:
            sighting = self._see(image, box, replace(Region.from_box(box), angle_rad=angle), self._config.first_passes)
            if self._is_good(sighting):
                return sighting
            if sighting.landmarks.score >= self._config.min_score and (best is None or sighting.fit > best.fit):
                best = sighting
        return best if best and best.fit >= _LEAST_FIT else None

    def _is_good(self, sighting: _Sighting) -> bool:
        return sighting.landmarks.score >= self._config.min_score and sighting.fit >= _GOOD_FIT

    def _see(self, image: np.ndarray, box: np.ndarray, region: Region, passes: int) -> _Sighting:
        landmarks = self._network(image, region)
        for _ in range(passes - 1):
            if landmarks.score < self._config.min_score or not landmarks.next_region.follows(region):
                break
            region = landmarks.next_region
            landmarks = self._network(image, region)
        seen = landmarks.pixels[landmarks.confidence > _VISIBLE]
        if len(seen) < 2:
            seen = landmarks.pixels
        corner = np.array([image.shape[1] - 1, image.shape[0] - 1])
        seen_box = np.concatenate([np.clip(seen.min(axis=0), 0, corner), np.clip(seen.max(axis=0), 0, corner)])
        return _Sighting(landmarks, seen_box, float(box_overlap(box, seen_box)[0]))


def _pose(landmarks: Landmarks, camera: Camera) -> Pose:
    world = to_joints(landmarks.world) @ (_view_rotation(landmarks.region.center_px, camera) @ landmarks.region.roll()).T
    return Pose(joints_px=to_joints(landmarks.pixels), joints_relative=world - world[HUMAN36M_17.root],
                confidence=to_confidence(landmarks.confidence), score=float(np.clip(landmarks.score, 0, 1)))


def _view_rotation(pixel: np.ndarray, camera: Camera) -> np.ndarray:
    """(3, 3) the smallest rotation that turns the optical axis into the ray through a pixel; none if the pixel has no ray."""
    ray = camera.unproject(pixel)
    if not np.isfinite(ray).all():
        return np.eye(3)
    x, y, z = ray / np.linalg.norm(ray)
    return np.array([[1 - x * x / (1 + z), -x * y / (1 + z), x],
                     [-x * y / (1 + z), 1 - y * y / (1 + z), y],
                     [-x, -y, z]])
