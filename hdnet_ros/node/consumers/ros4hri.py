"""People as bodies of REP-155 (ROS4HRI): libhri and its RViz plugins read these."""
from __future__ import annotations

from cv_bridge import CvBridge
from hri_msgs.msg import (
    IdsList,
    NormalizedPointOfInterest2D,
    NormalizedRegionOfInterest2D,
    Skeleton2D,
)
from rclpy.node import Node
from sensor_msgs.msg import Image, RegionOfInterest
from std_msgs.msg import Header

from hdnet_ros.node.consumers.consumer import Consumer, create_publisher, located
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.consumers.skeleton_2d import skeleton_2d
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.person_messages import region
from hdnet_ros.perception.people import Person

_BODIES = '/humans/bodies'


class Ros4hri(Consumer):
    """The list of tracked bodies, and topics for each of them while they are tracked.

    A body's topics begin and end with the body. The list is published last, so that who reads it finds the topics.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._tracked = self._advertise(IdsList, f'{_BODIES}/tracked')
        self._bodies: dict[str, _Body] = {}
        self._bridge = CvBridge()

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Everybody who is seen or predicted is tracked; region, image and skeleton come when they are seen."""
        self._last = frame.header
        people = {person.id: person for person in located(frame)}
        for body_id in set(self._bodies) - set(people):
            self._bodies.pop(body_id).close()
        for body_id, person in people.items():
            if body_id not in self._bodies:
                self._bodies[body_id] = _Body(self._node, body_id, self._bridge)
            if person.observation is not None:
                self._bodies[body_id].publish(person, frame)
        self._tracked.publish(IdsList(header=frame.header, ids=list(people)))

    def clear(self) -> None:
        """The topics of the bodies end; then as everywhere."""
        self._end_bodies()
        super().clear()

    def close(self) -> None:
        """Destroy the publishers, those of the bodies too."""
        self._end_bodies()
        super().close()

    def _publish_nobody(self, header: Header) -> None:
        self._tracked.publish(IdsList(header=header))

    def _end_bodies(self) -> None:
        for body in self._bodies.values():
            body.close()
        self._bodies.clear()


class _Body:
    """The topics of one body."""

    def __init__(self, node: Node, body_id: str, bridge: CvBridge) -> None:
        self._node = node
        self._bridge = bridge
        topic = f'{_BODIES}/{body_id}'
        self._roi = create_publisher(node, NormalizedRegionOfInterest2D, f'{topic}/roi')
        self._cropped = create_publisher(node, Image, f'{topic}/cropped', depth=2)
        self._skeleton = create_publisher(node, Skeleton2D, f'{topic}/skeleton2d')

    def publish(self, person: Person, frame: Frame) -> None:
        """Region, skeleton and, while somebody listens, the image of a body that is seen."""
        size = frame.camera.width, frame.camera.height
        roi = region(person.observation.detection.box, size)
        self._roi.publish(_normalised(roi, size, person.observation.detection.score, frame.header))
        points = [NormalizedPointOfInterest2D(x=x, y=y, c=c)
                  for x, y, c in skeleton_2d(person.joints_px, person.confidence, size).tolist()]
        self._skeleton.publish(Skeleton2D(header=frame.header, skeleton=points))
        if self._cropped.get_subscription_count() and roi.width and roi.height:
            rows = slice(roi.y_offset, roi.y_offset + roi.height)
            columns = slice(roi.x_offset, roi.x_offset + roi.width)
            self._cropped.publish(self._bridge.cv2_to_imgmsg(frame.image[rows, columns], 'bgr8', frame.header))

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in (self._roi, self._cropped, self._skeleton):
            self._node.destroy_publisher(publisher)


def _normalised(roi: RegionOfInterest, size: tuple[int, int], score: float, header: Header
                ) -> NormalizedRegionOfInterest2D:
    width, height = size
    return NormalizedRegionOfInterest2D(
        header=header, c=float(score), xmin=roi.x_offset / width, ymin=roi.y_offset / height,
        xmax=(roi.x_offset + roi.width) / width, ymax=(roi.y_offset + roi.height) / height)
