"""What the worker does with an image, between a pipeline and publishers that only take notes."""
from __future__ import annotations

import copy
import math
from types import SimpleNamespace

import numpy as np
import pytest
from rclpy.logging import get_logger
from sensor_msgs.msg import CameraInfo

from hdnet_ros.camera import CalibrationError, Camera
from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.node.frame_processor import FrameProcessor
from hdnet_ros.node.frame_statistics import FrameStatistics
from hdnet_ros.node.parameters import DEFAULTS
from hdnet_ros.node.settings import make_settings
from hdnet_ros.node.subscriptions import InputSet
from hdnet_ros.perception.camera_pose import CameraPose
from hdnet_ros.perception.people import FrameResult

# A camera that looks along y of a frame whose z points up.
FIXED = FixedFrame('odom', CameraPose(np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), np.array([2.0, 3.0, 1.2])))

SIZE = (12, 12)
K = [150.0, 0.0, 99.5, 0.0, 150.0, 99.5, 0.0, 0.0, 1.0]
P = [140.0, 0.0, 98.0, 0.0, 0.0, 140.0, 98.0, 0.0, 0.0, 0.0, 1.0, 0.0]
# Binning by 8 and by 9 may both make 12 px of the region's 100, depending on how the driver rounds.
INFO = CameraInfo(width=200, height=200, distortion_model='plumb_bob', d=[0.1, 0.01, 0.001, 0.002], k=K, p=P,
                  binning_x=8, binning_y=8)
INFO.roi.x_offset, INFO.roi.y_offset, INFO.roi.width, INFO.roi.height = 10, 20, 100, 100


@pytest.fixture
def show(messages):
    """A function that shows one image with somebody in it; the person as published, and the warning."""
    def process(person, latency_s, fixed=None, **parameters):
        published = []

        def look(image, camera, stamp_s, detections, camera_pose):
            if camera_pose is not None:
                camera_pose()
            return FrameResult((person,), (0.5, 30.0))
        outputs = SimpleNamespace(
            publish=lambda frame, settings: published.append(frame), publish_timing=lambda timing: None, problem='',
            latency_s=lambda header: latency_s, age_s=lambda header: latency_s)
        statistics, settings = FrameStatistics(), make_settings({**DEFAULTS, **parameters})
        node = SimpleNamespace(context=SimpleNamespace(ok=lambda: True), get_logger=lambda: get_logger('test'))
        FrameProcessor(node, SimpleNamespace(configure=lambda config: None, process=look), outputs, statistics,
                       fixed and SimpleNamespace(look_up=lambda *arguments: (fixed.camera_pose, ''),
                                                 fixed_frame=fixed.frame_id)).process(
            InputSet(messages.image(np.zeros((48, 64, 3), np.uint8), 5.0), messages.info(64, 48, 60.0, 5.0)), settings)
        facts = statistics.facts()
        assert facts.failure == ''
        return published[0].result.people[0], facts.warning
    return process


@pytest.mark.parametrize('fixed, step', [(None, [0.15, 0.0, -0.3]), (FIXED, [0.15, 0.3, 0.0])])
def test_people_are_predicted_to_now(show, somebody, fixed, step):
    """The velocity is (0.5, 0, -1) m/s, with 0.04 m^2/s^2; z of the fixed frame points up, and y of the camera down."""
    person = somebody()
    now, warning = show(person, 0.3, fixed, predict_to_now=True, **{'tracker.acceleration_density': 2.0})
    assert warning == ''
    np.testing.assert_allclose(now.root, person.root + step, atol=1e-12)
    np.testing.assert_allclose(now.joints, person.joints + step, atol=1e-12)
    np.testing.assert_allclose(now.root_covariance,
                               person.root_covariance + (0.04 * 0.09 + 2.0 * 0.027 / 3) * np.eye(3), atol=1e-12)


def test_people_stay_where_the_image_shows_them_unless_told_otherwise(show, somebody):
    person = somebody()
    assert show(person, 0.3) == (person, '')


@pytest.mark.parametrize('latency_s, why', [(math.nan, 'do not agree: synchronise the clocks'), (1.2, 'are 1.2 s old')])
def test_nobody_is_predicted_over_a_time_that_is_unknown_or_too_long(show, somebody, latency_s, why):
    person = somebody()
    now, warning = show(person, latency_s, predict_to_now=True)
    assert now is person and 'predict_to_now' in warning and why in warning


@pytest.fixture
def camera_of():
    """The cache under test: a function of CameraInfo, size of the image, and whether it is rectified."""
    def look_up(info, size=SIZE, rectified=False):
        return processor._camera_of(info, size, rectified)
    processor = FrameProcessor(None, None, None, None)
    return look_up


def changed(name, value):
    """The CameraInfo with one field, such as 'roi.width', set to something else."""
    info = copy.deepcopy(INFO)
    *path, field = name.split('.')
    setattr(info.roi if path else info, field, value)
    return info


@pytest.mark.parametrize(('name', 'value', 'rectified'), [
    ('k', [160.0, *K[1:]], False), ('d', [0.1, 0.01, 0.001, 0.003], False), ('d', [], False),
    ('distortion_model', 'equidistant', False), ('p', [150.0, *P[1:]], True),
    ('binning_x', 9, False), ('binning_y', 9, False), ('roi.x_offset', 11, False), ('roi.y_offset', 21, False)])
def test_any_field_of_the_camera_info_may_change_with_any_image(camera_of, name, value, rectified):
    before, info = camera_of(INFO, rectified=rectified), changed(name, value)
    after = camera_of(info, rectified=rectified)
    assert after.same_as(Camera.from_camera_info(info, rectified=rectified, image_size=SIZE))
    assert not after.same_as(before)


@pytest.mark.parametrize(('name', 'value'), [('width', 105), ('height', 115), ('roi.width', 150), ('roi.height', 150)])
def test_a_camera_info_that_fits_the_image_no_longer_is_refused(camera_of, name, value):
    camera_of(INFO)
    with pytest.raises(CalibrationError):
        camera_of(changed(name, value))


def test_the_size_of_the_image_and_whether_it_is_rectified_may_change(camera_of):
    assert (camera_of(INFO).width, camera_of(INFO, (13, 12)).width) == (12, 13)
    raw, rectified = camera_of(INFO), camera_of(INFO, rectified=True)
    assert raw.distorted and not rectified.distorted


def test_the_same_calibration_is_read_once(camera_of):
    later = changed('header', copy.deepcopy(INFO.header))
    later.header.stamp.sec = 7
    assert camera_of(later) is camera_of(INFO)


def test_a_calibration_that_was_refused_does_not_stay(camera_of):
    camera_of(INFO)
    for _ in range(2):
        with pytest.raises(CalibrationError):
            camera_of(changed('k', [0.0] * 9))
    assert camera_of(INFO).same_as(Camera.from_camera_info(INFO, image_size=SIZE))


@pytest.mark.parametrize(('late_s', 'told'), [(-2.0, True), (-0.4, False), (2.0, False)])
def test_stamps_of_the_future_are_told_and_old_ones_are_not(show, somebody, late_s, told):
    assert ('2.0 s ahead of the clock' in show(somebody(), late_s)[1]) == told
