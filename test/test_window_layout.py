"""Which windows show whom; how boxes are grouped is tested in test_window_packing.py."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.camera import Camera
from hdnet_ros.window import ideal_boxes
from hdnet_ros.window_layout import box_window, pack_windows, principal_window

PINHOLE = Camera(640, 480, [[520.0, 0, 322.5], [0, 515.0, 238.0], [0, 0, 1]])


def test_box_window_grows_for_a_large_box():
    assert box_window(PINHOLE, (100, 100, 200, 300), 300).size_px == 300
    window = box_window(PINHOLE, (100, 0, 200, 480), 300)
    assert window.size_px == 480
    np.testing.assert_array_equal(window.center_px, [150, 240])


@pytest.mark.parametrize(('height', 'max_zoom', 'side'), [
    (50, 1, 300), (50, 2, 150), (50, 10, 60), (180, 4, 216), (270, 4, 300), (300, 4, 300), (400, 4, 400)])
def test_a_window_shrinks_around_a_small_box(height, max_zoom, side):
    """A tenth of room on each side, at most ``max_zoom`` times smaller, at most as large as usual, never cut."""
    window = box_window(PINHOLE, (100, 20, 130, 20 + height), 300, max_zoom=max_zoom, room=0.1)
    assert window.size_px == pytest.approx(side)
    np.testing.assert_allclose(window.center_px, [115, 20 + height / 2])
    (packed,), _ = pack_windows(PINHOLE, [(100, 20, 130, 20 + height)], 300, max_zoom=max_zoom, room=0.1)
    assert packed.size_px == pytest.approx(side)
    np.testing.assert_allclose(packed.center_px, window.center_px)


def test_principal_window():
    window = principal_window(PINHOLE, 777, input_size=128, antialias=True)
    np.testing.assert_array_equal(window.center_px, [322.5, 238.0])
    assert (window.size_px, window.input_size, window.antialias) == (777, 128, True)
    np.testing.assert_array_equal(window.box_px, [322.5 - 388.5, 238 - 388.5, 322.5 + 388.5, 238 + 388.5])


@settings(max_examples=40)
@given(data=st.data())
def test_packed_windows_hold_their_boxes(lens, data):
    count = data.draw(st.integers(0, 6))
    corner = st.tuples(st.floats(0, 600), st.floats(0, 440), st.floats(2, 300), st.floats(2, 300))
    boxes = np.array([(x, y, min(x + w, 639), min(y + h, 479)) for x, y, w, h in data.draw(
        st.lists(corner, min_size=count, max_size=count))]).reshape(-1, 4)
    margin = data.draw(st.sampled_from([0, 0.1, 0.5]))
    windows, index = pack_windows(lens, ideal_boxes(lens, boxes), 260, margin)
    assert index.shape == (count,)
    assert len(windows) <= count
    assert sorted(set(index)) == list(range(len(windows)))
    for box, i in zip(boxes, index, strict=True):
        ideal, window = lens.undistort_box(box), windows[i]
        side = ideal[2:] - ideal[:2]
        room = np.clip((np.maximum(side, 260) - side) / 2, 0, margin * side)
        assert (ideal[:2] - room >= window.box_px[:2] - 1e-5).all()
        assert (ideal[2:] + room <= window.box_px[2:] + 1e-5).all()
        assert window.size_px == pytest.approx(max(260, side.max() if (index == i).sum() == 1 else 0))


def test_packing_shares_grows_and_skips():
    boxes = [(100, 100, 150, 200), (0, 0, 10, 480), (160, 90, 200, 220), (np.nan, 0, 5, 5), (50, 50, 40, 60)]
    windows, index = pack_windows(PINHOLE, ideal_boxes(PINHOLE, boxes), 200, margin=0, input_size=128, antialias=True)
    np.testing.assert_array_equal(index, [0, 1, 0, -1, -1])
    np.testing.assert_array_equal(windows[0].center_px, [150, 155])
    assert [window.size_px for window in windows] == [200, 480]
    assert all(window.input_size == 128 and window.antialias for window in windows)


@settings(max_examples=40)
@given(data=st.data())
def test_packed_windows_with_zoom_show_everybody_whole_and_large(lens, data):
    corners = st.tuples(st.floats(60, 500), st.floats(40, 300), st.floats(5, 80), st.floats(5, 140))
    boxes = np.array([(x, y, x + w, y + h) for x, y, w, h in data.draw(st.lists(corners, min_size=1, max_size=5))])
    windows, index = pack_windows(lens, ideal_boxes(lens, boxes), 260, max_zoom=3.0)
    assert sorted(set(index)) == list(range(len(windows)))
    for box, number in zip(lens.undistort_box(boxes), index, strict=True):
        window, side = windows[number], (box[2:] - box[:2]).max()
        assert 260 / 3 - 1e-9 <= window.size_px <= max(260, side) + 1e-9
        assert (box[:2] >= window.box_px[:2] - 1e-5).all() and (box[2:] <= window.box_px[2:] + 1e-5).all()
        # At least half as large as in a window of one's own.
        assert window.size_px <= 2 * max(1.4 * side, 260 / 3) + 1e-6


def test_people_share_windows_with_those_of_their_size():
    near = [(50, 50, 150, 250), (160, 50, 260, 250)]
    far = [(270, 100, 290, 150), (300, 100, 320, 150)]
    windows, index = pack_windows(PINHOLE, [*near, *far], 300, max_zoom=4.0, room=0.1)
    np.testing.assert_array_equal(index, [0, 0, 1, 1])
    assert [window.size_px for window in windows] == pytest.approx([252, 75])     # 210 and 50 px, a tenth on each side
    np.testing.assert_array_equal(pack_windows(PINHOLE, [near[0], (160, 50, 200, 150)], 300, max_zoom=4.0)[1], [0, 1])
    np.testing.assert_allclose(windows[1].center_px, [295, 125])
    assert len(pack_windows(PINHOLE, [*near, *far], 300)[0]) == 1


def test_packing_nobody():
    windows, index = pack_windows(PINHOLE, [], 200)
    assert windows == []
    assert index.shape == (0,)


def test_packing_skips_what_a_fisheye_sees_from_the_side():
    fisheye = Camera(1000, 480, [[300.0, 0, 322.5], [0, 300.0, 238.0], [0, 0, 1]], [0.0] * 4, 'equidistant')
    boxes = np.array([(900, 200, 990, 300), (300, 200, 350, 300)])
    _, index = pack_windows(fisheye, ideal_boxes(fisheye, boxes), 400)
    np.testing.assert_array_equal(index, [-1, 0])


@pytest.mark.parametrize('roll', [0.4, -1.2, np.pi / 2, 3.0])
def test_packed_windows_hold_everybody_turned(roll):
    boxes = np.array([[20, 100, 90, 300], [300, 150, 360, 330], [500, 60, 630, 420.0]])
    windows, index = pack_windows(PINHOLE, boxes, 260, roll=roll)
    for box, number in zip(boxes, index):
        extent = windows[number].extent(box)
        assert (extent >= -1e-6).all() and (extent <= windows[number].size_px + 1e-6).all()
        mask = windows[number].extent_mask(windows[number].extent(box))
        middle = np.round(windows[number].to_input((box[:2] + box[2:]) / 2) / 4).astype(int)
        assert mask[middle[1], middle[0]] == 1 and mask.sum() > 4


def test_a_quarter_turn_exchanges_the_sides_of_a_box():
    square = Camera.pinhole(640, 480, 500)
    box = np.array([280, 140, 360, 340.0])
    level = box_window(square, box, 100).extent(box)
    turned = box_window(square, box, 100, roll=np.pi / 2).extent(box)
    np.testing.assert_allclose(turned, level[[1, 0, 3, 2]], atol=1e-6)
