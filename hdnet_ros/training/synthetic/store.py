"""Files of the prepared folder: how each kind of content is written and read back."""
from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from scipy import sparse

from hdnet_ros.training.synthetic.body_pool import BodyPool
from hdnet_ros.training.synthetic.body_template import BodyTemplate
from hdnet_ros.training.synthetic.furniture import Furniture
from hdnet_ros.training.synthetic.mesh import Surface
from hdnet_ros.training.synthetic.pose_library import PoseLibrary

_SURFACE_ARRAYS = ('triangles', 'uv', 'rest', 'normals', 'anchors', 'shares', 'offsets', 'hides')


def _pack(matrix: sparse.csr_matrix) -> dict[str, np.ndarray]:
    return {'w_data': matrix.data, 'w_indices': matrix.indices, 'w_indptr': matrix.indptr, 'w_shape': matrix.shape}


def _unpack(data) -> sparse.csr_matrix:
    return sparse.csr_matrix((data['w_data'], data['w_indices'], data['w_indptr']), shape=tuple(data['w_shape']))


def save_template(path: Path, body: BodyTemplate) -> None:
    """Write the body template; the groups' faces become arrays named after them."""
    faces = {f'{kind}:{group}': array for kind, groups in (('faces', body.triangles), ('texels', body.uv_triangles))
             for group, array in groups.items()}
    np.savez(path, vertices=body.vertices, bones=np.array(body.bones), parents=body.parents, heads=body.heads,
             uv=body.uv, **faces, **_pack(body.weights))


def load_template(path: Path) -> BodyTemplate:
    """Read the body template."""
    with np.load(path) as data:
        faces, texels = ({name.partition(':')[2]: data[name] for name in data.files if name.startswith(kind)}
                         for kind in ('faces:', 'texels:'))
        return BodyTemplate(data['vertices'], tuple(str(b) for b in data['bones']), data['parents'], data['heads'],
                            _unpack(data), data['uv'], faces, texels)


def save_surface(path: Path, surface: Surface) -> None:
    """Write one surface."""
    np.savez(path, **{name: getattr(surface, name) for name in _SURFACE_ARRAYS}, **_pack(surface.weights))


def load_surface(path: Path) -> Surface:
    """Read one surface."""
    with np.load(path) as data:
        return Surface(weights=_unpack(data), **{name: data[name] for name in _SURFACE_ARRAYS})


def save_texture(path: Path, rgba: np.ndarray) -> None:
    """Write an RGBA texture."""
    cv2.imwrite(str(path), cv2.cvtColor(rgba, cv2.COLOR_RGBA2BGRA))


def load_texture(path: Path) -> np.ndarray:
    """Read an RGBA texture."""
    return cv2.cvtColor(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)


def save_pool(folder: Path, pool: BodyPool) -> None:
    """Write the bodies; their shapes go to a file of their own, so that processes can share its pages."""
    np.save(folder / 'shapes.npy', pool.shapes)
    np.savez(folder / 'bodies.npz', heads=pool.heads, heights_m=pool.heights_m, ages_years=pool.ages_years,
             female=pool.female)


def load_pool(folder: Path) -> BodyPool:
    """Read the bodies; the shapes are mapped, not loaded."""
    with np.load(folder / 'bodies.npz') as data:
        return BodyPool(np.load(folder / 'shapes.npy', mmap_mode='r'), data['heads'], data['heights_m'],
                        data['ages_years'], data['female'])


def save_poses(path: Path, library: PoseLibrary) -> None:
    """Write the pose library."""
    np.savez(path, names=np.array(library.names), rotations=library.rotations)


def load_poses(path: Path) -> PoseLibrary:
    """Read the pose library."""
    with np.load(path) as data:
        return PoseLibrary(tuple(str(name) for name in data['names']), data['rotations'])


def save_panoramas(path: Path, panoramas: dict[str, np.ndarray]) -> None:
    """Write HDR panoramas by name."""
    np.savez(path, **panoramas)


def load_panoramas(path: Path) -> dict[str, np.ndarray]:
    """Read HDR panoramas by name."""
    with np.load(path) as data:
        return {name: data[name] for name in sorted(data.files)}


def save_furniture(path: Path, pieces: list[Furniture]) -> None:
    """Write all pieces as four long arrays and where each begins."""
    np.savez(path, vertices=np.concatenate([p.vertices for p in pieces]),
             triangles=np.concatenate([p.triangles for p in pieces]),
             colours=np.concatenate([p.colours for p in pieces]), sizes=np.array([p.size_m for p in pieces]),
             vertex_counts=[len(p.vertices) for p in pieces], triangle_counts=[len(p.triangles) for p in pieces])


def load_furniture(path: Path) -> list[Furniture]:
    """Read all pieces."""
    with np.load(path) as data:
        vertices = np.split(data['vertices'], np.cumsum(data['vertex_counts'])[:-1])
        cuts = np.cumsum(data['triangle_counts'])[:-1]
        return [Furniture(*parts) for parts in zip(vertices, np.split(data['triangles'], cuts),
                                                   np.split(data['colours'], cuts), data['sizes'])]
