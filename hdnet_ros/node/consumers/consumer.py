"""What all adapters have in common."""
from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import QoSProfile
from std_msgs.msg import Header

from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.event_callbacks import PublisherEventCallbacks
from hdnet_ros.node.frame import Frame
from hdnet_ros.perception.people import Person, TrackState


def create_publisher(node: Node, message_type: type, topic: str, depth: int = 10) -> Publisher:
    """A reliable publisher that any one thread may create and destroy while the executor spins.

    The executor waits for a publisher's events, and dies when they are destroyed under its hands; so there are none.
    Nor are there parameters to override its QoS, which would be declared while the executor may be listing them.
    """
    return node.create_publisher(message_type, topic, QoSProfile(depth=depth),
                                 event_callbacks=PublisherEventCallbacks(use_default_callbacks=False))


class Consumer(ABC):
    """An adapter from people to the messages of other software.

    problem: why nothing, or less than was asked for, came out for the last image; '' if all is well.
    publishers: those that there are as long as the adapter is on.
    Publishes reliably, which also serves those who ask for best effort.
    Comes and goes in the worker's thread, so it must own nothing that the executor waits for: no subscription, service
    or timer.
    """

    def __init__(self, node: Node) -> None:
        self.problem = ''
        self._node = node
        self.publishers: list[Publisher] = []
        self._last: Header | None = None    # of the last message about everybody

    @abstractmethod
    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Publish everybody in an image."""

    def clear(self) -> None:
        """Tell those who listen that nobody is followed any more, under the header of the last message, if any."""
        last, self._last = self._last, None
        if last is not None:
            self._publish_nobody(last)

    @abstractmethod
    def _publish_nobody(self, header: Header) -> None:
        """Tell those who listen that nobody is there."""

    def close(self) -> None:
        """Destroy the publishers."""
        for publisher in self.publishers:
            self._node.destroy_publisher(publisher)
        self.publishers.clear()

    def _advertise(self, message_type: type, topic: str) -> Publisher:
        publisher = create_publisher(self._node, message_type, topic)
        self.publishers.append(publisher)
        return publisher


def located(frame: Frame) -> list[Person]:
    """The people who are sure to be there, seen or predicted, and whose place is known."""
    return [person for person in frame.result.people
            if person.state != TrackState.TENTATIVE and np.isfinite(person.root).all()]


def nearest_first(frame: Frame) -> list[Person]:
    """The same people by their distance from the camera."""
    return sorted(located(frame), key=lambda person: float(np.linalg.norm(person.root)))
