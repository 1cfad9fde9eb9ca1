"""Where synthetic people stand: on the floor, over their spot, turned as asked, apart from each other."""
from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from hdnet_ros.training.synthetic.kinematics import skin
from hdnet_ros.training.synthetic.pose_source import DrawnPose
from hdnet_ros.training.synthetic.random_pose import RandomPose

TILTED = Rotation.from_euler('ZX', [4, 15], degrees=True).as_matrix()


def place(studio, view, kind='stand', spot=(0.5, 3.0), yaw=0.0):
    pose = RandomPose(studio.body).draw(kind, np.random.default_rng(2))
    return studio.placer.place(3, DrawnPose(pose, kind == 'sit'), np.array(spot), yaw, view)


@pytest.mark.parametrize('kind', ['stand', 'sit', 'lie'])
@pytest.mark.parametrize('yaw', [0.0, 2.0])
def test_the_lowest_point_is_on_the_floor_and_the_hips_are_over_the_spot(studio, kind, yaw):
    view = replace(studio.view, rotation=TILTED)
    person = place(studio, view, kind, yaw=yaw)
    shape = studio.pool.shapes[person.body][studio.body.skin]
    surface, _ = skin(studio.body.weights[studio.body.skin], person.transforms, shape, shape)
    floor_m = view.height_m - (surface @ view.rotation)[:, 1].max()     # back in the level frame, y down
    assert floor_m == pytest.approx(0, abs=0.02)        # every twelfth vertex was looked at
    hips = person.joints[0] @ view.rotation
    assert hips[[0, 2]] == pytest.approx([0.5, 3.0], abs=1e-6)
    assert view.height_m - hips[1] == pytest.approx(person.seat_m) and person.sits == (kind == 'sit')


def test_yaw_turns_people_about_the_vertical(studio):
    """Facing the camera their left is on its right; a quarter turn later they look sideways."""
    left_of = {}
    for yaw in (0.0, np.pi / 2, np.pi):
        joints = place(studio, studio.view, yaw=yaw).joints
        left_of[yaw] = joints[11] - joints[14]      # from the right shoulder to the left
    assert left_of[0.0][0] > 0.2 > abs(left_of[0.0][2])
    assert left_of[np.pi][0] < -0.2
    assert abs(left_of[np.pi / 2][2]) > 0.2 > abs(left_of[np.pi / 2][0])


def test_nobody_is_put_where_part_of_him_is_at_the_lens(studio):
    assert place(studio, studio.view, spot=(0.0, 0.4)) is None
    assert place(studio, studio.view, spot=(0.0, 1.2)) is not None


def test_spots_keep_their_distance_and_lie_ahead(studio, config):
    for near_share in (0.0, 0.9):
        scene = replace(config.scene, near_share=near_share, spacing_m=0.6)
        for seed in range(10):
            rng = np.random.default_rng(seed)
            spots = np.array(studio.placer.spots(scene, 6, rng.uniform(3, 8, 6), studio.view, rng))
            assert 2 <= len(spots) <= 6 and (spots[:, 1] > scene.depth_m[0]).all()
            apart = np.linalg.norm(spots[:, None] - spots[None], axis=-1)[np.triu_indices(len(spots), 1)]
            assert apart.min() > 0.6
            near = np.partition(apart, 0)[:1]
            assert near_share == 0 or near < 1.2 + 1e-9     # somebody stands next to somebody


@pytest.mark.parametrize('depth_m', [1.5, 2.0, 5.0])
def test_people_can_all_stand_at_one_depth(studio, config, depth_m):
    there = replace(config.scene, depth_m=(depth_m, depth_m), near_share=0.0)
    depths_m = np.exp(np.full(3, np.log(depth_m)))
    spots = studio.placer.spots(there, 1, depths_m, studio.view, np.random.default_rng(0))
    assert len(spots) == 1 and spots[0][1] == pytest.approx(depth_m)


def test_a_floor_that_is_full_gets_no_more(studio, config):
    crowded = replace(config.scene, spacing_m=50.0, near_share=0.0)
    assert len(studio.placer.spots(crowded, 6, np.full(6, 4.0), studio.view, np.random.default_rng(0))) == 1
