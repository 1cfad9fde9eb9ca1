"""One dressed person in a pose, placed in front of the camera."""
from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.kinematics import skin
from hdnet_ros.training.synthetic.material import Drawable, pack
from hdnet_ros.training.synthetic.mesh import Surface
from hdnet_ros.training.synthetic.wardrobe import Piece

# Bones and radii (metres, of an adult) of the balls that stand for a body where it shades itself and the floor.
_BALLS = (('head', 0.11), ('spine01', 0.15), ('spine03', 0.14), ('spine05', 0.15), ('upperleg01.L', 0.11),
          ('upperleg01.R', 0.11), ('lowerleg01.L', 0.07), ('lowerleg01.R', 0.07), ('foot.L', 0.06), ('foot.R', 0.06),
          ('lowerarm01.L', 0.05), ('lowerarm01.R', 0.05), ('wrist.L', 0.05), ('wrist.R', 0.05), ('upperarm01.L', 0.08),
          ('upperarm01.R', 0.08))
_ADULT_M = 1.7
# A pixel that spans more than this on the body (metres) needs no finer surface.
_DETAIL_M = (0.0028, 0.007)
# Skin is left out below a garment made of the body's own surface where that is so close, but not near its hems.
_COVERED_M = 0.03
_HEM_M = 0.025


class FigureMaker:
    """Turns a shape, a pose and an outfit into triangles."""

    def __init__(self, folder: Path, body: BodyTemplate) -> None:
        self._folder = folder
        self._body = body
        self._surfaces: dict[tuple[str, int], Surface] = {}
        tights = self._surface('tights', 0).rest
        self._near_tights = cKDTree(tights).query(body.vertices, distance_upper_bound=_COVERED_M)[0] < _COVERED_M

    def make(self, shape: np.ndarray, transforms: np.ndarray, bone_starts: np.ndarray, outfit: tuple[Piece, ...],
             identity: int, height_m: float, pixel_m: float) -> Drawable:
        """Triangles in the frame of the transforms.

        shape: (T, 3) body at rest. transforms: (B, 3, 4) to the camera frame. bone_starts: (B, 3) there.
        pixel_m: what a pixel spans at the person.
        """
        level = sum(pixel_m > limit for limit in _DETAIL_M)
        surfaces = [self._surface(piece.surface, level) for piece in outfit]
        hidden = np.any([surface.hides for surface in surfaces], axis=0)
        for piece in outfit:
            if piece.surface == 'tights':
                hidden |= self._under_tights(piece.material.clip)
        blocks, triangles, batches, vertex_count, triangle_count = [], [], [], 0, 0
        for piece, surface in zip(outfit, surfaces):
            rest = surface.fit(shape, self._body.vertices)
            if piece.thickness_m:
                size = height_m / _ADULT_M
                rest = rest + surface.thickened(piece.thickness_m * size, piece.flare_m * size, piece.flare_from_m)
            position, normal = skin(surface.weights, transforms, rest, surface.normals)
            faces = surface.triangles
            if piece.surface == 'skin':
                faces = faces[~hidden[surface.anchors[:, 0]][faces].all(axis=1)]
            blocks.append(pack(position, normal, surface.uv, surface.rest))
            triangles.append(faces + vertex_count)
            batches.append((triangle_count, len(faces), piece.material))
            vertex_count += len(position)
            triangle_count += len(faces)
        radii = np.array([radius for _, radius in _BALLS]) * height_m / _ADULT_M
        centres = bone_starts[[self._body.bone(name) for name, _ in _BALLS]]
        return Drawable(np.concatenate(blocks), np.concatenate(triangles).astype(np.int32), tuple(batches), identity,
                        np.concatenate([centres, radii[:, None]], axis=1).astype(np.float32))

    def _under_tights(self, clip: tuple[float, float, float]) -> np.ndarray:
        """(T,) bool: template vertices below the part of the tights that is drawn, away from its hems."""
        x, z = np.abs(self._body.vertices[:, 0]), self._body.vertices[:, 2]
        inside = (z > clip[0] + _HEM_M) & (z < clip[1] - _HEM_M) & (x < clip[2] - _HEM_M)
        return self._near_tights & inside

    def _surface(self, name: str, level: int) -> Surface:
        """A prepared surface; each is read once."""
        if (name, level) not in self._surfaces:
            self._surfaces[name, level] = store.load_surface(self._folder / 'surfaces' / f'{name}_{level}.npz')
        return self._surfaces[name, level]
