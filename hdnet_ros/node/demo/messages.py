"""People as the node publishes them, back to people as the drawing takes them."""
from __future__ import annotations

import numpy as np

from hdnet_ros import msg
from hdnet_ros.perception.people import Detection, FrameResult, Observation, Person, Root, TrackState


def frame_result(message: msg.PersonArray) -> FrameResult:
    """Everybody in a message; poses relative to the root, which the message does not carry, are left out."""
    return FrameResult(tuple(map(_person, message.persons)), (message.depth_min, message.depth_max))


def root_pixel(person: msg.Person) -> np.ndarray:
    """(2,) where the person's root is seen: the root joint, else the middle of the box; NaN if not seen."""
    if person.tracking_state == msg.Person.TRACKING_COASTING:
        return np.full(2, np.nan)
    pixel = np.array(person.keypoints[0].pixel, float)
    if np.isfinite(pixel).all():
        return pixel
    return _box(person).reshape(2, 2).mean(axis=0)


def _box(person: msg.Person) -> np.ndarray:
    """(4,) around the pixels of the region of interest, each of which reaches half a pixel beyond its centre."""
    roi = person.roi
    return np.array([roi.x_offset, roi.y_offset, roi.x_offset + roi.width, roi.y_offset + roi.height]) - 0.5


def _person(person: msg.Person) -> Person:
    root = _vector(person.root.pose.position)
    covariance = np.array(person.root.covariance).reshape(6, 6)[:3, :3]
    state = TrackState(person.tracking_state)
    seen = None
    if state != TrackState.COASTING:
        seen = Observation(Detection(_box(person), person.detection_score),
                           Root(root, covariance, root_pixel(person), person.depth_saturated, person.depth_method))
    return Person(
        id=person.id, state=state, age_s=_seconds(person.age), unseen_s=_seconds(person.unseen), root=root,
        root_covariance=covariance, velocity=_vector(person.velocity.twist.linear),
        velocity_covariance=np.array(person.velocity.covariance).reshape(6, 6)[:3, :3], observation=seen,
        joints=np.array([_vector(k.position) for k in person.keypoints]),
        joints_px=np.array([k.pixel for k in person.keypoints], float),
        confidence=np.array([k.confidence for k in person.keypoints]))


def _vector(message) -> np.ndarray:
    return np.array([message.x, message.y, message.z])


def _seconds(duration) -> float:
    return duration.sec + duration.nanosec * 1e-9
