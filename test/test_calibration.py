from __future__ import annotations

import array
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from hdnet_ros.camera import CalibrationError, Camera


def camera_info(**changes):
    """A sound CameraInfo of a 640 x 480 camera, with some fields replaced."""
    fields = {
        'width': 640, 'height': 480, 'distortion_model': 'plumb_bob',
        'k': [500.0, 0, 320, 0, 510, 240, 0, 0, 1],
        'd': [-0.1, 0.02, 0.001, -0.001, 0.0],
        'r': [1.0, 0, 0, 0, 1, 0, 0, 0, 1],
        'p': [450.0, 0, 310, 0, 0, 460, 235, 0, 0, 0, 1, 0],
        'binning_x': 0, 'binning_y': 0,
        'roi': SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0, do_rectify=False),
    }
    return SimpleNamespace(**{**fields, **changes})


def region(x, y, width, height):
    return SimpleNamespace(x_offset=x, y_offset=y, width=width, height=height, do_rectify=False)


@pytest.mark.parametrize('kind', [list, np.array, lambda values: array.array('d', values)])
def test_raw_uses_k_and_d(kind):
    info = camera_info()
    info.k, info.d = kind(info.k), kind(info.d)
    camera = Camera.from_camera_info(info, image_size=(640, 480))
    assert (camera.width, camera.height, camera.model) == (640, 480, 'plumb_bob')
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (500, 510, 320, 240)
    np.testing.assert_array_equal(camera.D, [-0.1, 0.02, 0.001, -0.001, 0.0])
    assert camera.distorted


def test_rectified_uses_p_alone():
    """Neither the distortion nor its name count once the image is rectified, nor does the baseline of a stereo pair."""
    info = camera_info(distortion_model='mystery', d=[1.0, 2.0])
    info.p[3] = -45.0
    camera = Camera.from_camera_info(info, rectified=True)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (450, 460, 310, 235)
    assert not camera.distorted


def test_binning_and_region_as_in_image_geometry():
    """cx' = (cx - offset) / binning, fx' = fx / binning; the region is given in pixels of the full image."""
    info = camera_info(binning_x=2, binning_y=4, roi=region(100, 40, 200, 160))
    camera = Camera.from_camera_info(info)
    assert (camera.width, camera.height) == (100, 40)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (250, 127.5, 110, 50)
    rectified = Camera.from_camera_info(info, rectified=True)
    assert (rectified.fx, rectified.fy, rectified.cx, rectified.cy) == (225, 115, 105, 48.75)


@pytest.mark.parametrize('binning', [0, 1])
def test_no_binning(binning):
    camera = Camera.from_camera_info(camera_info(binning_x=binning, binning_y=binning))
    assert (camera.width, camera.fx) == (640, 500)


@pytest.mark.parametrize('received', [(213, 160), (214, 160)])
def test_binning_that_does_not_divide(received):
    """640 / 3 is 213 or 214, as the driver likes."""
    camera = Camera.from_camera_info(camera_info(binning_x=3, binning_y=3), image_size=received)
    assert (camera.width, camera.height) == received


def test_same_rays_with_region_and_binning():
    """A pixel of a binned region shows the ray of the corresponding pixel of the full image."""
    full = Camera.from_camera_info(camera_info())
    part = Camera.from_camera_info(camera_info(binning_x=2, binning_y=2, roi=region(100, 40, 300, 200)))
    np.testing.assert_allclose(part.unproject([70, 60]), full.unproject([240, 160]), atol=1e-12)


@pytest.mark.parametrize(('model', 'd', 'expected'), [
    ('', [], 'plumb_bob'), ('', [0.0] * 5, 'plumb_bob'), ('plumb_bob', [], 'plumb_bob'),
    ('plumb_bob', [0.0] * 4, 'plumb_bob'), ('plumb_bob', [0.1] * 4, 'plumb_bob'),
    ('rational_polynomial', [0.01] * 8, 'rational_polynomial'),
    ('rational_polynomial', [0.01] * 12, 'rational_polynomial'),
    ('rational_polynomial', [0.01] * 14, 'rational_polynomial'),
    ('equidistant', [0.01] * 4, 'equidistant'), ('fisheye', [0.01] * 4, 'equidistant'),
])
def test_models(model, d, expected):
    camera = Camera.from_camera_info(camera_info(distortion_model=model, d=d))
    assert camera.model == expected
    assert camera.distorted == bool(np.any(d))


