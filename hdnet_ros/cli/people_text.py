"""People as lines of text and as JSON."""
from __future__ import annotations

import json

import numpy as np

from hdnet_ros.perception.people import FrameResult, Person, TrackState
from hdnet_ros.skeleton import HUMAN36M_17
from hdnet_ros.sources import Frame


def person_line(person: Person) -> str:
    """Id, distance and place in metres with its standard deviation, and the state unless confirmed."""
    x, y, z = person.root
    sx, sy, sz = np.sqrt(np.diag(person.root_covariance))
    state = '' if person.state == TrackState.CONFIRMED else '  ' + person.state.name.lower()
    return (f'{person.id}  {np.linalg.norm(person.root):6.2f} m   x {x:+6.2f}  y {y:+6.2f}  z {z:6.2f} m   '
            f'± {sx:.2f}  {sy:.2f}  {sz:.2f} m{state}')


def frame_json(frame: Frame, result: FrameResult) -> str:
    """One line of JSON: source, frame, stamp_s, skeleton and people; unknown numbers are null.

    Positions are metres in the optical frame (x right, y down, z forward), pixels those of the image.
    """
    return json.dumps({
        'source': frame.name, 'frame': frame.index, 'stamp_s': round(frame.stamp_s, 6),
        'size_px': [frame.image.shape[1], frame.image.shape[0]], 'keypoint_names': HUMAN36M_17.joints,
        'people': [_person(p) for p in result.people]})


def _person(person: Person) -> dict:
    seen = person.observation
    return {
        'id': person.id, 'state': person.state.name.lower(), 'distance_m': _plain(np.linalg.norm(person.root)),
        'root_m': _plain(person.root), 'root_covariance_m2': _plain(person.root_covariance, 6),
        'velocity_m_s': _plain(person.velocity), 'box_px': _plain(seen.detection.box, 1) if seen else None,
        'score': _plain(seen.detection.score) if seen else None, 'method': seen.root.method if seen else None,
        'depth_saturated': bool(seen.root.saturated) if seen else None, 'joints_m': _plain(person.joints),
        'joints_px': _plain(person.joints_px, 1), 'confidence': _plain(person.confidence, 3)}


def _plain(value: np.ndarray | float, digits: int = 4) -> list | float | None:
    """Numbers that JSON can hold."""
    if np.ndim(value):
        return [_plain(v, digits) for v in value]
    return round(float(value), digits) if np.isfinite(value) else None
