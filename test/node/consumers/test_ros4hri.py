"""Against hri_msgs 2.0.0 and what libhri 2.3.0 does with it."""
from __future__ import annotations

import numpy as np
import pytest
from cv_bridge import CvBridge
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import Image

from hdnet_ros.perception.people import TrackState

hri = pytest.importorskip('hri_msgs.msg')
ON = {'enabled': ('ros4hri',)}
BODY = '/humans/bodies/ab1c9'


def test_bodies_are_listed_while_they_are_tracked(stage, somebody):
    stage.publish(**ON)
    tracked = stage.listen(hri.IdsList, '/humans/bodies/tracked')
    header = stage.publish([somebody(), somebody(id='zzzz0', state=TrackState.TENTATIVE)], **ON)
    stage.until(lambda: bool(tracked))
    assert tracked[-1].header == header and list(tracked[-1].ids) == ['ab1c9']
    stage.publish([somebody(state=TrackState.COASTING, observation=None)], **ON)
    stage.publish([], **ON)
    stage.until(lambda: len(tracked) == 3)
    assert [list(message.ids) for message in tracked] == [['ab1c9'], ['ab1c9'], []]


def test_region_and_skeleton_of_a_body(stage, somebody):
    person = somebody()
    stage.publish([person], **ON)
    regions, skeletons = (stage.listen(hri.NormalizedRegionOfInterest2D, f'{BODY}/roi'),
                          stage.listen(hri.Skeleton2D, f'{BODY}/skeleton2d'))
    header = stage.publish([person], **ON)
    stage.until(lambda: bool(regions and skeletons))
    roi, skeleton = regions[-1], skeletons[-1]
    assert roi.header == header == skeleton.header
    # The whole pixels that the box (250.4, 90, 390, 410.6) touches, of 640 x 480.
    assert (roi.xmin, roi.ymin, roi.xmax, roi.ymax) == pytest.approx((250 / 640, 90 / 480, 391 / 640, 412 / 480))
    assert roi.c == pytest.approx(0.75)
    assert len(skeleton.skeleton) == 18
    neck, eye = skeleton.skeleton[hri.Skeleton2D.NECK], skeleton.skeleton[hri.Skeleton2D.LEFT_EYE]
    assert (neck.x, neck.y, neck.c) == pytest.approx((300.5 / 640, 300.5 / 480, 0.9))
    assert (eye.x, eye.y, eye.c) == (0, 0, 0)


def test_the_image_of_a_body_comes_only_to_those_who_listen(stage, somebody, monkeypatch):
    stage.publish([somebody()], **ON)
    made = []
    convert = CvBridge.cv2_to_imgmsg
    monkeypatch.setattr(CvBridge, 'cv2_to_imgmsg', lambda *args: made.append(args) or convert(*args))
    stage.publish([somebody()], **ON)
    assert not made
    images = stage.listen(Image, f'{BODY}/cropped')
    header = stage.publish([somebody()], **ON)
    stage.until(lambda: bool(images))
    assert len(made) == 1
    image = images[-1]
    assert (image.width, image.height, image.encoding) == (141, 322, 'bgr8') and image.header == header
    whole = np.arange(480 * 640 * 3, dtype=np.uint32).astype(np.uint8).reshape(480, 640, 3)
    assert np.array_equal(np.frombuffer(image.data, np.uint8).reshape(322, 141, 3), whole[90:412, 250:391])


def test_nothing_is_said_about_a_body_that_is_only_predicted(stage, somebody):
    stage.publish([somebody()], **ON)
    regions = stage.listen(hri.NormalizedRegionOfInterest2D, f'{BODY}/roi')
    tracked = stage.listen(hri.IdsList, '/humans/bodies/tracked')
    stage.publish([somebody(state=TrackState.COASTING, observation=None)], **ON)
    stage.until(lambda: bool(tracked))
    stage.spin(0.3)
    assert regions == []


def test_topics_of_a_body_end_with_it(stage, somebody):
    wanted = {f'{BODY}/{name}' for name in ('roi', 'cropped', 'skeleton2d')}
    stage.publish([somebody()], **ON)
    stage.until(lambda: wanted <= stage.topics())
    stage.publish([], **ON)
    stage.until(lambda: not wanted & stage.topics())
    assert '/humans/bodies/tracked' in stage.topics()


def test_bodies_that_come_and_go_leave_nothing_behind(stage, somebody):
    stage.publish(**ON)

    def count() -> tuple[int, ...]:
        parameters = stage.node.list_parameters([], 0).names
        return len(list(stage.node.publishers)), len(list(stage.node.waitables)), len(parameters)
    before = count()
    for number in range(30):
        stage.publish([somebody(id=f'a{number:04d}')], **ON)
    stage.publish([], **ON)
    assert count() == before


def test_switched_off_everybody_is_gone(stage, somebody):
    stage.publish([somebody()], **ON)
    tracked = stage.listen(hri.IdsList, '/humans/bodies/tracked')
    stage.publish([somebody()], **ON)
    stage.until(lambda: bool(tracked))
    stage.outputs.clear()
    stage.until(lambda: len(tracked) == 2)
    assert list(tracked[-1].ids) == [] and tracked[-1].header == tracked[0].header
    stage.publish([somebody()])
    stage.until(lambda: not any(name.startswith('/humans') for name in stage.topics()))


def test_publishers_are_reliable(stage, somebody):
    stage.publish([somebody()], **ON)
    for topic in ('/humans/bodies/tracked', f'{BODY}/roi', f'{BODY}/skeleton2d', f'{BODY}/cropped'):
        stage.until(lambda topic=topic: bool(stage.probe.get_publishers_info_by_topic(topic)))
        [info] = stage.probe.get_publishers_info_by_topic(topic)
        assert info.qos_profile.reliability == ReliabilityPolicy.RELIABLE
