"""People as RViz markers."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from std_msgs.msg import ColorRGBA, Header
from visualization_msgs.msg import Marker, MarkerArray

from hdnet_ros.drawing.palette import Color, Palette
from hdnet_ros.node.person_messages import duration, point
from hdnet_ros.node.rotation_message import quaternion
from hdnet_ros.perception.people import Person, TrackState
from hdnet_ros.skeleton import HUMAN36M_17

_ALPHA = {TrackState.TENTATIVE: 0.4, TrackState.CONFIRMED: 1.0, TrackState.COASTING: 0.6}
_LARGEST_ELLIPSOID_M = 5.0
_SMALLEST_ELLIPSOID_M = 0.02


def marker_id(person_id: str) -> int:
    """A number that is unique to a person's five-character id (its value in base 36, below 2**31)."""
    return int(person_id, 36)


def rgba(color: Color, alpha: float) -> ColorRGBA:
    """A colour of the palette (blue, green, red in 0..255) with an opacity of 0..1."""
    blue, green, red = (channel / 255 for channel in color)
    return ColorRGBA(r=red, g=green, b=blue, a=alpha)


class MarkerScene:
    """Knows which markers are on show, to take away those of people who have gone."""

    def __init__(self, palette: Palette) -> None:
        self._palette = palette
        self._shown: set[tuple[str, int]] = set()

    def update(self, people: Sequence[Person], header: Header, lifetime_s: float) -> MarkerArray:
        """Markers of everybody in an image, and a DELETE for each that is shown and no longer wanted.

        lifetime_s: how long a marker stays when nothing more is published; 0 is for ever.
        """
        colors = self._palette.colors(people)
        markers = [marker for person in people
                   for marker in person_markers(person, header, colors[person.id], lifetime_s)]
        wanted = {(marker.ns, marker.id) for marker in markers}
        for namespace, number in sorted(self._shown - wanted):
            markers.append(Marker(header=header, ns=namespace, id=number, action=Marker.DELETE))
        self._shown = wanted
        return MarkerArray(markers=markers)

    def forget(self) -> None:
        """Nobody is watching: what was on show expires by its lifetime."""
        self._shown.clear()


def person_markers(person: Person, header: Header, color: Color, lifetime_s: float) -> list[Marker]:
    """Bones, joints, the ellipsoid of the root's uncertainty (2 sigma) and a label with id and distance.

    Unknown joints are left out, and so are people whose place is unknown.
    """
    if not np.isfinite(person.root).all():
        return []
    alpha = _ALPHA[person.state]
    known = np.isfinite(person.joints).all(axis=1)
    bones = [person.joints[joint] for edge in HUMAN36M_17.edges if known[list(edge)].all() for joint in edge]
    markers = [_ellipsoid(person, color, alpha), _label(person, alpha)]
    if bones:
        lines = Marker(ns='skeleton', type=Marker.LINE_LIST, points=[point(p) for p in bones])
        lines.scale.x = 0.03
        lines.color = rgba(color, alpha)
        markers.append(lines)
    if known.any():
        balls = Marker(ns='joints', type=Marker.SPHERE_LIST, points=[point(p) for p in person.joints[known]])
        balls.scale.x = balls.scale.y = balls.scale.z = 0.06
        balls.color = rgba(color, alpha)
        markers.append(balls)
    for marker in markers:
        marker.header = header
        marker.id = marker_id(person.id)
        marker.action = Marker.ADD
        marker.lifetime = duration(lifetime_s)
    return markers


def _ellipsoid(person: Person, color: Color, alpha: float) -> Marker:
    marker = Marker(ns='root', type=Marker.SPHERE, color=rgba(color, 0.3 * alpha))
    marker.pose.position = point(person.root)
    diameters = np.full(3, _SMALLEST_ELLIPSOID_M)
    if np.isfinite(person.root_covariance).all():
        variances, axes = np.linalg.eigh(person.root_covariance)
        axes[:, 0] *= np.linalg.det(axes)   # a rotation, not a reflection
        marker.pose.orientation = quaternion(axes)
        diameters = np.clip(4 * np.sqrt(np.maximum(variances, 0)), _SMALLEST_ELLIPSOID_M, _LARGEST_ELLIPSOID_M)
    marker.scale.x, marker.scale.y, marker.scale.z = (float(value) for value in diameters)
    return marker


def _label(person: Person, alpha: float) -> Marker:
    distance_m = float(np.linalg.norm(person.root))
    limit = ' (limit)' if person.observation and person.observation.root.saturated else ''
    marker = Marker(ns='label', type=Marker.TEXT_VIEW_FACING, text=f'{person.id}  {distance_m:.2f} m{limit}')
    head = person.joints[HUMAN36M_17.index('head')]
    above = head if np.isfinite(head).all() else person.root + np.array([0.0, -0.8, 0.0])
    marker.pose.position = point(above + np.array([0.0, -0.25, 0.0]))
    marker.scale.z = 0.18
    marker.color = ColorRGBA(r=1.0, g=1.0, b=1.0, a=alpha)
    return marker
