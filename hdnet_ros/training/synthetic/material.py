"""What the renderer is given: triangles with materials."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Columns of a drawable's vertices: position, normal, texture coordinates, place on the body at rest, colour (linear).
COLUMNS = {'position': 3, 'normal': 3, 'uv': 2, 'rest': 3, 'colour': 3}
WIDTH = sum(COLUMNS.values())
NO_CLIP = (-9.0, 9.0, 9.0)


@dataclass(frozen=True)
class Material:
    """How a batch of triangles looks.

    texture: name for ``textures.TextureBank``; '' is plain white.
    tint_upper, tint_lower: linear RGB that replaces the texture's colour by the part ``tint``; ``split_m`` is the
    height on the body at rest where one ends and the other begins.
    pattern: name of a printed pattern, '' for none; pattern_scale: repeats per metre; pattern_shift: offset.
    clip: lowest z, highest z and largest |x| on the body at rest that is drawn, metres (cuts sleeves and hems).
    """

    texture: str = ''
    tint_upper: tuple[float, float, float] = (1.0, 1.0, 1.0)
    tint_lower: tuple[float, float, float] = (1.0, 1.0, 1.0)
    tint: float = 0.0
    split_m: float = -9.0
    pattern: str = ''
    pattern_scale: float = 1.0
    pattern_shift: tuple[float, float] = (0.0, 0.0)
    pattern_strength: float = 0.0
    shine: float = 0.02
    alpha_cut: float = 0.0
    clip: tuple[float, float, float] = NO_CLIP


@dataclass(frozen=True, eq=False)
class Drawable:
    """Triangles in the camera frame.

    vertices: (V, 14) float32, see ``COLUMNS``. triangles: (F, 3) int32.
    batches: (first triangle, number of triangles, material).
    identity: 0 for things, 1 and up for people. spheres: (S, 4) centres and radii that darken what is near.
    receives: darkened by everybody's spheres (the floor) and not only by its own.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    batches: tuple[tuple[int, int, Material], ...]
    identity: int = 0
    spheres: np.ndarray | None = None
    receives: bool = False


def pack(position: np.ndarray, normal: np.ndarray, uv: np.ndarray | None = None, rest: np.ndarray | None = None,
         colour: np.ndarray | None = None) -> np.ndarray:
    """(V, 14) float32 vertices of a drawable; white and without texture unless given."""
    out = np.zeros((len(position), WIDTH), np.float32)
    out[:, 0:3], out[:, 3:6] = position, normal
    if uv is not None:
        out[:, 6:8] = uv
    if rest is not None:
        out[:, 8:11] = rest
    out[:, 11:14] = 1 if colour is None else colour
    return out


def linear(srgb: np.ndarray) -> np.ndarray:
    """Linear light of sRGB values in 0..1."""
    return np.power(np.clip(srgb, 0, None), 2.2)
