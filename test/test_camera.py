from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hdnet_ros.camera import CalibrationError, Camera

K = np.array([[520.0, 0, 322.5], [0, 515.0, 238.0], [0, 0, 1]])
LENSES = [
    ('plumb_bob', []),
    ('plumb_bob', [-0.25, 0.06, 0.001, -0.0005]),
    ('plumb_bob', [-0.3, 0.1, 0.001, -0.0005, -0.01]),
    ('rational_polynomial', [0.52, -2.4, 0.0006, -0.0002, 1.47, 0.41, -2.2, 1.39]),
    ('rational_polynomial', [-0.1, 0.02, 0.001, 0.001, 0.0, 0.05, 0.01, 0.0, 0.002, -0.001, 0.001, 0.0]),
    ('rational_polynomial', [-0.1, 0.02, 0.001, 0.001, 0.0, 0.05, 0.01, 0.0, 0.002, -0.001, 0.001, 0.0, 0.03, -0.02]),
    ('equidistant', [-0.02, 0.003, -0.001, 0.0002]),
]
CAMERAS = [Camera(640, 480, K, D, model) for model, D in LENSES]
NAMES = [f'{model}-{len(D)}' for model, D in LENSES]
pixels = st.tuples(st.floats(-20, 660), st.floats(-20, 500))


def opencv_project(camera, points):
    zero = np.zeros(3)
    if camera.model == 'equidistant':
        return cv2.fisheye.projectPoints(points[:, None], zero, zero, camera.K, camera.D)[0][:, 0]
    return cv2.projectPoints(points, zero, zero, camera.K, camera.D)[0][:, 0]


def opencv_unproject(camera, points):
    if camera.model == 'equidistant':
        return cv2.fisheye.undistortPoints(points[:, None], camera.K, camera.D)[:, 0]
    criteria = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 200, 1e-12)
    return cv2.undistortPointsIter(points[:, None], camera.K, camera.D, None, None, criteria)[:, 0]


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
def test_project_is_opencvs(camera):
    rng = np.random.default_rng(1)
    points = np.column_stack([rng.uniform(-2, 2, 40), rng.uniform(-1.5, 1.5, 40), rng.uniform(4, 9, 40)])
    np.testing.assert_allclose(camera.project(points), opencv_project(camera, points), atol=1e-9)


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
def test_unproject_is_opencvs(camera):
    points = np.stack(np.meshgrid(np.linspace(100, 540, 9), np.linspace(80, 400, 7)), axis=-1).reshape(-1, 2)
    rays = camera.unproject(points)
    np.testing.assert_allclose(rays[:, :2], opencv_unproject(camera, points), atol=1e-6)
    np.testing.assert_array_equal(rays[:, 2], 1)


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
@given(pixel=pixels, depth=st.floats(0.1, 100))
@settings(max_examples=50)
def test_pixel_to_point_and_back(camera, pixel, depth):
    ray = camera.unproject(pixel)
    assert np.isfinite(ray).all()
    np.testing.assert_allclose(camera.project(depth * ray), pixel, atol=1e-6)


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
@given(pixel=pixels)
@settings(max_examples=50)
def test_undistort_is_the_pinhole_with_the_same_matrix(camera, pixel):
    ideal = camera.undistort(pixel)
    np.testing.assert_allclose(ideal, (camera.K @ camera.unproject(pixel))[:2], atol=1e-9)
    np.testing.assert_allclose(camera.distort(ideal), pixel, atol=1e-6)


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
def test_at_or_behind_the_camera_is_nan(camera):
    assert np.isnan(camera.project([[0.1, 0.1, 0.0], [0.1, 0.1, -2.0], [0.1, 0.1, np.nan], [0.0, 0.0, 0.0]])).all()
    assert np.isfinite(camera.project([0.1, 0.1, 2.0])).all()


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
def test_shapes(camera):
    assert camera.project(np.ones((2, 5, 3))).shape == (2, 5, 2)
    assert camera.unproject(np.ones((2, 5, 2))).shape == (2, 5, 3)
    assert camera.unproject(np.empty((0, 2))).shape == (0, 3)
    assert camera.project([1.0, 2.0, 3.0]).shape == (2,)
    assert np.isnan(camera.unproject([np.nan, np.nan])).all()


def test_fold_back_is_nan():
    """A strong barrel lens whose polynomial turns at a radius of about 0.95: wider rays would land inside the image."""
    camera = Camera(640, 480, K, [-0.4, 0.02, 0, 0], 'plumb_bob')
    wide = np.array([1.4, 0.0, 1.0])
    assert 0 < opencv_project(camera, wide[None])[0, 0] < 640
    assert np.isnan(camera.project(wide)).all()
    assert np.isnan(camera.unproject([camera.cx + 0.75 * camera.fx, camera.cy])).all()
    assert np.isfinite(camera.unproject([camera.cx + 0.5 * camera.fx, camera.cy])).all()


