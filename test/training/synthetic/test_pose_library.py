from __future__ import annotations

import json

import numpy as np
import pytest

from hdnet_ros.training.synthetic import store
from hdnet_ros.training.synthetic.kinematics import bone_transforms
from hdnet_ros.training.synthetic.pose_library import clip_poses, shortest_turn


@pytest.fixture(scope='module')
def body(folder):
    return store.load_template(folder / 'body.npz')


def frame(step_s: float = 0.1, knee: float = 0.0) -> list[float]:
    still = [1, 0, 0, 0]
    right = still + [knee] + still + still + [0.0]
    return [step_s, 0, 0, 0, *still, *still, *still, *right, *still, 0.0, *still, *still, 0.0]


def test_a_clip_at_rest_hangs_all_limbs_down(body, tmp_path):
    path = tmp_path / 'humanoid3d_nod.txt'
    path.write_text(json.dumps({'Loop': 'wrap', 'Frames': [frame()] * 10}))
    poses = clip_poses(body, path, 0.25)
    assert list(poses) == ['nod:0000', 'nod:0003', 'nod:0005', 'nod:0008']
    _, posed = bone_transforms(body.heads, poses['nod:0000'], body.parents)
    for start, end in (('upperleg01', 'lowerleg01'), ('lowerleg01', 'foot'), ('upperarm01', 'lowerarm01'),
                       ('lowerarm01', 'wrist')):
        step = posed[body.bone(f'{end}.L')] - posed[body.bone(f'{start}.L')]
        assert step[2] / np.linalg.norm(step) < -0.97, start


def test_a_negative_knee_angle_bends_the_right_shin_backwards(body, tmp_path):
    path = tmp_path / 'humanoid3d_kneel.txt'
    path.write_text(json.dumps({'Frames': [frame(knee=-1.2)]}))
    _, posed = bone_transforms(body.heads, clip_poses(body, path, 1)['kneel:0000'], body.parents)
    right, left = (posed[body.bone(f'foot.{s}')] - posed[body.bone(f'lowerleg01.{s}')] for s in 'RL')
    assert right[1] > 0.25 > abs(left[1])    # y points backwards


def test_the_library_walks_upright_and_lies_down(folder, body):
    library = store.load_poses(folder / 'poses.npz')

    def head_above_feet(name):
        _, posed = bone_transforms(body.heads, library.rotations[library.names.index(name)].astype(float), body.parents)
        return posed[body.bone('head'), 2] - posed[body.bone('foot.L'), 2]

    assert head_above_feet('walk:0000') > 1.2
    assert head_above_feet('pose:standing01') > 1.2
    assert abs(head_above_feet('getup_faceup:0000')) < 0.7


def test_the_shortest_turn_turns():
    a, b = np.array([1.0, 2, 3]), np.array([-2.0, 1, 0.5])
    assert np.allclose(shortest_turn(a, b) @ a / np.linalg.norm(a), b / np.linalg.norm(b))
