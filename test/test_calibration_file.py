from __future__ import annotations

import numpy as np
import pytest

from hdnet_ros.camera import CalibrationError, Camera

# What camera_calibration writes.
OST = '''
image_width: 640
image_height: 480
camera_name: narrow_stereo
camera_matrix:
  rows: 3
  cols: 3
  data: [511.5, 0.0, 324.25, 0.0, 512.5, 238.75, 0.0, 0.0, 1.0]
distortion_model: {model}
distortion_coefficients:
  rows: 1
  cols: {count}
  data: {data}
rectification_matrix:
  rows: 3
  cols: 3
  data: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
projection_matrix:
  rows: 3
  cols: 4
  data: [480.0, 0.0, 326.0, 0.0, 0.0, 498.0, 237.0, 0.0, 0.0, 0.0, 1.0, 0.0]
'''


def write(folder, text):
    path = folder / 'camera.yaml'
    path.write_text(text)
    return path


@pytest.mark.parametrize(('model', 'data', 'expected'), [
    ('plumb_bob', [-0.2, 0.05, 0.001, -0.002, 0.0], 'plumb_bob'),
    ('rational_polynomial', [0.1] * 8, 'rational_polynomial'),
    ('equidistant', [0.01, 0.02, 0.03, 0.04], 'equidistant'),
    ('fisheye', [0.01, 0.02, 0.03, 0.04], 'equidistant'),
])
def test_file_of_camera_calibration(tmp_path, model, data, expected):
    path = write(tmp_path, OST.format(model=model, data=data, count=len(data)))
    camera = Camera.from_yaml(path)
    assert (camera.width, camera.height, camera.model) == (640, 480, expected)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == (511.5, 512.5, 324.25, 238.75)
    np.testing.assert_array_equal(camera.D, data)
    assert Camera.from_yaml(path, rectified=True).fx == 480


def test_defaults_of_ros(tmp_path):
    """Without a model it is plumb_bob; a projection matrix is only needed for rectified images."""
    text = OST.format(model='x', data=[0.1, 0, 0, 0, 0], count=5).replace('distortion_model: x\n', '')
    path = write(tmp_path, text.split('projection_matrix')[0])
    assert Camera.from_yaml(path).model == 'plumb_bob'
    with pytest.raises(CalibrationError, match='P is all zero'):
        Camera.from_yaml(path, rectified=True)


@pytest.mark.parametrize('camera', [
    Camera.pinhole(640, 480, 600),
    Camera(320, 200, [[300.1, 0, 161], [0, 299.9, 99], [0, 0, 1]], [-0.1, 0.01, 1e-5, 0], 'plumb_bob'),
    Camera(320, 200, [[300.1, 0, 161], [0, 299.9, 99], [0, 0, 1]], [0.1] * 14, 'rational_polynomial'),
    Camera(320, 200, [[300.1, 0, 161], [0, 299.9, 99], [0, 0, 1]], [], 'rational_polynomial'),
    Camera(320, 200, [[300.1, 0, 161], [0, 299.9, 99], [0, 0, 1]], [0] * 4, 'equidistant'),
])
def test_round_trip(tmp_path, camera):
    camera.to_yaml(tmp_path / 'camera.yaml', name='test')
    assert Camera.from_yaml(tmp_path / 'camera.yaml').same_as(camera)


@pytest.mark.parametrize(('text', 'reason'), [
    ('', 'not a camera calibration'),
    ('[1, 2]', 'not a camera calibration'),
    ('a: [1', 'cannot read'),
    ('!!python/object/apply:os.system ["false"]', 'cannot read'),
    ('image_width: 640', 'no image_height'),
    ('image_width: 640\nimage_height: tall', 'whole numbers'),
    ('image_width: 640\nimage_height: 480', 'no camera_matrix'),
    ('image_width: 640\nimage_height: 480\ncamera_matrix: 5', 'rows, cols and data'),
    ('image_width: 640\nimage_height: 480\ncamera_matrix: {data: [1, 2]}\ndistortion_coefficients: {data: []}',
     '2 numbers instead of 9'),
])
def test_bad_files(tmp_path, text, reason):
    with pytest.raises(CalibrationError, match=reason):
        Camera.from_yaml(write(tmp_path, text))


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(CalibrationError, match='cannot read.*nowhere.yaml'):
        Camera.from_yaml(tmp_path / 'nowhere.yaml')
    (tmp_path / 'camera.yaml').write_bytes(bytes(range(256)))
    with pytest.raises(CalibrationError, match='cannot read'):
        Camera.from_yaml(tmp_path / 'camera.yaml')
