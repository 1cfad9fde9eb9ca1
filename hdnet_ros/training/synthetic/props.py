"""Things without bones: boards, boxes and furniture as drawables."""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdnet_ros.training.synthetic.furniture import Furniture
from hdnet_ros.training.synthetic.material import Drawable, Material, linear, pack
from hdnet_ros.training.synthetic.view import View

_FACES = np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def board(view: View, corner: Sequence[float], side_a: Sequence[float], side_b: Sequence[float],
          normal: Sequence[float], repeats: Sequence[float], material: Material, steps: int = 1,
          receives: bool = False) -> Drawable:
    """A rectangle of the level frame: a corner and two sides, (3,) metres; ``steps`` cells along each side.

    repeats: how often the texture fits along each side.
    """
    corner, side_a, side_b, normal = (np.asarray(a, float) for a in (corner, side_a, side_b, normal))
    s, t = (a.ravel() for a in np.meshgrid(np.linspace(0, 1, steps + 1), np.linspace(0, 1, steps + 1)))
    points = corner + s[:, None] * side_a + t[:, None] * side_b
    cells = (np.arange(steps)[:, None] * (steps + 1) + np.arange(steps)).ravel()
    corners = np.stack([cells, cells + 1, cells + steps + 2, cells + steps + 1], axis=1)
    triangles = corners[:, _FACES].reshape(-1, 3).astype(np.int32)
    vertices = pack(view.to_camera(points), np.tile(view.to_camera(normal), (len(points), 1)),
                    np.stack([s * repeats[0], t * repeats[1]], axis=1))
    return Drawable(vertices, triangles, ((0, len(triangles), material),), receives=receives)


def box(view: View, centre: np.ndarray, size_m: np.ndarray, yaw_rad: float, material: Material) -> Drawable:
    """A box that stands on the floor. centre: (2,) x and z in the level frame. size_m: width, height, depth."""
    cosine, sine = np.cos(yaw_rad), np.sin(yaw_rad)
    right, forward, up = np.array([cosine, 0, -sine]), np.array([sine, 0, cosine]), np.array([0, -1.0, 0])
    middle = np.array([centre[0], view.height_m - size_m[1] / 2, centre[1]])
    half = size_m / 2
    vertices, triangles = [], []
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        axes = (right, up, forward)
        for sign in (-1, 1):
            corners = [middle + sign * half[a] * axes[a] + p * half[b] * axes[b] + q * half[c] * axes[c]
                       for p, q in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [size_m[b], size_m[c]]
            triangles.append(_FACES + 4 * len(vertices))
            normals = np.tile(view.to_camera(sign * axes[a]), (4, 1))
            vertices.append(pack(view.to_camera(np.array(corners)), normals, uv))
    faces = np.concatenate(triangles).astype(np.int32)
    return Drawable(np.concatenate(vertices), faces, ((0, len(faces), material),))


def furniture(view: View, piece: Furniture, place: np.ndarray, yaw_rad: float, gain: float,
              shade: np.ndarray) -> Drawable:
    """A piece on the floor. place: (2,) x and z. gain, shade (3,): brighten and recolour it."""
    cosine, sine = np.cos(yaw_rad), np.sin(yaw_rad)
    turn = np.array([[cosine, 0, sine], [0, 1, 0], [-sine, 0, cosine]]) @ np.diag([1, -1, -1])
    points = view.to_camera(piece.vertices @ turn.T + [place[0], view.height_m, place[1]])
    corners = points[piece.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    colours = linear(np.clip(piece.colours * gain + shade, 0.02, 0.95))
    vertices = pack(corners.reshape(-1, 3), np.repeat(normals, 3, axis=0), colour=np.repeat(colours, 3, axis=0))
    triangles = np.arange(len(vertices), dtype=np.int32).reshape(-1, 3)
    return Drawable(vertices, triangles, ((0, len(triangles), Material()),))
