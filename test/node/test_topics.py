from __future__ import annotations

import pytest
import rclpy
from rclpy.context import Context

from hdnet_ros.node.topics import Topics, resolve_topics


@pytest.fixture
def resolve():
    """Resolves the topics of a node that was started with these remappings."""
    context = Context()
    rclpy.init(context=context)

    def resolve(remap: dict[str, str], transport: str = 'raw', given: bool = False, namespace: str = '') -> Topics:
        rules = [word for name, to in remap.items() for word in ('-r', f'{name}:={to}')]
        node = rclpy.create_node('n', context=context, namespace=namespace, cli_args=['--ros-args', *rules])
        try:
            return resolve_topics(node, transport, given)
        finally:
            node.destroy_node()
    yield resolve
    context.try_shutdown()


@pytest.mark.parametrize(('remap', 'namespace', 'image', 'camera_info'), [
    ({}, '', '/image', '/camera_info'),
    ({}, '/front', '/front/image', '/front/camera_info'),
    ({'image': '/cam/image_raw'}, '', '/cam/image_raw', '/cam/camera_info'),
    ({'image': '/cam/color/image_raw'}, '/robot', '/cam/color/image_raw', '/cam/color/camera_info'),
    ({'image': 'cam/image_rect'}, '/robot', '/robot/cam/image_rect', '/robot/cam/camera_info'),
    ({'image': '/cam/image_raw', 'camera_info': '/other/info'}, '', '/cam/image_raw', '/other/info'),
    ({'image': '/image_raw'}, '/robot', '/image_raw', '/camera_info'),
])
def test_camera_info_is_the_sibling_of_the_image(resolve, remap, namespace, image, camera_info):
    topics = resolve(remap, namespace=namespace)
    assert (topics.image, topics.camera_info, topics.compressed) == (image, camera_info, False)
    assert topics.detections is None and topics.names == (image, camera_info)


def test_the_name_that_camera_info_has_anyway_is_reached_by_remapping_the_sibling(resolve):
    """rclpy does not tell the first of these from no remapping at all."""
    topics = resolve({'image': '/cam/image_raw', 'camera_info': '/camera_info'})
    assert (topics.camera_info, topics.plain_camera_info) == ('/cam/camera_info', '/camera_info')
    topics = resolve({'image': '/cam/image_raw', '/cam/camera_info': '/camera_info'})
    assert (topics.camera_info, topics.plain_camera_info) == ('/camera_info', '')
    for remap in ({}, {'image': '/cam/image_raw', 'camera_info': '/other/info'}):
        assert resolve(remap).plain_camera_info == ''


@pytest.mark.parametrize('name', ['/cam/image_raw', '/cam/image_raw/compressed'])
def test_compressed_topics_lie_below_the_raw_one(resolve, name):
    topics = resolve({'image': name}, transport='compressed')
    assert topics == Topics('/cam/image_raw/compressed', '/cam/camera_info', compressed=True,
                            plain_camera_info='/camera_info')
    assert topics.other_transport == ('/cam/image_raw', 'raw')


@pytest.mark.parametrize(('name', 'camera_info'), [('/cam/jpeg', '/cam/camera_info'),
                                                    ('/cam/image_color/compressed', '/cam/camera_info')])
def test_a_compressed_topic_may_have_any_name(resolve, name, camera_info):
    topics = resolve({'image/compressed': name}, transport='compressed')
    assert (topics.image, topics.camera_info) == (name, camera_info)
    assert topics.other_transport == ('/cam/image_color' if name.endswith('/compressed') else '', 'raw')
    assert resolve({'image/compressed': name}).image == '/image'


def test_the_other_transport_of_a_raw_image(resolve):
    assert resolve({'image': '/cam/image_raw'}).other_transport == ('/cam/image_raw/compressed', 'compressed')


def test_detections(resolve):
    assert resolve({'detections': '/yolo/detections'}, given=True).names[-1] == '/yolo/detections'
