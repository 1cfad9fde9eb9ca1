"""What the worker does with an image, between a pipeline and publishers that only take notes."""
from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from rclpy.logging import get_logger

from hdnet_ros.node.fixed_frame import FixedFrame
from hdnet_ros.node.frame_processor import FrameProcessor
from hdnet_ros.node.frame_statistics import FrameStatistics
from hdnet_ros.node.parameters import DEFAULTS
from hdnet_ros.node.settings import make_settings
from hdnet_ros.node.subscriptions import InputSet
from hdnet_ros.perception.people import FrameResult

# A camera that looks along y of a frame whose z points up.
FIXED = FixedFrame('odom', np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), np.array([2.0, 3.0, 1.2]))


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
                       lambda: settings, fixed and SimpleNamespace(look_up=lambda *arguments: (fixed, ''))).process(
            InputSet(messages.image(np.zeros((48, 64, 3), np.uint8), 5.0), messages.info(64, 48, 60.0, 5.0)))
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


@pytest.mark.parametrize('latency_s, why', [(math.nan, 'cannot be told'), (1.2, '1.2 s ago')])
def test_nobody_is_predicted_over_a_time_that_is_unknown_or_too_long(show, somebody, latency_s, why):
    person = somebody()
    now, warning = show(person, latency_s, predict_to_now=True)
    assert now is person and 'predict_to_now' in warning and why in warning
