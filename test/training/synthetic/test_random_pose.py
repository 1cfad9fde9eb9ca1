from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.kinematics import bone_transforms, local_rotations
from hdnet_ros.training.synthetic.random_pose import LIMBS, RandomPose


@pytest.fixture(scope='module')
def poses(folder):
    return RandomPose(store.load_template(folder / 'body.npz'))


def starts(poses, rotations):
    body = poses._body
    _, posed = bone_transforms(body.heads, rotations, body.parents)
    return lambda name: posed[body.bone(name)]


def is_rotation(matrices):
    return (np.allclose(matrices @ np.swapaxes(matrices, 1, 2), np.eye(3), atol=1e-9)
            and np.allclose(np.linalg.det(matrices), 1))


def test_all_kinds_are_rotations_and_repeat(poses):
    for kind in poses.kinds:
        first, second = (poses.draw(kind, np.random.default_rng(4)) for _ in range(2))
        assert is_rotation(first) and np.array_equal(first, second)
        assert not np.array_equal(first, poses.draw(kind, np.random.default_rng(5)))


def test_mirroring_swaps_sides(poses):
    pose = poses.draw('walk', np.random.default_rng(1))
    mirrored = poses.mirrored(pose)
    assert is_rotation(mirrored) and np.allclose(poses.mirrored(mirrored), pose)
    left, right = starts(poses, pose)('wrist.L'), starts(poses, mirrored)('wrist.R')
    assert np.allclose(left * [-1, 1, 1], right, atol=2e-3)


@pytest.mark.parametrize('limb', LIMBS)
def test_a_limb_of_another_pose_bends_as_it_does_there(poses, limb):
    parents, bone = poses._body.parents, poses._body.bone
    one, other = (poses.draw('anything', np.random.default_rng(seed)) for seed in (1, 2))
    mixed = poses.with_limb(one, other, limb)
    assert is_rotation(mixed)
    kept, theirs = (np.isclose(local_rotations(mixed, parents), local_rotations(pose, parents)).all(axis=(1, 2))
                    for pose in (one, other))
    assert (kept | theirs).all()
    for part in ('upperarm01.L', 'lowerarm01.L', 'upperarm01.R', 'lowerarm01.R', 'upperleg01.L', 'lowerleg01.R'):
        in_limb = part.endswith(limb[0].upper()) and 'arm' in part if 'arm' in limb else 'leg' in part
        assert theirs[bone(part)] == in_limb and kept[bone(part)] != in_limb
    assert kept[bone('spine03')] and kept[0]


def test_jitter_grows_with_its_strength(poses):
    pose = poses.draw('stand', np.random.default_rng(1))
    assert np.allclose(poses.jitter(pose, np.random.default_rng(2), 0.0), pose)
    small, large = (np.abs(poses.jitter(pose, np.random.default_rng(2), s) - pose).mean() for s in (0.2, 1.0))
    assert 0 < small < large


@pytest.mark.parametrize('seed', range(5))
def test_postures_look_like_their_names(poses, seed):
    """Frame of the body: x left, y back, z up."""
    at = {kind: starts(poses, poses.draw(kind, np.random.default_rng(seed))) for kind in poses.kinds}
    stand, sit, bend, lie = at['stand'], at['sit'], at['bend'], at['lie']
    assert stand('head')[2] > stand('root')[2] + 0.4 > stand('foot.L')[2] + 0.9
    assert sit('lowerleg01.L')[1] < sit('upperleg01.L')[1] - 0.25 and sit('foot.L')[2] < sit('lowerleg01.L')[2]
    assert bend('head')[1] < bend('root')[1] - 0.2
    assert abs(lie('head')[2] - lie('foot.R')[2]) < 0.8
    assert min(np.ptp([lie('head')[1], lie('foot.R')[1]]), 2) > 0.6
