from __future__ import annotations

import pytest

from hdnet_ros.camera_topics import camera_info_topic


@pytest.mark.parametrize('image, info', [
    ('/front/image_raw', '/front/camera_info'), ('/front/rgb/image/compressed', '/front/rgb/camera_info'),
    ('/image', '/camera_info'), ('image', 'camera_info'), ('front/image', 'front/camera_info')])
def test_it_is_the_sibling_of_the_image(image, info):
    assert camera_info_topic(image) == info
