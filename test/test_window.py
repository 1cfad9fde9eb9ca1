from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from hdnet_ros.camera import Camera
from hdnet_ros.camera_view import CameraView
from hdnet_ros.window import NATIVE_SIZE_PX, Window, canonical_size_px, ideal_box, ideal_boxes
from hdnet_ros.window_layout import box_window, principal_window

PINHOLE = Camera(640, 480, [[520.0, 0, 322.5], [0, 515.0, 238.0], [0, 0, 1]])


def ramp(camera):
    """An image whose two channels are the column and the row of each pixel: it tells where a sample is from."""
    rows, columns = np.mgrid[:camera.height, :camera.width]
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def shown_places(camera, window):
    """Place of every input pixel in the image as received, from the convention alone."""
    steps = (np.arange(window.input_size) - window.input_size / 2) * window.size_px / window.input_size
    ideal = np.stack(np.meshgrid(window.center_px[0] + steps, window.center_px[1] + steps), axis=-1)
    rays = (ideal - camera.K[:2, 2]) / (camera.fx, camera.fy)
    return camera.project(np.concatenate([rays, np.ones_like(rays[..., :1])], axis=-1))


@pytest.mark.parametrize('antialias', [False, True])
@pytest.mark.parametrize(('center', 'size', 'input_size'), [
    ((322.5, 238.0), 256, 256), ((200.25, 300.5), 150, 64), ((400, 200), 333, 100), ((320, 240), 460, 50),
])
def test_sample_shows_the_pixels_of_the_convention(lens, antialias, center, size, input_size):
    window = Window(lens, center, size, input_size, antialias)
    picture = window.sample(ramp(lens))
    places = shown_places(lens, window)
    margin = 2 * size / input_size if antialias else 0
    inside = ((places >= margin) & (places <= (639 - margin, 479 - margin))).all(axis=-1)
    assert inside.mean() > 0.5
    # OpenCV interpolates at multiples of 1/32 px; the ramp tells the place that was looked at, times the block size.
    tolerance = 1.01 / 32 * max(1, size // input_size)
    np.testing.assert_allclose(picture[inside], places[inside], atol=tolerance)


def test_sample_is_zero_outside(lens):
    window = Window(lens, (0, 0), 800, 128)
    picture = window.sample(np.full((480, 640), 255, np.uint8))
    places = shown_places(lens, window)
    outside = ~((places > -1) & (places < (640, 480))).all(axis=-1)
    assert outside.mean() > 0.2
    assert (picture[outside] == 0).all()
    inside = ((places >= 0) & (places <= (639, 479))).all(axis=-1)
    assert (picture[inside] == 255).all()


@pytest.mark.parametrize('antialias', [False, True])
@pytest.mark.parametrize(('center', 'size'), [((1e5, -1e5), 100), ((320, 240), 1e6), ((1e9, 0), 1e3)])
def test_far_or_huge_windows_are_black_but_safe(lens, antialias, center, size):
    picture = Window(lens, center, size, 64, antialias).sample(np.full((480, 640, 3), 255, np.uint8))
    assert (picture[[0, -1]] == 0).all()
    assert (picture > 0).mean() < 0.01


@pytest.mark.parametrize('antialias', [False, True])
def test_folded_content_is_black(antialias):
    """Beyond the radius where the polynomial turns, OpenCV alone would show the image a second time."""
    camera = Camera(640, 480, PINHOLE.K, [-0.4, 0.02, 0, 0], 'plumb_bob')
    picture = principal_window(camera, 1600, antialias=antialias).sample(np.full((480, 640), 255, np.uint8))
    steps = (np.arange(256) - 128) * 1600 / 256
    radius = np.hypot(*np.meshgrid(steps / camera.fx, steps / camera.fy))
    virtual = np.array([[camera.fx * 0.16, 0, 128], [0, camera.fy * 0.16, 128], [0, 0, 1]])
    columns, rows = cv2.initUndistortRectifyMap(camera.K, camera.D, None, virtual, (256, 256), cv2.CV_32FC1)
    folded = (radius > camera.distortion.max_radius) & (columns > 0) & (columns < 639) & (rows > 0) & (rows < 479)
    assert folded.sum() > 1000
    assert (picture[folded] == 0).all()
    assert (picture[radius < 0.4] == 255).all()


@pytest.mark.parametrize('kind', [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize('channels', [(), (1,), (3,)])
def test_sample_keeps_type_and_channels(lens, kind, channels):
    image = np.random.default_rng(0).integers(0, 255, (480, 640, *channels)).astype(kind)
    picture = principal_window(lens, 300).sample(image)
    assert picture.dtype == kind
    assert picture.shape == (256, 256, *channels)
    # Views in another order (BGR to RGB, mirrored) are as good as arrays.
    np.testing.assert_array_equal(principal_window(lens, 300).sample(np.ascontiguousarray(image[:, ::-1])),
                                  principal_window(lens, 300).sample(image[:, ::-1]))


def test_image_of_another_size_is_refused():
    with pytest.raises(ValueError, match='320 x 240 px.*640 x 480 px'):
        principal_window(PINHOLE, 300).sample(np.zeros((240, 320, 3), np.uint8))


def test_antialias_turns_a_fine_checkerboard_grey():
    board = (np.indices((480, 640)).sum(axis=0) % 2 * 255).astype(np.uint8)
    inner = np.s_[75:180, 55:200]
    plain = principal_window(PINHOLE, 1000).sample(board)[inner].astype(float)
    smooth = principal_window(PINHOLE, 1024, antialias=True).sample(board)[inner].astype(float)
    assert plain.std() > 30
    assert smooth.std() < 1
    assert smooth.mean() == pytest.approx(127.5, abs=1)


def test_antialias_leaves_small_windows_alone():
    image = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
    np.testing.assert_array_equal(principal_window(PINHOLE, 400, antialias=True).sample(image),
                                  principal_window(PINHOLE, 400).sample(image))


def test_coordinate_map_closed_form():
    """As published: u = center + (i - 32) S / 64, here for a window that is not on the optical axis."""
    window = Window(Camera(640, 480, PINHOLE.K, [-0.25, 0.06, 0, 0]), (400, 100), 500)
    grid = window.coordinate_map()
    assert grid.dtype == np.float32
    i, j = 5, 40
    assert grid[0, j, i] == pytest.approx((400 + (i - 32) * 500 / 64 - 322.5) / 520, abs=1e-7)
    assert grid[1, j, i] == pytest.approx((100 + (j - 32) * 500 / 64 - 238.0) / 515, abs=1e-7)
    published = principal_window(PINHOLE, 1000).coordinate_map()
    np.testing.assert_allclose(published[0, 0], (15.625 * np.arange(64) - 500) / 520, atol=1.5e-8 * 10)
    assert window.coordinate_map(16).shape == (2, 16, 16)


def test_coordinate_map_gives_the_rays_of_the_input(lens):
    """Cell i and input column 4 i show the same ray."""
    window = Window(lens, (300, 260), 200)
    cells = np.stack(np.meshgrid(np.arange(64), np.arange(64)), axis=-1)
    rays = lens.unproject(window.from_input(4 * cells))
    np.testing.assert_allclose(np.moveaxis(rays[..., :2], -1, 0), window.coordinate_map(), atol=1e-6)


@settings(max_examples=40)
@given(u=st.floats(0, 640), v=st.floats(0, 480))
def test_to_input_and_back(lens, u, v):
    window = Window(lens, (300, 200), 350)
    np.testing.assert_allclose(window.from_input(window.to_input([u, v])), [u, v], atol=1e-6)


def test_to_input_by_hand():
    window = Window(PINHOLE, (300, 200), 512)
    np.testing.assert_allclose(window.to_input([[300, 200], [44, -56], [556, 456]]), [[128, 128], [0, 0], [256, 256]])


def test_box_mask_by_hand():
    """A 64 px window with 64 cells: cell i is at u = center - 32 + i and reaches half a pixel to each side."""
    window = Window(PINHOLE, (132, 232), 64)
    mask = window.extent_mask(window.extent([110.4, 215.6, 113.6, 217.4]))
    assert mask.dtype == np.float32
    rows, columns = np.nonzero(mask)
    assert set(columns) == {10, 11, 12, 13, 14}
    assert set(rows) == {16, 17}
    assert set(np.unique(mask)) == {0, 1}


@pytest.mark.parametrize(('box', 'cell'), [
    ((0, 0, 1, 1), (0, 0)), ((600, 0, 601, 1), (0, 63)), ((600, 400, 640, 480), (63, 63)),
    ((320, 240, 320, 240), (32, 32)),
])
def test_box_mask_is_never_empty(box, cell):
    window = Window(PINHOLE, (320, 240), 64)
    mask = window.extent_mask(window.extent(box))
    assert mask.sum() == 1
    assert mask[cell] == 1


@settings(max_examples=40)
@given(x=st.lists(st.floats(0, 640), min_size=2, max_size=2), y=st.lists(st.floats(0, 480), min_size=2, max_size=2))
def test_box_mask_holds_the_box(lens, x, y):
    box = np.array([min(x), min(y), max(x), max(y)])
    window = box_window(lens, ideal_box(lens, box), 300)
    mask = window.extent_mask(window.extent(box))
    middle = np.clip(np.round(window.to_input((box[:2] + box[2:]) / 2) / 4), 0, 63).astype(int)
    assert mask[middle[1], middle[0]] == 1
    assert mask.any()
    # The bounding rectangle of a window-sized box is the window; a smaller one marks its share of it.
    ideal = lens.undistort_box(box)
    share = np.prod((ideal[2:] - ideal[:2]) / window.size_px * 64 + 1) / 64**2
    assert mask.mean() <= share + 3 / 64


@pytest.mark.parametrize('box', [(1, 2, 3), (10, 10, 5, 20), (1, 2, np.nan, 4)])
def test_boxes_that_are_none(box):
    with pytest.raises(ValueError, match='a box must be'):
        ideal_box(PINHOLE, np.array(box, dtype=float))


def test_box_out_of_the_lens_model():
    fisheye = Camera(1000, 480, [[300.0, 0, 322.5], [0, 300.0, 238.0], [0, 0, 1]], [0.0] * 4, 'equidistant')
    boxes = np.array([[900, 200, 990, 300], [300, 200, 350, 300.0]])
    with pytest.raises(ValueError, match='field of view'):
        ideal_box(fisheye, boxes[0])
    found = ideal_boxes(fisheye, boxes)
    assert np.isnan(found[0]).all()
    np.testing.assert_array_equal(found[1], ideal_box(fisheye, boxes[1]))


def test_shares_of_boxes():
    window = Window(PINHOLE, (100, 100), 100)
    boxes = [[60, 60, 80, 90], [40, 60, 60, 100], [140, 140, 160, 160], [150, 0, 200, 50], [np.nan, 0, 1, 1]]
    np.testing.assert_allclose(window.shares_of(np.array(boxes, dtype=float)), [1, 0.5, 0.25, 0, 0])
    quarter = Window(Camera.pinhole(640, 480, 500), (100, 100), 100, roll=np.pi / 2)
    np.testing.assert_allclose(quarter.shares_of(np.array(boxes[:3], dtype=float)), [1, 0.5, 0.25])


@pytest.mark.parametrize('arguments', [((1, 2, 3), 100), ((1, np.nan), 100), ((1, 2), 0), ((1, 2), np.inf),
                                       ((1, 2), 100, 0)])
def test_nonsense_windows(arguments):
    with pytest.raises(ValueError, match='of a window must be'):
        Window(PINHOLE, *arguments)


@pytest.mark.parametrize('focal', [0, -1, np.nan, np.inf])
def test_canonical_size_needs_a_focal_length(focal):
    with pytest.raises(ValueError, match='focal length'):
        canonical_size_px(PINHOLE, focal)


# The scale rule.

@given(focal=st.floats(200, 3000), aspect=st.floats(0.8, 1.25), depth=st.floats(1, 20), height=st.floats(0.5, 2.2),
       train=st.floats(500, 3000), factor=st.sampled_from([0.25, 0.5, 2.0]), canonical=st.booleans())
def test_scale_rule(focal, aspect, depth, height, train, factor, canonical):
    """What the network sees fixes q; whatever camera and window show it the same, the metres come out right.

    In training, a person of that height at depth Z fills the same part of the 1000 px window of a camera with focal
    length f_train if q = Z / f_train is the same, because height_px / 1000 = height / (1000 q).
    """
    camera = Camera.pinhole(1280, 720, focal * np.sqrt(aspect), focal / np.sqrt(aspect))
    for shot in (camera, camera.resized(round(1280 * factor), round(720 * factor))):
        size = canonical_size_px(shot, train) if canonical else NATIVE_SIZE_PX
        window = principal_window(shot, size)
        tall_px = np.diff(shot.project([[0, 0, depth], [0, height, depth]])[:, 1])[0]
        wide_px = np.diff(shot.project([[0, 0, depth], [height, 0, depth]])[:, 0])[0]
        share_of_input = np.sqrt(tall_px * wide_px) / window.size_px
        q_mm = 1000 * height / (share_of_input * NATIVE_SIZE_PX)
        assert q_mm * window.equivalent_focal_px / 1000 == pytest.approx(depth, rel=1e-9)
        if canonical:
            assert window.equivalent_focal_px == pytest.approx(train, rel=1e-9)


def test_wrong_scale_by_the_focal_length_alone():
    """The trap: q sqrt(fx fy) is only right for windows of 1000 px."""
    assert Window(PINHOLE, (0, 0), 640).equivalent_focal_px / PINHOLE.focal_px == pytest.approx(1.5625)
    assert Window(PINHOLE, (0, 0), 1920).equivalent_focal_px / PINHOLE.focal_px == pytest.approx(0.5208, abs=1e-4)


@pytest.mark.parametrize('D', [[], [-0.25, 0.06, 0.001, -0.0005]])
def test_canonical_windows_show_the_same_at_half_resolution(D):
    camera = Camera(640, 480, PINHOLE.K, D)
    scene = cv2.GaussianBlur(np.random.default_rng(3).uniform(0, 255, (480, 640)), (0, 0), 8)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    half = camera.resized(320, 240)
    shrunk = cv2.resize(scene, (320, 240), interpolation=cv2.INTER_AREA)
    pictures = [principal_window(shot, canonical_size_px(shot, 1500)).sample(image).astype(float)
                for shot, image in ((camera, scene), (half, shrunk))]
    native = principal_window(half, NATIVE_SIZE_PX).sample(shrunk).astype(float)
    assert np.abs(pictures[0] - pictures[1]).max() < 6
    assert np.abs(pictures[0] - native).mean() > 20


ROLLS = pytest.mark.parametrize('roll', [0.4, -1.2, np.pi / 2, 3.0])


@ROLLS
def test_a_turned_window_keeps_rays_and_pixels_together(lens, roll):
    window = Window(lens, (300, 260), 200, roll=roll)
    cells = np.stack(np.meshgrid(np.arange(64), np.arange(64)), axis=-1)
    pixels = window.from_input(4 * cells)
    rays = lens.unproject(pixels)[..., :2]
    np.testing.assert_allclose(np.moveaxis(rays, -1, 0), window.coordinate_map(), atol=1e-6)
    np.testing.assert_allclose(window.to_input(pixels), 4 * cells, atol=1e-6)


@ROLLS
def test_a_turned_window_shows_what_its_pixels_say(lens, roll):
    """The image tells its own columns and rows."""
    columns, rows = np.meshgrid(np.arange(640, dtype=np.float32), np.arange(480, dtype=np.float32))
    window = Window(lens, (310, 230), 180, roll=roll)
    picture = window.sample(np.dstack([columns, rows]))
    places = window.from_input(np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=-1))
    np.testing.assert_allclose(picture, places, atol=0.05)     # OpenCV interpolates in steps of 1/32


def test_people_lean_by_as_much_less_as_the_window_is_turned():
    """Somebody who leans to the right by 30 degrees, clockwise, is upright in a window turned back by 30 degrees."""
    feet, head = np.array([320, 300.0]), np.array([320 + 100 * np.sin(np.pi / 6), 300 - 100 * np.cos(np.pi / 6)])
    square = Camera.pinhole(640, 480, 500)
    upright = np.diff(Window(square, (320, 240), 512, roll=-np.pi / 6).to_input([feet, head]), axis=0)[0]
    np.testing.assert_allclose(upright, [0, -50], atol=1e-6)


def test_the_roll_of_a_window_must_be_finite():
    with pytest.raises(ValueError, match='roll of a window must be finite'):
        Window(PINHOLE, (1, 1), 10, roll=np.nan)


def rays_of(window):
    """(input, input, 3) in the axes of the lens, by hand."""
    view, size = window.camera, window.input_size
    steps = (np.arange(size) - size / 2) * window.size_px / size
    x, y = np.meshgrid(steps / view.fx, steps / view.fy)
    return np.stack([x, y, np.ones_like(x)], axis=-1) @ view.axes.T


def test_a_turned_window_is_black_behind_the_lens():
    view = CameraView.of(Camera.pinhole(640, 480, 300), Rotation.from_euler('y', 70, degrees=True).as_matrix())
    window = Window(view, view.K[:2, 2], 4000.0, 64)
    behind = rays_of(window)[..., 2] < 0
    assert behind.any() and not window.sample(np.full((480, 640), 255, np.uint8))[behind].any()


def test_a_turned_window_is_black_where_the_lens_model_folds_back():
    K = np.array([[400.0, 0, 319.5], [0, 400, 239.5], [0, 0, 1]])
    lens = Camera(640, 480, K, np.array([-0.3, 0, 0, 0]))
    view = CameraView.of(lens, Rotation.from_euler('y', 30, degrees=True).as_matrix())
    window = Window(view, view.K[:2, 2], 1600.0, 64)
    picture, rays = window.sample(np.full((480, 640), 255, np.uint8)), rays_of(window)
    ahead = rays[..., 2] > 0
    radius = np.hypot(rays[..., 0], rays[..., 1]) / np.where(ahead, rays[..., 2], np.nan)
    beyond = ~ahead | (radius > 1.02 * lens.distortion.max_radius)
    pixels = lens.project(rays)
    shown = (radius < 0.9 * lens.distortion.max_radius) & ((pixels > 3) & (pixels < [636, 476])).all(axis=-1)
    assert beyond.any() and not picture[beyond].any() and shown.any() and picture[shown].all()
