"""Surfaces that follow a body: the skin itself and every garment, fitted to a shape and then moved by its bones."""
from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from hdnet_ros.training.synthetic.body_template import BodyTemplate

_FLARE_LENGTH_M = 0.4


@dataclass(frozen=True, eq=False)
class Surface:
    """A triangle mesh bound to the body template; vertices are split where the texture has seams.

    triangles: (F, 3). uv: (V, 2). rest, normals: (V, 3) on the template body. weights: (V, B) sparse skin weights.
    anchors: (V, 3) template vertices that a vertex hangs on, shares: (V, 3) their parts, offsets: (V, 3) metres from
    there.
    hides: (T,) bool: template vertices that it covers; the skin below is not drawn.
    """

    triangles: np.ndarray
    uv: np.ndarray
    rest: np.ndarray
    normals: np.ndarray
    weights: sparse.csr_matrix
    anchors: np.ndarray
    shares: np.ndarray
    offsets: np.ndarray
    hides: np.ndarray

    def fit(self, shape: np.ndarray, template: np.ndarray) -> np.ndarray:
        """The surface on another body at rest: (V, 3). shape, template: (T, 3) vertices of the two bodies."""
        fitted = np.einsum('vk,vkd->vd', self.shares, shape[self.anchors])
        if self.offsets.any():
            used = np.unique(self.anchors)
            scale = shape[used].std(axis=0) / np.maximum(template[used].std(axis=0), 1e-6)
            fitted += self.offsets * scale.astype(np.float32)
        return fitted

    def thickened(self, distance_m: float, flare_m: float, flare_from_m: float) -> np.ndarray:
        """(V, 3) offsets that push the surface outwards, by ``flare_m`` more at 0.4 m below ``flare_from_m``."""
        lower = np.clip((flare_from_m - self.rest[:, 2:]) / _FLARE_LENGTH_M, 0, 1)
        return (self.normals * (distance_m + flare_m * lower)).astype(np.float32)


def make_surface(body: BodyTemplate, triangles: np.ndarray, uv_triangles: np.ndarray, uv: np.ndarray,
                 anchors: np.ndarray, shares: np.ndarray, offsets: np.ndarray,
                 hides: np.ndarray | None = None) -> Surface:
    """A surface from vertices that hang on the template: as in ``Surface``, but before seams are split."""
    rest = np.einsum('vk,vkd->vd', shares, body.vertices[anchors]) + offsets
    normals = vertex_normals(rest, triangles)
    positive = np.clip(shares, 0, None)
    positive /= positive.sum(axis=1, keepdims=True)
    weights = sum(sparse.diags(positive[:, k]) @ body.weights[anchors[:, k]] for k in range(3))
    corners = np.stack([triangles.ravel(), uv_triangles.ravel()], axis=1)
    pairs, corner_of = np.unique(corners, axis=0, return_inverse=True)
    source, texel = pairs[:, 0], pairs[:, 1]
    return Surface(corner_of.reshape(-1, 3).astype(np.int32), uv[texel].astype(np.float32),
                   rest[source].astype(np.float32), normals[source].astype(np.float32),
                   sparse.csr_matrix(weights, dtype=np.float32)[source], anchors[source].astype(np.int32),
                   shares[source].astype(np.float32), offsets[source].astype(np.float32),
                   np.zeros(len(body.vertices), bool) if hides is None else hides)


def body_surface(body: BodyTemplate, group: str) -> Surface:
    """The part of the base mesh that a group of faces forms."""
    triangles = body.triangles[group]
    used, renumbered = np.unique(triangles, return_inverse=True)
    anchors = np.repeat(used[:, None], 3, axis=1)
    shares = np.repeat([[1.0, 0.0, 0.0]], len(used), axis=0)
    return make_surface(body, renumbered.reshape(-1, 3), body.uv_triangles[group], body.uv, anchors, shares,
                        np.zeros((len(used), 3)))


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """(V, 3) unit normals, averaged over the triangles by area."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices, dtype=float)
    for k in range(3):
        np.add.at(normals, triangles[:, k], face)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def coarser(surface: Surface, cell_m: float) -> Surface:
    """The same surface with fewer triangles: vertices of one cell of space and texture become one."""
    keys = np.concatenate([np.floor(surface.rest / cell_m), np.floor(surface.uv * 24)], axis=1).astype(np.int64)
    _, kept, merged = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    triangles = merged.ravel()[surface.triangles]
    whole = ((triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2])
             & (triangles[:, 2] != triangles[:, 0]))
    triangles = triangles[whole]
    _, first = np.unique(np.sort(triangles, axis=1), axis=0, return_index=True)
    columns = {name: getattr(surface, name)[kept]
               for name in ('uv', 'rest', 'normals', 'weights', 'anchors', 'shares', 'offsets')}
    return replace(surface, triangles=triangles[np.sort(first)].astype(np.int32), **columns)
