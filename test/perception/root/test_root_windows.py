"""Which windows are chosen, and for whom."""
from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.models import model_path
from hdnet_ros.network import load_hdnet
from hdnet_ros.network.config import HDNetConfig
from hdnet_ros.perception.root import RootConfig
from hdnet_ros.perception.root.root_windows import WindowChooser
from hdnet_ros.window import ideal_boxes

CAMERA = Camera.pinhole(1920, 1080, 1500)
BOXES = [np.array([100, 200, 300, 800.0]), np.array([350, 220, 500, 760.0]), np.array([1500, 300, 1700, 900.0])]


def choose(boxes=BOXES, camera=CAMERA, net=None, **settings):
    return WindowChooser(net or HDNetConfig(), RootConfig(**settings)).choose(camera, ideal_boxes(camera, boxes))


def test_one_window_per_person():
    windows, index = choose(window_policy='box')
    assert index.tolist() == [0, 1, 2]
    np.testing.assert_allclose(windows[2].center_px, [1600, 600])
    assert [w.size_px for w in windows] == [1000, 1000, 1000]


def test_packed_shares_windows():
    windows, index = choose(window_policy='packed')
    assert len(windows) == 2 and index[0] == index[1] != index[2]


def test_principal_leaves_out_whom_it_cannot_show():
    windows, index = choose([*BOXES, np.array([800, 300, 1000, 700.0])], window_policy='principal')
    assert index.tolist() == [-1, -1, -1, 0] and len(windows) == 1      # the window spans 459..1459
    assert choose(window_policy='principal')[0] == []


def test_sizes():
    net = HDNetConfig(train_focal_px=1000.0, window_size='canonical')
    assert WindowChooser(net, RootConfig()).size_px(CAMERA) == pytest.approx(1500)
    assert WindowChooser(net, RootConfig(window_size='native')).size_px(CAMERA) == 1000
    assert WindowChooser(net, RootConfig(train_focal_px=2000.0)).size_px(CAMERA) == pytest.approx(750)
    with pytest.raises(ValueError, match='train_focal_px'):
        WindowChooser(HDNetConfig(), RootConfig(window_size='canonical'))


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_windows_shrink_as_the_checkpoint_or_the_configuration_says(policy):
    far = [np.array([100, 200, 150, 350.0])]
    net = HDNetConfig(max_zoom=2.0)
    for said, size in ((0.0, 500), (1.0, 1000), (4.0, 250), (10.0, 210)):
        (window,), _ = choose(far, net=net, window_policy=policy, max_zoom=said)
        assert window.size_px == pytest.approx(size)
    (window,), _ = choose([np.array([100, 200, 150, 1000.0])], net=net, window_policy=policy)
    assert window.size_px == 1000


def test_the_checkpoint_decides_unless_told_otherwise():
    net = HDNetConfig(window_policy='principal')
    assert WindowChooser(net, RootConfig()).policy == 'principal'
    assert WindowChooser(net, RootConfig(window_policy='packed')).policy == 'packed'


@pytest.mark.parametrize('policy', ['box', 'principal', 'packed'])
def test_boxes_that_no_window_can_show(policy):
    """NaN, and for a fisheye what lies beyond its field of view."""
    fisheye = Camera(800, 800, np.array([[250, 0, 400], [0, 250, 400], [0, 0, 1.0]]), np.zeros(4), 'equidistant')
    boxes = [np.array([350, 300, 450, 500.0]), np.full(4, np.nan), np.array([0, 0, 5, 5.0])]
    windows, index = choose(boxes, fisheye, window_policy=policy)
    assert index.tolist() == [0, -1, -1] and len(windows) == 1


@pytest.mark.parametrize('policy', ['box', 'principal', 'packed'])
def test_nobody(policy):
    windows, index = choose([], window_policy=policy)
    assert windows == [] and index.shape == (0,)


FISHEYE = Camera(1000, 1000, np.array([[350, 0, 499.5], [0, 350, 499.5], [0, 0, 1.0]]), np.zeros(4), 'equidistant')


