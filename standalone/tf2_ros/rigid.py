"""Rigid transforms as a vector and a unit quaternion."""
from __future__ import annotations

import math
from dataclasses import dataclass

from geometry_msgs.msg import Quaternion, Transform, Vector3

Vector = tuple[float, float, float]
Rotation = tuple[float, float, float, float]   # x, y, z, w


@dataclass(frozen=True)
class Rigid:
    """Takes a point of the child frame, p, to the parent frame: rotate(rotation, p) + translation (metres)."""

    translation: Vector = (0.0, 0.0, 0.0)
    rotation: Rotation = (0.0, 0.0, 0.0, 1.0)

    @classmethod
    def from_msg(cls, message: Transform) -> Rigid:
        """Read a geometry_msgs/Transform; its quaternion is taken as it is."""
        t, q = message.translation, message.rotation
        return cls((t.x, t.y, t.z), (q.x, q.y, q.z, q.w))

    def to_msg(self) -> Transform:
        """This as a geometry_msgs/Transform."""
        (tx, ty, tz), (qx, qy, qz, qw) = self.translation, self.rotation
        return Transform(translation=Vector3(x=tx, y=ty, z=tz), rotation=Quaternion(x=qx, y=qy, z=qz, w=qw))

    def __matmul__(self, inner: Rigid) -> Rigid:
        """First `inner`, then this."""
        x, y, z = rotate(self.rotation, inner.translation)
        tx, ty, tz = self.translation
        return Rigid((x + tx, y + ty, z + tz), multiply(self.rotation, inner.rotation))

    def inverse(self) -> Rigid:
        """What takes the parent frame to the child frame."""
        back = conjugate(self.rotation)
        x, y, z = rotate(back, self.translation)
        return Rigid((-x, -y, -z), back)

    def normalized(self) -> Rigid:
        """The same with a quaternion of length 1."""
        length = math.sqrt(sum(part * part for part in self.rotation))
        return Rigid(self.translation, tuple(part / length for part in self.rotation))


def multiply(outer: Rotation, inner: Rotation) -> Rotation:
    """First `inner`, then `outer`."""
    ax, ay, az, aw = outer
    bx, by, bz, bw = inner
    return (aw * bx + ax * bw + ay * bz - az * by, aw * by - ax * bz + ay * bw + az * bx,
            aw * bz + ax * by - ay * bx + az * bw, aw * bw - ax * bx - ay * by - az * bz)


def conjugate(rotation: Rotation) -> Rotation:
    """The opposite turn, of a unit quaternion."""
    x, y, z, w = rotation
    return -x, -y, -z, w


def rotate(rotation: Rotation, vector: Vector) -> Vector:
    """Turn a vector by a unit quaternion."""
    x, y, z, _ = multiply(multiply(rotation, (*vector, 0.0)), conjugate(rotation))
    return x, y, z


def interpolate(start: Rigid, end: Rigid, ratio: float) -> Rigid:
    """Between `start` (ratio 0) and `end` (ratio 1): on a straight line, turning at constant speed the shorter way."""
    translation = tuple(a + (b - a) * ratio for a, b in zip(start.translation, end.translation, strict=True))
    return Rigid(translation, slerp(start.rotation, end.rotation, ratio))


def slerp(start: Rotation, end: Rotation, ratio: float) -> Rotation:
    """Between two unit quaternions at constant speed the shorter way."""
    cosine = sum(a * b for a, b in zip(start, end, strict=True))
    if cosine < 0.0:   # the same turn, nearer
        cosine, end = -cosine, tuple(-part for part in end)
    angle = math.acos(min(cosine, 1.0))
    if angle < 1e-9:
        return start
    near, far = math.sin((1.0 - ratio) * angle) / math.sin(angle), math.sin(ratio * angle) / math.sin(angle)
    return tuple(near * a + far * b for a, b in zip(start, end, strict=True))
