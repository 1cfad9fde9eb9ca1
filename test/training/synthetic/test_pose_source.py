"""Which poses synthetic people get: as the configuration weighs them, of their split, mirrored and mixed."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hdnet_ros.training.synthetic import SyntheticError, store
from hdnet_ros.training.synthetic.kinematics import local_rotations
from hdnet_ros.training.synthetic.pose_source import PoseSource

SEEDS = range(60)
STILL = {'jitter': (0.0, 0.0), 'mirror_share': 0.0, 'mixed_share': 0.0}


@pytest.fixture(scope='module')
def body(folder):
    return store.load_template(folder / 'body.npz')


@pytest.fixture(scope='module')
def library(folder):
    return store.load_poses(folder / 'poses.npz')


def test_weights_decide_what_is_drawn(library, body, config):
    source = PoseSource(config.poses, body, library, range(len(library.names)))
    weights = dict(zip(library.names, source._weights))
    walk = sum(w for name, w in weights.items() if name.startswith('walk:'))
    backflip = sum(w for name, w in weights.items() if name.startswith('backflip:'))
    wanted = config.poses.library_weights
    assert walk / backflip == pytest.approx(wanted['walk'] / wanted['backflip'])
    assert weights['pose:standing01'] / weights['pose:gym01'] == pytest.approx(3)
    assert sum(source.draw(np.random.default_rng(i)).sits for i in range(60)) in range(1, 30)


def test_only_poses_of_the_split_are_drawn(library, body, config):
    allowed = [library.names.index(name) for name in ('walk:0000', 'pose:standing01', 'pose:sit01')]
    source = PoseSource(replace(config.poses, library_share=1.0, **STILL), body, library, allowed)
    drawn = set()
    for seed in SEEDS:
        pose = source.draw(np.random.default_rng(seed))
        fitting = [index for index in allowed if np.allclose(library.rotations[index], pose.rotations, atol=1e-6)]
        assert len(fitting) == 1 and pose.sits == (library.names[fitting[0]] == 'pose:sit01')
        drawn.add(fitting[0])
    assert drawn == set(allowed)


def test_postures_that_nobody_knows_are_refused(library, body, config):
    with pytest.raises(SyntheticError, match=r"unknown postures \['fly'\]; known: .*walk"):
        PoseSource(replace(config.poses, random_weights={'fly': 1.0}), body, library, [0])


def test_weights_of_poses_that_the_library_does_not_have_are_refused(library, body, config):
    with pytest.raises(SyntheticError, match=r"no pose begins with \['wallk'\]; they begin with .*walk"):
        PoseSource(replace(config.poses, library_weights={'walk': 1.0, 'wallk': 2.0}), body, library, [0])


def test_mirrored_people_are_the_mirror_image_of_the_others(library, body, config):
    walk = [library.names.index('walk:0000')]
    plain, mirrored = (
        PoseSource(replace(config.poses, library_share=1.0, **{**STILL, 'mirror_share': share}), body, library, walk)
        .draw(np.random.default_rng(0)).rotations for share in (0.0, 1.0))
    flip = np.diag([-1.0, 1, 1])
    assert not np.allclose(mirrored, plain, atol=0.05)
    left, right = body.bone('upperarm01.L'), body.bone('upperarm01.R')
    assert np.allclose(mirrored[left], flip @ plain[right] @ flip, atol=1e-9)


def test_mixed_people_have_limbs_of_others_and_their_own_trunk(library, body, config):
    mixed = PoseSource(replace(config.poses, library_share=0.5, **{**STILL, 'mixed_share': 1.0}), body, library,
                       range(len(library.names)))
    plain = PoseSource(replace(config.poses, library_share=0.5, **STILL), body, library, range(len(library.names)))
    limbs = {'arm': [body.bone(f'{part}arm01.{side}') for part in ('upper', 'lower') for side in 'LR'],
             'leg': [body.bone(f'{part}leg01.{side}') for part in ('upper', 'lower') for side in 'LR']}
    trunk = [body.bone(name) for name in ('spine05', 'spine03', 'spine01')]
    changed = {'arm': 0, 'leg': 0}
    for seed in SEEDS:
        one, other = plain.draw(np.random.default_rng(seed)), mixed.draw(np.random.default_rng(seed))
        own, theirs = (local_rotations(pose.rotations, body.parents) for pose in (one, other))
        assert np.allclose(own[trunk], theirs[trunk], atol=1e-5) and other.sits == one.sits
        for limb, bones in limbs.items():
            changed[limb] += not np.allclose(own[bones], theirs[bones], atol=1e-6)
        assert not one.sits or np.allclose(own[limbs['leg']], theirs[limbs['leg']], atol=1e-5)
    assert changed['arm'] > 30 and 15 < changed['leg'] < 55
