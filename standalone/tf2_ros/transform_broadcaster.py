"""Sends transforms that change."""
from __future__ import annotations

from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from tf2_msgs.msg import TFMessage


def as_list(transform: TransformStamped | Iterable[TransformStamped]) -> list[TransformStamped]:
    """One transform or several, as a list."""
    return list(transform) if hasattr(transform, '__iter__') else [transform]


class TransformBroadcaster:
    """Publishes transforms on /tf, with a queue of 100."""

    def __init__(self, node: Node) -> None:
        self.pub_tf = node.create_publisher(TFMessage, '/tf', 100)

    def sendTransform(self, transform: TransformStamped | Iterable[TransformStamped]) -> None:
        """Send one transform, or several in one message."""
        self.pub_tf.publish(TFMessage(transforms=as_list(transform)))