def choose_turned(boxes, camera=FISHEYE, turn_from_deg=20.0, roll_deg=0.0, **settings):
    net = HDNetConfig(turn_from_deg=turn_from_deg, window_size='canonical', train_focal_px=1000.0)
    return WindowChooser(net, RootConfig(**settings)).choose_turned(camera, np.reshape(boxes, (-1, 4)), roll_deg)[:2]


@pytest.mark.parametrize('policy', ['box', 'packed'])
def test_windows_beside_the_axis_look_straight_at_people(policy):
    near, far = np.array([480, 400, 520, 600.0]), np.array([800, 420, 850, 580.0])
    windows, index = choose_turned([near, np.full(4, np.nan), far], window_policy=policy)
    assert index.tolist() == [0, -1, 1] and windows[0].camera is FISHEYE
    view = windows[1].camera
    angle = np.degrees(np.arccos(view.axes[2, 2]))
    assert angle == pytest.approx(np.degrees(325 / 350), abs=3)   # equidistant: pixels over focal length
    np.testing.assert_allclose(windows[1].center_px, view.K[:2, 2], atol=12)
    extent = windows[1].extent(far)
    assert (extent[:2] > 0).all() and (extent[2:] < windows[1].size_px).all()


def test_how_far_beside_is_the_checkpoint_s_word():
    box = np.array([640, 420, 690, 580.0])    # 27 degrees
    for least, turned in ((20.0, True), (35.0, False), (90.0, False)):
        (window,), _ = choose_turned([box], turn_from_deg=least, window_policy='box')
        assert isinstance(window.camera, CameraView) == turned


def test_people_who_share_a_window_share_a_turned_one():
    boxes = [np.array([690, 440, 730, 560.0]), np.array([735, 440, 775, 560.0])]
    windows, index = choose_turned(boxes, window_policy='packed')
    assert index.tolist() == [0, 0] and isinstance(windows[0].camera, CameraView)
    for extent in windows[0].extents(np.array(boxes)):
        assert (extent[:2] >= 0).all() and (extent[2:] <= windows[0].size_px).all()


def test_the_window_around_the_principal_point_is_never_turned():
    windows, _ = choose_turned([np.array([560, 420, 600, 580.0])], turn_from_deg=0.0, window_policy='principal')
    assert [type(window.camera) for window in windows] == [Camera]


@pytest.mark.parametrize('roll_deg', [0.0, 30.0, 180.0])
def test_people_stand_upright_in_turned_windows(roll_deg):
    """A level camera may be rolled, and people beside its axis are above or below it, too."""
    up = np.array([np.sin(np.radians(roll_deg)), -np.cos(np.radians(roll_deg)), 0])
    for place in ([2.6, 1.0, 1.5], [-2.0, -1.2, 1.6], [0.3, 2.0, 1.5]):
        feet, head = np.array(place) - 0.05 * up, np.array(place) + 0.05 * up
        pixels = FISHEYE.project(np.array([feet, head]))
        middle = pixels.mean(axis=0)
        (window,), _ = choose_turned([[*middle - 20, *middle + 20]], roll_deg=roll_deg, window_policy='box')
        assert isinstance(window.camera, CameraView)
        lean = np.subtract(*window.to_input(pixels)[::-1])
        assert abs(np.degrees(np.arctan2(lean[0], -lean[1]))) < 1


def test_boxes_are_told_in_the_ideal_pixels_of_every_window():
    boxes = np.array([[480, 400, 520, 600.0], [800, 420, 850, 580.0]])
    net = HDNetConfig(turn_from_deg=20.0, window_size='canonical', train_focal_px=1000.0)
    windows, _, ideal = WindowChooser(net, RootConfig(window_policy='box')).choose_turned(FISHEYE, boxes)
    for window in windows:
        np.testing.assert_array_equal(ideal[window.camera], ideal_boxes(window.camera, boxes))


def test_the_paper_s_windows_are_never_turned():
    assert HDNetConfig.preset('paper').turn_from_deg == HDNetConfig.preset('human36m_published').turn_from_deg == 90
    assert load_hdnet(model_path('hdnet_lite')).config.turn_from_deg == HDNetConfig.preset('lite').turn_from_deg == 30
