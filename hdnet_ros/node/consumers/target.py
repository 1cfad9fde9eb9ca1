"""One person's pose, for servers that follow or approach somebody."""
from __future__ import annotations

from geometry_msgs.msg import Pose, PoseStamped
from rclpy.node import Node
from std_msgs.msg import Header

from hdnet_ros.node.consumers.consumer import Consumer, nearest_first
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.consumers.view import camera_view, fixed_view, heading, heading_away
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.person_messages import point
from hdnet_ros.perception.people import Person


class Target(Consumer):
    """The pose of the selected person, or else of whoever is nearest.

    The parameter ``consumers.target.id`` holds the selection.
    Nothing is published while the selected person is not there, so that a follower's time-out works.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._publisher = self._advertise(PoseStamped, '~/target_pose')

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """In the fixed frame if there is one, else in the camera's."""
        people = nearest_first(frame)
        wanted = settings.target_id
        chosen = [person for person in people if person.id == wanted] if wanted else people[:1]
        self.problem = f'the selected person {wanted} is not in view' if wanted and not chosen else ''
        if chosen:
            self._publisher.publish(_pose(chosen[0], frame))

    def _publish_nobody(self, header: Header) -> None:
        """There is no empty pose: whoever listens sees the last one grow old."""


def _pose(person: Person, frame: Frame) -> PoseStamped:
    """Between the hips; upright, turned as the body or, if that is not known, away from the camera."""
    view = fixed_view(frame) or camera_view(frame)
    orientation = heading(view, person) or heading_away(view, person)
    return PoseStamped(header=view.header, pose=Pose(position=point(view.points(person.root)), orientation=orientation))
