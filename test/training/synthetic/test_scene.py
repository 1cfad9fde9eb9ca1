"""The renderer and the truth against each other: silhouettes, heights in pixels, hidden halves."""
from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from hdnet_ros.training.synthetic.errors import SyntheticError
from hdnet_ros.training.synthetic.lighting import Light
from hdnet_ros.training.synthetic.material import Material
from hdnet_ros.training.synthetic.pose_source import DrawnPose
from hdnet_ros.training.synthetic.props import board, box
from hdnet_ros.training.synthetic.random_pose import RandomPose
from hdnet_ros.training.synthetic.renderer import Renderer
from hdnet_ros.training.synthetic.textures import TextureBank
from hdnet_ros.training.synthetic.visibility import Seen, body_box, whole_area_px
from hdnet_ros.training.synthetic.wardrobe import Piece

NUDE = (Piece('skin', Material()),)


def place(studio, body=0, kind='stand', depth=3.5, yaw=0.4, seed=1, outfit=NUDE):
    pose = DrawnPose(RandomPose(studio.body).draw(kind, np.random.default_rng(seed)), False)
    person = studio.placer.place(body, pose, np.array([0.0, depth]), yaw, studio.view)
    figure = studio.figures.make(studio.pool.shapes[body], person.transforms, person.bone_starts, outfit, 1,
                                 studio.pool.heights_m[body], depth / studio.view.focal_px)
    return person, figure


def look(studio, drawables, scale=1):
    with studio.renderer.load(drawables) as geometry:
        seen = Seen.look(studio.renderer, geometry, studio.view, scale)
        whole = whole_area_px(studio.renderer, geometry, studio.view, 1, body_box(drawables[-1], studio.view))
    return seen, whole


@pytest.mark.parametrize('kind', ['stand', 'walk', 'sit', 'reach'])
@pytest.mark.parametrize('yaw', [0.0, 2.0])
def test_joints_lie_in_the_silhouette_at_its_depth(studio, kind, yaw):
    person, figure = place(studio, kind=kind, yaw=yaw)
    seen, _ = look(studio, [figure])
    pixels = np.rint(studio.view.project(person.joints[:17])).astype(int)
    for name, (u, v), depth in zip(range(17), pixels, person.joints[:17, 2]):
        near = seen.identities[v - 3:v + 4, u - 3:u + 4] == 1
        assert near.any(), name
        surface = seen.depths_m[v - 3:v + 4, u - 3:u + 4][near].min()
        assert surface - 0.03 < depth < surface + 0.75
    assert abs(seen.depths_m[pixels[0, 1], pixels[0, 0]] - person.joints[0, 2]) < 0.35


def test_metres_and_pixels_agree_with_the_pinhole(studio):
    """A standing person spans height * f / depth pixels, from the floor line up."""
    for body in (0, 5, 11):
        person, figure = place(studio, body=body, depth=4.0)
        seen, _ = look(studio, [figure])
        rows = np.flatnonzero((seen.identities == 1).any(axis=1))
        focal, depth = studio.view.focal_px, person.joints[0, 2]
        assert depth == pytest.approx(4.0, abs=1e-6)
        assert (rows[-1] - rows[0] + 1) * depth / focal == pytest.approx(studio.pool.heights_m[body], rel=0.05)
        floor_row = studio.view.K[1, 2] + focal * studio.view.height_m / depth
        assert rows[-1] == pytest.approx(floor_row, abs=0.045 * focal)


def test_a_board_over_the_left_half_hides_half(studio):
    _, figure = place(studio, yaw=0.0)
    alone, whole = look(studio, [figure])
    assert alone.area_px(1) == pytest.approx(whole, rel=0.04)
    mask = alone.identities == 1
    middle = int(np.median(np.nonzero(mask)[1]))
    edge_x = (middle + 0.5 - studio.view.K[0, 2]) / studio.view.focal_px * 1.5
    screen = board(studio.view, (edge_x - 2, -1, 1.5), (2, 0, 0), (0, 3, 0), (0, 0, -1), (1, 1), Material())
    hidden, same_whole = look(studio, [screen, figure])
    assert same_whole == whole
    assert hidden.area_px(1) == mask[:, middle + 1:].sum()
    assert hidden.box(1)[0] == middle + 0.5
    assert hidden.box(1)[2] == alone.box(1)[2]


