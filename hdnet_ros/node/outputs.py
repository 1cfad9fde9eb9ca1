"""What the node publishes for an image."""
from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cv_bridge import CvBridge
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from tf2_ros import TransformBroadcaster
from visualization_msgs.msg import MarkerArray

from hdnet_ros import msg
from hdnet_ros.drawing.palette import Palette
from hdnet_ros.node.consumers.registry import Consumers
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.markers import MarkerScene
from hdnet_ros.node.person_messages import person_array
from hdnet_ros.node.rate_limit import RateLimit
from hdnet_ros.node.transforms import people_transforms
from hdnet_ros.perception.people import Person

_GOODBYE_S = 0.5    # for the last messages to arrive
# Markers outlast so many intervals between images, but never more seconds than these, or a pause would leave ghosts.
_INTERVALS_SHOWN, _LONGEST_SHOWN_S = 2.5, 5.0


@dataclass(frozen=True)
class OutputSettings:
    """What to publish beside the people; see the parameters of the same names."""

    publish_tf: bool = True
    publish_joint_tf: bool = False
    marker_lifetime_s: float = 0.5
    marker_rate_hz: float = 0.0
    debug_image_rate_hz: float = 0.0
    consumers: ConsumerSettings = ConsumerSettings()

    def __post_init__(self) -> None:
        if self.marker_rate_hz and 0 < self.marker_lifetime_s < 1 / self.marker_rate_hz:
            raise ValueError(f'markers would vanish between two of {self.marker_rate_hz:g} Hz: '
                             f'markers.lifetime_s must be at least {1 / self.marker_rate_hz:g}')


class Outputs:
    """The publishers; markers and the debug image are only built while somebody listens."""

    def __init__(self, node: Node, skeleton_source: str) -> None:
        self._node = node
        self._skeleton_source = skeleton_source
        self._publishers: list[Publisher] = []
        try:
            self._people = self._publisher(msg.PersonArray, '~/people', 10)
            self._timing = self._publisher(msg.Timing, '~/timing', 10)
            self._markers = self._publisher(MarkerArray, '~/markers', 10)
            self._debug_image = self._publisher(Image, '~/debug_image', 2)
        except Exception:   # nobody else could take away those that were made
            self._destroy()
            raise
        self._broadcaster = TransformBroadcaster(node)
        self._bridge = CvBridge()
        self._palette = Palette()   # one for both, so that a person has the same colour everywhere
        self._scene = MarkerScene(self._palette)
        self._consumers = Consumers(node)
        self._last: msg.PersonArray | None = None
        self._shown_ns = 0
        self._marker_limit, self._debug_image_limit = RateLimit(), RateLimit()

    def _publisher(self, message_type: type, topic: str, depth: int):
        self._publishers.append(self._node.create_publisher(
            message_type, topic, QoSProfile(depth=depth),
            qos_overriding_options=QoSOverridingOptions.with_default_policies()))
        return self._publishers[-1]

    def publish(self, frame: Frame, settings: OutputSettings) -> None:
        """Publish everything but the timing, the people first."""
        people, header = frame.result.people, frame.header
        self._last = person_array(frame.result, header, (frame.camera.width, frame.camera.height),
                                  self._skeleton_source, frame.fixed.frame_id if frame.fixed else '')
        self._people.publish(self._last)
        if settings.publish_tf and header.frame_id:
            transforms = people_transforms(people, header, settings.publish_joint_tf)
            if transforms:
                self._broadcaster.sendTransform(transforms)
        if not self._markers.get_subscription_count():
            self._scene.forget()
            self._shown_ns = 0
        elif self._marker_limit.admits(settings.marker_rate_hz):
            self._show(people, header, self._lifetime_s(settings.marker_lifetime_s))
        if self._debug_image.get_subscription_count() and self._debug_image_limit.admits(settings.debug_image_rate_hz):
            from hdnet_ros.drawing import draw_people
            drawn = draw_people(frame.image, people, frame.camera, palette=self._palette)
            self._debug_image.publish(self._bridge.cv2_to_imgmsg(drawn, 'bgr8', header))
        self._consumers.publish(frame, settings.consumers)

    def _show(self, people: Sequence[Person], header: Header, lifetime_s: float) -> None:
        markers = self._scene.update(people, header, lifetime_s)
        if markers.markers:
            self._markers.publish(markers)

    def _lifetime_s(self, wanted_s: float) -> float:
        """How long markers stay: as wanted, but at a low rate until the next ones come; 0 is for ever."""
        now_ns = self._node.get_clock().now().nanoseconds   # RViz counts on the same clock
        interval_s = (now_ns - self._shown_ns) * 1e-9 if self._shown_ns else 0.0
        self._shown_ns = now_ns
        return wanted_s and max(wanted_s, min(_INTERVALS_SHOWN * interval_s, _LONGEST_SHOWN_S))

    def prepare(self, settings: OutputSettings) -> None:
        """Create what the settings ask for, before the first image."""
        self._consumers.prepare(settings.consumers)

    def clear(self) -> None:
        """Tell whoever listens that nobody is followed any more, under the header of the last image."""
        last, self._last = self._last, None
        if last is not None and self._node.context.ok():   # else Ctrl-C has taken the publishers away
            last.persons = []
            self._people.publish(last)
            self._show((), last.header, lifetime_s=0.0)
        self._consumers.clear()

    @property
    def problem(self) -> str:
        """Why something that was asked for did not come out for the last image; '' if all did."""
        return self._consumers.problem

    def publish_timing(self, timing: msg.Timing) -> None:
        """Publish how long an image took."""
        self._timing.publish(timing)

    def latency_s(self, header: Header) -> float:
        """Seconds from the image's stamp to now on the node's clock; NaN if the two clocks cannot be the same."""
        age_s = self.age_s(header)
        return age_s if 0 <= age_s < 60 else math.nan

    def age_s(self, header: Header) -> float:
        """Seconds from the image's stamp to now on the node's clock, whether or not that makes sense."""
        now_ns = self._node.get_clock().now().nanoseconds
        return (now_ns - header.stamp.sec * 1_000_000_000 - header.stamp.nanosec) * 1e-9

    def wait_until_heard(self) -> None:
        """Let the last messages arrive before their publishers go; not for long, as somebody who listens may hang."""
        end_s = time.monotonic() + _GOODBYE_S
        for publisher in (*self._publishers, *self._consumers.publishers) if self._node.context.ok() else ():
            publisher.wait_for_all_acked(Duration(seconds=max(end_s - time.monotonic(), 0.0)))

    def close(self) -> None:
        """Destroy the publishers."""
        self._consumers.close()
        self._node.destroy_publisher(self._broadcaster.pub_tf)
        self._destroy()

    def _destroy(self) -> None:
        for publisher in self._publishers:
            self._node.destroy_publisher(publisher)
