"""Rotations against scipy."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

tf = pytest.importorskip('tf_transformations')

QUATERNIONS = st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1)
VECTORS = st.lists(st.floats(-100, 100), min_size=3, max_size=3)
SCALES = st.lists(st.floats(0.1, 10), min_size=3, max_size=3)


def same_turn(quaternion, rotation) -> bool:
    """Whether a quaternion (x, y, z, w) of length 1 is that rotation; q and -q are the same."""
    return abs(abs(np.dot(quaternion, rotation.as_quat())) - 1.0) < 1e-9


@given(QUATERNIONS, VECTORS, SCALES)
def test_quaternion_of_a_matrix_whatever_its_translation_and_scale(quaternion, translation, scale):
    rotation = Rotation.from_quat(quaternion)
    matrix = np.identity(4)
    matrix[:3, :3], matrix[:3, 3] = rotation.as_matrix(), translation
    for scaled in (matrix, matrix @ np.diag([*scale, 1.0]), matrix.tolist()):
        found = tf.quaternion_from_matrix(scaled)
        assert same_turn(found, rotation) and found[3] >= -1e-12
