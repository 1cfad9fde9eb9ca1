"""Stand-in for tf_transformations: a rotation as a quaternion, over transforms3d."""
from __future__ import annotations

import numpy as np
import transforms3d
from numpy.typing import ArrayLike

__all__ = ['quaternion_from_matrix']


def quaternion_from_matrix(matrix: ArrayLike) -> tuple[float, float, float, float]:
    """The turn in a (4, 4) transform that acts on columns, as (x, y, z, w); w >= 0.

    Scale and shear are taken out first.
    """
    _, turn, _, _ = transforms3d.affines.decompose44(np.asarray(matrix, dtype=float))
    w, x, y, z = transforms3d.quaternions.mat2quat(turn)
    return x, y, z, w
