"""People as people_msgs/People in a fixed frame, for the social layers of costmaps."""
from __future__ import annotations

import math

import numpy as np
from people_msgs.msg import People, Person
from rclpy.node import Node
from std_msgs.msg import Header

from hdnet_ros.node.consumers.consumer import Consumer, located
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.consumers.view import NO_FIXED_FRAME, View, fixed_view, heading
from hdnet_ros.node.frame import Frame
from hdnet_ros.node.person_messages import point
from hdnet_ros.perception import people


class PeopleList(Consumer):
    """Everybody's place and velocity in the fixed frame, and an empty list when nobody is there.

    Without a fixed frame nothing is published: a social layer would take the robot's motion for theirs.
    """

    def __init__(self, node: Node) -> None:
        super().__init__(node)
        self._publisher = self._advertise(People, 'people')

    def publish(self, frame: Frame, settings: ConsumerSettings) -> None:
        """Everybody who is seen or predicted."""
        view = fixed_view(frame)
        self.problem = '' if view else NO_FIXED_FRAME
        if view is None:
            return
        self._last = view.header
        self._publisher.publish(People(header=view.header, people=[_person(one, view) for one in located(frame)]))

    def _publish_nobody(self, header: Header) -> None:
        self._publisher.publish(People(header=header))


def _person(person: people.Person, view: View) -> Person:
    velocity = person.velocity   # with a fixed frame the tracker gives it relative to that frame and in its axes
    message = Person(
        name=person.id, position=point(view.points(person.root)),
        velocity=point(velocity if np.isfinite(velocity).all() else np.zeros(3)), reliability=_reliability(person))
    for tag_name, tag in _tags(person, view).items():
        message.tagnames.append(tag_name)
        message.tags.append(tag)
    return message


def _reliability(person: people.Person) -> float:
    """Score of the detector; of somebody who is not seen, less the longer it lasts."""
    if person.observation is None:
        return math.exp(-person.unseen_s)
    return float(person.observation.detection.score)


def _tags(person: people.Person, view: View) -> dict[str, str]:
    """What the message has no fields for, under names that readers of such tags know."""
    seen = person.observation is not None
    tags = {'occluded': str(not seen).lower(), 'matched': str(seen).lower(), 'track_age': str(int(person.age_s))}
    facing = heading(view, person)
    if facing is not None:
        tags['orientation'] = f'{facing.x:.4f} {facing.y:.4f} {facing.z:.4f} {facing.w:.4f}'
    return tags