def test_equidistant_without_coefficients_is_still_a_fisheye():
    camera = Camera.from_camera_info(camera_info(distortion_model='equidistant', d=[0.0] * 4))
    assert camera.distorted
    # 45 degrees to the right: an angle of pi / 4, not a tangent of 1.
    np.testing.assert_allclose(camera.project([1.0, 0, 1]), [320 + 500 * np.pi / 4, 240])


@pytest.mark.parametrize(('told', 'd', 'model', 'kept'), [
    ('plumb_bob', [0.08, -0.11, 3e-4, -2e-4, 0.05, 0, 0, 0], 'rational_polynomial', 8),
    ('plumb_bob', [-0.3, 0.1, 0, 0, 0.02, 0.05, 0.01, 0.004], 'rational_polynomial', 8),
    ('rational_polynomial', [-0.3, 0.1, 0, 0, -0.02], 'plumb_bob', 5),
    ('equidistant', [0.01, -0.02, 0.003, 0.001, 0, 0, 0, 0], 'equidistant', 4),
    ('none', [0.0] * 5, 'plumb_bob', 0), ('pinhole', [], 'plumb_bob', 0)])
def test_names_that_drivers_give_to_models_do_not_matter(told, d, model, kept):
    """OpenCV goes by the number of coefficients, and drivers that call whatever they have plumb_bob rely on that."""
    info = camera_info(distortion_model=told, d=d)
    camera = Camera.from_camera_info(info)
    assert (camera.model, len(camera.D)) == (model, kept)
    point = np.array([0.3, -0.2, 1.0])
    K = np.reshape(info.k, (3, 3))
    if model == 'equidistant':
        expected = cv2.fisheye.projectPoints(point[None, None], np.zeros(3), np.zeros(3), K, np.array(d[:4]))[0]
    else:
        expected = cv2.projectPoints(point, np.zeros(3), np.zeros(3), K, np.array(d) if any(d) else None)[0]
    np.testing.assert_allclose(camera.project(point), expected.ravel(), atol=1e-6)


HOSTILE = {
    'uncalibrated': ({'k': [0.0] * 9, 'd': [], 'distortion_model': ''}, 'uncalibrated.*cameracalibrator'),
    'zero width': ({'width': 0}, '0 x 480'),
    'zero height': ({'height': 0}, '640 x 0'),
    'nan in K': ({'k': [500.0, 0, np.nan, 0, 500, 240, 0, 0, 1]}, 'K .*NaN'),
    'inf in K': ({'k': [np.inf, 0, 320, 0, 500, 240, 0, 0, 1]}, 'K .*infinity'),
    'nan in D': ({'d': [0.1, np.nan, 0, 0, 0]}, 'D .*NaN'),
    'negative focal': ({'k': [-500.0, 0, 320, 0, 500, 240, 0, 0, 1]}, 'fx = -500'),
    'fy zero': ({'k': [500.0, 0, 320, 0, 0, 240, 0, 0, 1]}, 'fy = 0'),
    'normalised': ({'k': [0.8, 0, 0.5, 0, 0.8, 0.5, 0, 0, 1]}, 'must be in pixels'),
    'transposed': ({'k': [500.0, 0, 0, 0, 500, 0, 320, 240, 1]}, 'not of the form'),
    'skew': ({'k': [500.0, 3, 320, 0, 500, 240, 0, 0, 1]}, 'skew'),
    'short K': ({'k': [500.0] * 8}, '8 numbers instead of 9'),
    'P given as K': ({'k': [[500.0, 0, 320], [0, 500, 240]] * 2}, '12 numbers instead of 9'),
    'words in K': ({'k': ['a'] * 9}, 'not a list of numbers'),
    'no D': ({'d': None}, 'D '),
    'center far away': ({'k': [500.0, 0, 32000, 0, 500, 240, 0, 0, 1]}, 'cx = 32000'),
    'center far above': ({'k': [500.0, 0, 320, 0, 500, -9000, 0, 0, 1]}, 'cy = -9000'),
    'unknown model': ({'distortion_model': 'swirl'}, "'swirl'.*plumb_bob, rational_polynomial, equidistant"),
    'model missing': ({'distortion_model': ''}, 'no distortion_model'),
    'plumb_bob with 7': ({'d': [0.01] * 7}, '7 coefficients.*plumb_bob takes 4 or 5 or 8'),
    'equidistant with 8': ({'distortion_model': 'equidistant', 'd': [0.01] * 8}, '8 coefficients'),
    'none with D': ({'distortion_model': 'none'}, "distortion_model 'none'.*set it to one of plumb_bob"),
    'equidistant without': ({'distortion_model': 'equidistant', 'd': []}, '0 coefficients'),
    'folds at once': ({'d': [-200.0, 0, 0, 0, 0]}, 'only 1 % of the image'),
    'wild prism': ({'distortion_model': 'rational_polynomial', 'd': [0.0, 0, 500, 0] + [0.0] * 4}, 'calibrate the'),
    'wild numbers': ({'distortion_model': 'rational_polynomial', 'd': [1e155] * 8}, 'belong to no lens: calibrate it'),
    'wild fisheye': ({'distortion_model': 'equidistant', 'd': [0.1, 0, 0, -1e300]}, 'belong to no lens'),
    'telescope': ({'k': [1e300, 0, 320, 0, 1e300, 240, 0, 0, 1]}, 'far too long'),
    'region too wide': ({'roi': region(600, 0, 100, 100)}, '100 x 100 px at .600, 0.*640 x 480'),
    'region outside': ({'roi': region(700, 0, 0, 0)}, 'region of interest'),
    'binned away': ({'binning_x': 1000}, 'leaves nothing'),
}


