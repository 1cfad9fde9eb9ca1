"""Which adapters there are, and those that are switched on."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module

from rclpy.node import Node
from rclpy.publisher import Publisher

from hdnet_ros.node.consumers.consumer import Consumer
from hdnet_ros.node.consumers.selection import Selection
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.frame import Frame


@dataclass(frozen=True)
class Kind:
    """Where an adapter is, and the package of its messages."""

    module: str
    class_name: str
    package: str


KINDS = {
    'ros4hri': Kind('ros4hri', 'Ros4hri', 'hri_msgs'),
    'people': Kind('people_list', 'PeopleList', 'people_msgs'),
    'target': Kind('target', 'Target', 'geometry_msgs'),
    'points': Kind('points', 'Points', 'sensor_msgs'),
    'detections_3d': Kind('detections_3d', 'Detections3D', 'vision_msgs'),
}


def check_packages(names: Iterable[str]) -> None:
    """ValueError that says what to install if the messages of one of these adapters are not there."""
    for name in names:
        package = KINDS[name].package
        try:
            import_module(f'{package}.msg')
        except ImportError as error:
            raise ValueError(
                f'consumers.{name} needs the package {package}: sudo apt install '
                f'ros-$ROS_DISTRO-{package.replace("_", "-")}, or build it from source ({error})') from error


def make_consumer(name: str, node: Node) -> Consumer:
    """The adapter of that name."""
    kind = KINDS[name]
    return getattr(import_module(f'{__package__}.{kind.module}'), kind.class_name)(node)


class Consumers:
    """The adapters that are switched on; they come and go as the settings ask.

    Only one thread at a time may use this: the worker's while the node is active, the executor's otherwise, and the
    executor's to make and to close it.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._consumers: dict[str, Consumer] = {}
        self._selection = Selection(node)

    @property
    def problem(self) -> str:
        """Why adapters publish less than they were asked to; '' if all is well."""
        return '; '.join(f'consumers.{name}: {consumer.problem}' for name, consumer in self._consumers.items()
                         if consumer.problem)

    def prepare(self, settings: ConsumerSettings) -> None:
        """Create and take away adapters as the settings ask; those who listened to one that goes see nobody left."""
        for name in set(self._consumers) - set(settings.enabled):
            consumer = self._consumers.pop(name)
            if self._node.context.ok():
                consumer.clear()
            consumer.close()
        for name in settings.enabled:
            if name not in self._consumers:
                self._consumers[name] = make_consumer(name, self._node)

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Publish everybody in an image through every adapter."""
        self.prepare(settings)
        self._selection.see(frame)
        for consumer in self._consumers.values():
            consumer.publish(frame, settings)

    def clear(self) -> None:
        """Nobody is followed any more."""
        self._selection.forget()
        for consumer in self._consumers.values():
            if self._node.context.ok():   # else Ctrl-C has taken the publishers away
                consumer.clear()

    @property
    def publishers(self) -> list[Publisher]:
        """Those of all adapters that are on."""
        return [publisher for consumer in self._consumers.values() for publisher in consumer.publishers]

    def close(self) -> None:
        """Take everything away."""
        self.prepare(ConsumerSettings())
        self._selection.close()
