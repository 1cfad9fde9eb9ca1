from __future__ import annotations

import argparse

import numpy as np
import pytest

from hdnet_ros.calibration import CalibrationError
from hdnet_ros.camera import Camera
from hdnet_ros.cli.camera_arguments import add_camera_arguments, camera_for, camera_is_given


def parse(*words):
    parser = argparse.ArgumentParser()
    add_camera_arguments(parser)
    return parser.parse_args(words)


def test_focal_length_in_the_middle_of_the_image():
    camera = camera_for(parse('--focal', '500'), 640, 480)
    np.testing.assert_allclose(camera.K, [[500, 0, 319.5], [0, 500, 239.5], [0, 0, 1]])


def test_principal_point():
    camera = camera_for(parse('--focal', '500', '--principal', '300', '200'), 640, 480)
    assert (camera.cx, camera.cy) == (300, 200)


def test_field_of_view_reaches_from_edge_to_edge():
    camera = camera_for(parse('--hfov', '90'), 640, 480)
    assert camera.fx == pytest.approx(320)
    rays = camera.unproject(np.array([[-0.5, 0], [639.5, 0]]))
    assert np.degrees(np.arctan(rays[1, 0]) - np.arctan(rays[0, 0])) == pytest.approx(90)


def test_a_camera_held_upright_is_the_same_camera():
    assert camera_for(parse('--hfov', '70'), 480, 640).fx == camera_for(parse('--hfov', '70'), 640, 480).fx


def test_calibration_file_must_fit(tmp_path):
    K = np.array([[500, 0, 320], [0, 501, 240], [0, 0, 1]])
    Camera(640, 480, K, np.array([0.1, 0, 0, 0, 0])).to_yaml(tmp_path / 'c.yaml')
    args = parse('--camera-info', str(tmp_path / 'c.yaml'))
    assert camera_for(args, 640, 480).fy == 501
    assert camera_for(args, 640, 480).distorted
    args.rectified = True
    assert not camera_for(args, 640, 480).distorted
    with pytest.raises(CalibrationError, match='640 x 480 px, these have 320 x 240'):
        camera_for(args, 320, 240)


@pytest.mark.parametrize('words', [
    ('--focal', '0'), ('--focal', 'nan'), ('--focal', '-3'), ('--hfov', '180'), ('--hfov', '0')])
def test_nonsense_is_refused(words):
    with pytest.raises(CalibrationError, match=words[0]):
        camera_for(parse(*words), 640, 480)


def test_without_a_camera_the_error_says_where_to_get_one():
    assert not camera_is_given(parse())
    with pytest.raises(CalibrationError, match='(?s)--camera-info.*--focal.*pixels.*--hfov'):
        camera_for(parse(), 640, 480)
