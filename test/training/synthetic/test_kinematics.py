from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.kinematics import bone_transforms, local_rotations, moved, skin, world_rotations

PARENTS = np.array([-1, 0, 1, 0])
HEADS = np.array([[0, 0, 1.0], [0, 0, 2], [0, 1, 2], [1, 0, 1]])


@pytest.fixture
def local():
    return Rotation.random(4, random_state=3).as_matrix()


def test_local_and_world_rotations_are_inverse(local):
    assert np.allclose(local_rotations(world_rotations(local, PARENTS), PARENTS), local)


def test_bones_keep_their_length_and_turn_about_their_start(local):
    world = world_rotations(local, PARENTS)
    transforms, posed = bone_transforms(HEADS, world, PARENTS)
    for bone in (1, 2, 3):
        rest = np.linalg.norm(HEADS[bone] - HEADS[PARENTS[bone]])
        assert np.linalg.norm(posed[bone] - posed[PARENTS[bone]]) == pytest.approx(rest)
    own = np.einsum('bij,bj->bi', transforms[:, :, :3], HEADS) + transforms[:, :, 3]
    assert np.allclose(own, posed)
    # By hand: the tip of bone 2 after turning about the starts of 0, 1 and 2 in turn.
    tip, expected = np.array([0.5, 1, 2.0]), None
    for bone in (2, 1, 0):
        expected = HEADS[bone] + local[bone] @ ((tip if expected is None else expected) - HEADS[bone])
    assert np.allclose(transforms[2, :, :3] @ tip + transforms[2, :, 3], expected)


def test_skin_blends_and_rigid_motion_moves_everything(local):
    transforms, posed = bone_transforms(HEADS, world_rotations(local, PARENTS), PARENTS)
    weights = sparse.csr_matrix(np.array([[0.25, 0.75, 0, 0]], np.float32))
    point, normal = np.array([[0.3, 0.2, 1.5]]), np.array([[0, 0, 1.0]])
    at, facing = skin(weights, transforms, point, normal)
    mixed = 0.25 * transforms[0] + 0.75 * transforms[1]
    assert np.allclose(at[0], mixed[:, :3] @ point[0] + mixed[:, 3], atol=1e-6)
    assert np.allclose(facing[0], mixed[:, :3] @ normal[0], atol=1e-6)
    turn, shift = Rotation.from_rotvec([0.2, 0.5, -0.1]).as_matrix(), np.array([1.0, 2, 3])
    there, _ = skin(weights, moved(transforms, turn, shift), point, normal)
    assert np.allclose(there[0], turn @ at[0] + shift, atol=1e-5)
