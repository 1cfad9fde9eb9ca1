"""Which topics the node listens to, after remapping."""
from __future__ import annotations

from dataclasses import dataclass

from rclpy.node import Node

from hdnet_ros.camera_topics import camera_info_topic

_COMPRESSED = '/compressed'


@dataclass(frozen=True)
class Topics:
    """Resolved names of the inputs.

    image: topic of the Image, or of the CompressedImage if compressed.
    detections: None unless somebody else detects people.
    plain_camera_info: where camera_info would be if it were not the sibling of the image; '' if it is not.
    """

    image: str
    camera_info: str
    compressed: bool
    detections: str | None = None
    plain_camera_info: str = ''

    @property
    def other_transport(self) -> tuple[str, str]:
        """Where the image would be with the other transport, '' if that cannot be told, and that transport's name."""
        if self.compressed:
            return self.image.removesuffix(_COMPRESSED) if self.image.endswith(_COMPRESSED) else '', 'raw'
        return self.image + _COMPRESSED, 'compressed'

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return (self.image, self.camera_info) + ((self.detections,) if self.detections else ())


def resolve_topics(node: Node, transport: str, given_detections: bool) -> Topics:
    """Apply the remappings of ``image``, ``image/compressed``, ``camera_info`` and ``detections``.

    transport: 'raw' or 'compressed'; as with image_transport, the compressed topic is ``<image>/compressed``
    and ``image`` stays the name of the raw one. ``image/compressed`` can be remapped itself to any other name.
    Unless remapped itself, ``camera_info`` is the sibling of the image: /cam/image_raw goes with /cam/camera_info.
    rclpy does not tell a remapping to the name that a topic has anyway from none; the sibling can be remapped, too.
    """
    image, compressed = node.resolve_topic_name('image').removesuffix(_COMPRESSED), transport == 'compressed'
    if compressed:
        image += _COMPRESSED
        own = node.resolve_topic_name('image' + _COMPRESSED)
        if own != node.resolve_topic_name('image' + _COMPRESSED, only_expand=True):
            image = own
    camera_info, plain = node.resolve_topic_name('camera_info'), ''
    if camera_info == node.resolve_topic_name('camera_info', only_expand=True):
        plain, camera_info = camera_info, node.resolve_topic_name(camera_info_topic(image))
    return Topics(image=image, camera_info=camera_info, compressed=compressed,
                  detections=node.resolve_topic_name('detections') if given_detections else None,
                  plain_camera_info='' if plain == camera_info else plain)
