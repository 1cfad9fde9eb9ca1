"""Sends transforms that hold for ever."""
from __future__ import annotations

from collections.abc import Iterable

from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from tf2_msgs.msg import TFMessage

from tf2_ros.transform_broadcaster import as_list


class StaticTransformBroadcaster:
    """Publishes transforms on /tf_static, where late subscribers get them too.

    Only the last message is kept for them, so every message holds all transforms sent so far.
    """

    def __init__(self, node: Node) -> None:
        qos = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
        self.pub_tf = node.create_publisher(TFMessage, '/tf_static', qos)
        self.net_message = TFMessage()

    def sendTransform(self, transform: TransformStamped | Iterable[TransformStamped]) -> None:
        """Send one transform or several; one for a child frame that was sent before replaces the former."""
        by_child = {known.child_frame_id: known for known in self.net_message.transforms}
        by_child.update((new.child_frame_id, new) for new in as_list(transform))
        self.net_message.transforms = list(by_child.values())
        self.pub_tf.publish(self.net_message)