def test_fisheye_beyond_a_right_angle_has_no_pinhole_ray():
    camera = Camera(1000, 1000, [[300, 0, 500], [0, 300, 500], [0, 0, 1]], [0, 0, 0, 0], 'equidistant')
    assert np.isnan(camera.unproject([500 + 300 * 1.6, 500])).all()
    ray = camera.unproject([500 + 300 * np.radians(85), 500])
    np.testing.assert_allclose(ray, [np.tan(np.radians(85)), 0, 1], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize('camera', CAMERAS, ids=NAMES)
@given(x=st.lists(st.floats(0, 640), min_size=2, max_size=2), y=st.lists(st.floats(0, 480), min_size=2, max_size=2),
       inside=st.tuples(st.floats(0, 1), st.floats(0, 1)))
@settings(max_examples=50)
def test_undistorted_box_encloses(camera, x, y, inside):
    box = np.array([min(x), min(y), max(x), max(y)])
    ideal = camera.undistort_box(box)
    point = camera.undistort(box[:2] + inside * (box[2:] - box[:2]))
    # Between the samples of the outline the lens bends by less than a pixel.
    assert (point >= ideal[:2] - 0.5).all()
    assert (point <= ideal[2:] + 0.5).all()
    corners = camera.undistort(box[[0, 1, 2, 1, 0, 3, 2, 3]].reshape(4, 2))
    assert (ideal[:2] <= corners.min(axis=0) + 1e-9).all()
    assert (ideal[2:] >= corners.max(axis=0) - 1e-9).all()


def test_undistorted_boxes_at_once_and_out_of_view():
    camera = Camera(1000, 1000, [[300, 0, 500], [0, 300, 500], [0, 0, 1]], [0, 0, 0, 0], 'equidistant')
    boxes = np.array([[400, 400, 600, 600], [600, 450, 999, 550], [985, 480, 999, 520], [1, np.nan, 2, 3]], dtype=float)
    ideal = camera.undistort_box(boxes)
    np.testing.assert_allclose(ideal[0], camera.undistort_box(boxes[0]))
    # The corners are furthest out: 1 / 3 to each side, so at an angle of sqrt(2) / 3.
    half = 300 * np.tan(np.sqrt(2) / 3) / np.sqrt(2)
    np.testing.assert_allclose(ideal[0], [500 - half, 500 - half, 500 + half, 500 + half], rtol=1e-9)
    # What lies beyond 80 degrees does not count, so the box ends somewhat before.
    assert 500 + 300 * np.tan(np.radians(70)) < ideal[1, 2] <= 500 + 300 * np.tan(np.radians(80))
    assert np.isnan(ideal[2:]).all()


def test_pinhole():
    camera = Camera.pinhole(641, 481, 500)
    assert (camera.fx, camera.fy, camera.cx, camera.cy, camera.focal_px) == (500, 500, 320, 240, 500)
    camera = Camera.pinhole(640, 480, 400, 900, 10, 20)
    assert (camera.fx, camera.fy, camera.cx, camera.cy, camera.focal_px) == (400, 900, 10, 20, 600)
    np.testing.assert_allclose(camera.project([1.0, 2.0, 4.0]), [110, 470])


def test_resized_keeps_what_a_resized_image_shows():
    """Half the size: the block of pixels 100, 101 becomes pixel 50, whose middle is at 100.5."""
    camera = CAMERAS[2]
    half = camera.resized(320, 240)
    assert (half.width, half.height, half.fx) == (320, 240, 260)
    np.testing.assert_allclose(half.unproject([50, 30]), camera.unproject([100.5, 60.5]), atol=1e-9)


def test_same_as():
    camera = CAMERAS[1]
    assert camera.same_as(Camera(640, 480, K.tolist(), tuple(LENSES[1][1])))
    longer = np.diag([1.001, 1, 1]) @ K
    for other in (CAMERAS[2], CAMERAS[0], Camera(641, 480, K, camera.D), Camera(640, 480, longer, camera.D)):
        assert not camera.same_as(other)


def test_read_only_copies():
    matrix, coefficients = K.copy(), np.array([-0.1, 0.0, 0.0, 0.0])
    camera = Camera(640, 480, matrix, coefficients)
    matrix[0, 0], coefficients[0] = 1, 1
    assert (camera.fx, camera.D[0]) == (520, -0.1)
    with pytest.raises(ValueError, match='read-only'):
        camera.K[0, 0] = 1


@pytest.mark.parametrize('arguments', [
    (0, 480, K), (640, -1, K), (640, 480, np.eye(2)), (640, 480, -K), (640, 480, K * np.nan),
    (640, 480, K, [0.1] * 3), (640, 480, K, [0.1] * 4, 'swirl'), (640, 480, K, [np.inf] * 4),
])
def test_nonsense_is_refused(arguments):
    with pytest.raises(CalibrationError):
        Camera(*arguments)