@pytest.mark.parametrize('name', HOSTILE)
def test_refused_with_the_reason(name):
    changes, reason = HOSTILE[name]
    with pytest.raises(CalibrationError, match=reason):
        Camera.from_camera_info(camera_info(**changes))


@pytest.mark.parametrize(('p', 'reason'), [
    ([0.0] * 12, 'P is all zero.*raw image'),
    ([450.0] * 11, '11 numbers instead of 12'),
    ([-450.0, 0, 310, 0, 0, 460, 235, 0, 0, 0, 1, 0], 'P has a focal length'),
    ([450.0, 0, np.nan, 0, 0, 460, 235, 0, 0, 0, 1, 0], 'P .*NaN'),
])
def test_rectified_refused_with_the_reason(p, reason):
    with pytest.raises(CalibrationError, match=reason):
        Camera.from_camera_info(camera_info(p=p), rectified=True)


def test_image_of_another_size_names_both():
    with pytest.raises(CalibrationError, match='320 x 240 px.*640 x 480 px'):
        Camera.from_camera_info(camera_info(), image_size=(320, 240))


def test_principal_point_somewhat_outside_is_fine():
    """Shifted lenses and cropped sensors have it there."""
    assert Camera.from_camera_info(camera_info(k=[500.0, 0, -900, 0, 500, 1500, 0, 0, 1])).cx == -900


def test_the_message_of_ros():
    messages = pytest.importorskip('sensor_msgs.msg')
    with pytest.raises(CalibrationError, match='uncalibrated'):      # as camera_info_manager leaves it
        Camera.from_camera_info(messages.CameraInfo())
    with pytest.raises(CalibrationError, match='width and height'):
        Camera.from_camera_info(messages.CameraInfo(k=[500.0, 0.0, 320.0, 0.0, 500.0, 240.0, 0.0, 0.0, 1.0]))
    with pytest.raises(CalibrationError, match='uncalibrated'):
        Camera.from_camera_info(messages.CameraInfo(width=640, height=480))
    source = camera_info(binning_x=2, binning_y=2)
    info = messages.CameraInfo(width=640, height=480, distortion_model='plumb_bob', k=[float(v) for v in source.k],
                               d=source.d, p=[float(v) for v in source.p], binning_x=2, binning_y=2)
    assert Camera.from_camera_info(info).same_as(Camera.from_camera_info(source))
    assert Camera.from_camera_info(info, rectified=True).same_as(Camera.from_camera_info(source, rectified=True))


def test_a_region_without_a_size_reaches_to_the_border():
    camera = Camera.from_camera_info(camera_info(roi=region(40, 20, 0, 0)))
    assert (camera.width, camera.height) == (600, 460)


def test_binning_may_round_a_size_either_way_but_no_further():
    info = camera_info(width=641, binning_x=2, binning_y=2)
    for width in (320, 321):
        assert Camera.from_camera_info(info, image_size=(width, 240)).width == width
    for size in ((319, 240), (322, 240), (320, 241)):
        with pytest.raises(CalibrationError, match='describes'):
            Camera.from_camera_info(info, image_size=size)