def test_joints_on_the_far_side_or_behind_things_are_not_visible(studio):
    person, figure = place(studio, yaw=np.pi / 2)
    seen, _ = look(studio, [figure], scale=2)
    pixels = studio.view.project(person.joints[:17])
    visible = seen.joints(1, pixels, person.joints[:17, 2])
    near, far = ('left', 'right') if person.joints[11, 2] < person.joints[14, 2] else ('right', 'left')
    shoulders = {'left': 11, 'right': 14}
    assert visible[shoulders[near]] and not visible[shoulders[far]]
    crate = box(studio.view, np.array([0.0, 2.0]), np.array([2.0, 3.0, 0.2]), 0.0, Material())
    blocked, _ = look(studio, [crate, figure], scale=2)
    assert not blocked.joints(1, pixels, person.joints[:17, 2]).any()
    assert blocked.box(1) is None


def test_boxes_at_half_size_stay_true(studio):
    _, figure = place(studio)
    full, half = (look(studio, [figure], scale)[0].box(1) for scale in (1, 2))
    assert np.abs(full - half).max() <= 2
    assert np.abs(full - body_box(figure, studio.view)).max() < 2


def test_people_who_come_too_close_are_not_placed(studio):
    pose = DrawnPose(RandomPose(studio.body).draw('reach', np.random.default_rng(1)), False)
    assert studio.placer.place(0, pose, np.array([0.0, 0.5]), 0.0, studio.view) is None


def test_light_comes_from_its_side_and_casts_shadows(studio):
    _, figure = place(studio, yaw=0.0)
    floor = board(studio.view, (-3, 1, 0.5), (6, 0, 0), (0, 0, 6), (0, -1, 0), (1, 1), Material(), 20, receives=True)
    pictures = {}
    for side in (-1, 1):
        light = Light(np.full((6, 3), 0.18), np.array([side, -0.6, -0.3]) / 1.2042, np.full(3, 0.8), 0.0)
        with studio.renderer.load([floor, figure]) as geometry:
            size = (studio.view.width, studio.view.height)
            pictures[side] = studio.renderer.picture(geometry, studio.view.K, size, light)
            again = studio.renderer.picture(geometry, studio.view.K, size, light)
            caught = studio.renderer.picture(geometry, studio.view.K, size, light, catcher=0.6)
        assert np.array_equal(again, pictures[side])
        assert set(np.unique(caught[..., 3])) - {0, 255} and caught[:150, 0, 3].max() == 0
    mask = look(studio, [figure])[0].identities == 1
    columns = np.nonzero(mask)[1]
    left_half = mask & (np.arange(mask.shape[1]) < np.median(columns))
    assert pictures[-1][left_half, :3].mean() > 1.1 * pictures[1][left_half, :3].mean()
    ground = ~mask & (np.arange(mask.shape[0]) > 330)[:, None]
    right_ground = ground & (np.arange(mask.shape[1]) > columns.max())
    assert pictures[-1][right_ground, :3].min() < 0.7 * np.median(pictures[-1][right_ground, :3])


def test_scenes_of_two_renderers_do_not_release_each_other_s_buffers(studio):
    _, figure = place(studio, yaw=0.0)
    size = (studio.view.width, studio.view.height)
    with Renderer(TextureBank(None, [])) as one, Renderer(TextureBank(None, [])) as other, \
            other.load([figure]) as theirs:
        with one.load([figure]):    # the first of both, so it has the same names there
            before = other.identities(theirs, studio.view.K, size)[0]
        after = other.identities(theirs, studio.view.K, size)[0]
    assert (before == 1).any()
    np.testing.assert_array_equal(after, before)


def test_a_fork_of_a_process_that_draws_is_refused_instead_of_hanging(studio):
    """A context made anew is as dead there as the inherited one."""
    def said(draw):
        try:
            draw()
        except SyntheticError as error:
            return str(error)
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(10)    # a hanging child says nothing
        answers = said(lambda: studio.renderer.load([])), said(lambda: Renderer(TextureBank(None, [])))
        os.write(writer, repr(answers).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        assert pipe.read().count('forked from one that has used OpenGL') == 2
    os.waitpid(child, 0)
    studio.renderer.load([])
