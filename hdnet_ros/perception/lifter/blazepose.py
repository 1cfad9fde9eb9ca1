"""BlazePose as a lifter: finds each person's region, follows it from image to image, turns landmarks into joints."""
from __future__ import annotations

import math
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
from hdnet_ros.perception.lifter.config import LifterConfig
from hdnet_ros.perception.people import Detection, Pose
from hdnet_ros.perception.turned_view import turned_view
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.window import ideal_boxes

# How well a skeleton fits a box: their intersection over union. Where two people share a box, BlazePose readily returns
# the other one with a score of 1. On the sample footage right skeletons have 0.6 to 0.85, wrong ones mostly below 0.5.
_SURE_FIT, _FOLLOW_FIT, _LEAST_FIT = 0.55, 0.5, 0.35
_FOLLOW_OVERLAP = 0.3
_VISIBLE = 0.3
# Beyond this angle from the optical axis the picture is so stretched that a view turned there shows people better.
_TURN_FROM_DEG = 20.0
# How people are turned on the screen beyond the camera's roll, in the order of being tried on first sight.
_FIRST_ANGLES_RAD = tuple(np.radians((0, 45, -45, 90, -90, 180)))


@dataclass(frozen=True, eq=False)
class _Sighting:
    """Landmarks seen for a box, the box around them, and how well both agree (0..1)."""

    landmarks: Landmarks
    box: np.ndarray
    fit: float


class BlazePoseLifter:
    """BlazePose GHUM on every detected person.

    A person of the last image is looked for where the last landmarks say: one pass of the network.
    On first sight, or when that fails, the region starts from the box, first as somebody upright appears in a camera of
    that roll, and is refined in passes.
    Measured on the sample footage, a man who loses his balance and a woman, in 149 views from 2 to 5 m: its joints are
    114 mm from the truth in the median, relative to the root, at 1.2 passes per person and image.
    Two passes on first sight do as well as three, and better than one (118, 112 and 122 mm if nobody is followed).
    Of people who are bent over or lie, left and right may come out swapped.
    """

    name = 'blazepose'

    def __init__(self, config: LifterConfig) -> None:
        """Load the network from ``config.path`` or the cache; ModelError if that fails."""
        self.config = config
        self._network = BlazePoseNetwork(Path(config.path) if config.path else model_path(f'blazepose_{config.model}'))
        self._last: list[_Sighting] = []

    def reset(self) -> None:
        """See ``Lifter.reset``."""
        self._last = []

    def lift(self, image: np.ndarray, detections: Sequence[Detection], camera: Camera,
             camera_roll_deg: float = 0.0) -> list[Pose | None]:
        """See ``Lifter.lift``.

        joints_relative: the network sees each person as if the camera looked straight at them; its metres are turned by
        the region's roll about the viewing axis and then from the ray through the region's centre to the camera's axes.
        The latter turn matters for the depth of people near the border: with it, the geometric depth of one person has
        the same relative error in all four cameras of the sample footage (15-19 %, which is the small woman's
        height), without it 7-23 %.
        """
        image = check_image(image)
        starts = _first_regions(detections, camera, camera_roll_deg)
        sightings = [self._look(image, detection.box, last, start) for detection, last, start
                     in zip(detections, self._follow(detections), starts, strict=True)]
        self._last = [sighting for sighting in sightings if sighting]
        return [sighting and _pose(sighting.landmarks, camera) for sighting in sightings]

    def _follow(self, detections: Sequence[Detection]) -> list[_Sighting | None]:
        """For each detection the sighting of the last image that it continues: the best overlap first, each once."""
        boxes = np.array([last.box for last in self._last]).reshape(-1, 4)
        overlap = np.array([box_overlap(detection.box, boxes) for detection in detections])
        overlap = overlap.reshape(len(detections), len(boxes))
        followed: list[_Sighting | None] = [None] * len(detections)
        while overlap.size and overlap.max() > _FOLLOW_OVERLAP:
            row, column = np.unravel_index(overlap.argmax(), overlap.shape)
            followed[row] = self._last[column]
            overlap[row], overlap[:, column] = 0, 0
        return followed

    def _look(self, image: np.ndarray, box: np.ndarray, last: _Sighting | None, start: Region) -> _Sighting | None:
        """The person in a box: where the last landmarks say, or else the best of all ways to start from the box."""
        if not (box[2:] > box[:2]).all():
            return None
        if last and last.landmarks.next_region.follows(last.landmarks.region):
            region = last.landmarks.next_region.in_view(start.view)
            if region.finite:
                sighting = self._see(image, box, region, passes=1)
                if self._is_person(sighting) and sighting.fit >= _FOLLOW_FIT:
                    return sighting
        best = None
        for angle in _FIRST_ANGLES_RAD:
            region = replace(start, angle_rad=start.angle_rad + angle)
            sighting = self._see(image, box, region, self.config.first_passes)
            if self._is_person(sighting) and sighting.fit > (best.fit if best else _LEAST_FIT):
                best = sighting
                if best.fit >= _SURE_FIT:
                    break
        return best

    def _is_person(self, sighting: _Sighting) -> bool:
        return sighting.landmarks.score >= self.config.min_score

    def _see(self, image: np.ndarray, box: np.ndarray, region: Region, passes: int) -> _Sighting:
        landmarks = self._network(image, region)
        for _ in range(passes - 1):
            if landmarks.score < self.config.min_score or not landmarks.next_region.follows(region):
                break
            region = landmarks.next_region
            landmarks = self._network(image, region)
        seen = landmarks.pixels[landmarks.confidence > _VISIBLE]
        if len(seen) < 2:
            seen = landmarks.pixels[np.isfinite(landmarks.pixels).all(axis=1)]
        if len(seen) < 2:
            return _Sighting(landmarks, np.zeros(4), 0.0)
        corner = np.array([image.shape[1] - 1, image.shape[0] - 1])
        seen_box = np.concatenate([np.clip(seen.min(axis=0), 0, corner), np.clip(seen.max(axis=0), 0, corner)])
        return _Sighting(landmarks, seen_box, float(box_overlap(box, seen_box)[0]))


def _first_regions(detections: Sequence[Detection], camera: Camera, camera_roll_deg: float) -> list[Region]:
    """Where somebody upright is looked for in each box; beside the optical axis, in a view turned there."""
    boxes = np.reshape([detection.box for detection in detections], (-1, 4))
    regions = []
    for box, middle in zip(boxes, camera.undistort((boxes[:, :2] + boxes[:, 2:]) / 2), strict=True):
        view = turned_view(camera, middle, _TURN_FROM_DEG, camera_roll_deg)
        ideal = box if view is None else ideal_boxes(view, box)[0]
        if view is None or not np.isfinite(ideal).all():
            regions.append(Region.from_box(box, math.radians(camera_roll_deg)))
        else:
            regions.append(Region.from_box(ideal, view=view))
    return regions


def _pose(landmarks: Landmarks, camera: Camera) -> Pose:
    world = to_joints(landmarks.world) @ landmarks.region.axes(camera).T
    return Pose(joints_px=to_joints(landmarks.pixels), joints_relative=world - world[HUMAN36M_17.root],
                confidence=to_confidence(landmarks.confidence), score=float(np.clip(landmarks.score, 0, 1)))
