"""What the topics of a camera are called."""
from __future__ import annotations


def camera_info_topic(image_topic: str) -> str:
    """The CameraInfo that goes with an image topic: its sibling, also for compressed images (image_transport)."""
    return ''.join(image_topic.removesuffix('/compressed').rpartition('/')[:2]) + 'camera_info'
