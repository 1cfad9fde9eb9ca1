"""Against people_msgs 1.3.0; the velocity and the tags as the social layers and their tools read them."""
from __future__ import annotations

import math

import numpy as np
import pytest
from rclpy.qos import ReliabilityPolicy

from hdnet_ros.perception.people import TrackState

people_msgs = pytest.importorskip('people_msgs.msg')
ON = {'enabled': ('people',)}


@pytest.fixture
def people(stage, robot):
    """Messages on /people; listens as social layers do, with best effort."""
    stage.publish(fixed=robot, **ON)
    return stage.listen(people_msgs.People, '/people', ReliabilityPolicy.BEST_EFFORT)


def test_place_and_velocity_in_the_fixed_frame(stage, people, robot, somebody):
    header = stage.publish([somebody()], robot, **ON)
    stage.until(lambda: bool(people))
    message = people[-1]
    assert message.header.stamp == header.stamp and message.header.frame_id == 'odom'
    [person] = message.people
    tilt = np.radians(20)
    assert person.name == 'ab1c9' and person.reliability == 0.75
    assert (person.position.x, person.position.y, person.position.z) == pytest.approx(
        (2, 3 + 4 * math.cos(tilt), 1.2 - 4 * math.sin(tilt)))
    # The tracker has turned it into the fixed frame already.
    assert (person.velocity.x, person.velocity.y, person.velocity.z) == (0.5, 0.0, -1.0)
    tags = dict(zip(person.tagnames, person.tags, strict=True))
    assert tags['occluded'] == 'false' and tags['matched'] == 'true' and tags['track_age'] == '2'
    # Faces the camera, which looks along y: minus 90 degrees about z.
    assert [float(word) for word in tags['orientation'].split()] == pytest.approx(
        [0, 0, -math.sin(math.pi / 4), math.cos(math.pi / 4)], abs=1e-3)


def test_somebody_who_is_only_predicted_is_less_reliable(stage, people, robot, somebody):
    unseen = somebody(state=TrackState.COASTING, observation=None, unseen_s=0.5, joints=np.full((17, 3), np.nan),
                      velocity=np.full(3, np.nan))
    stage.publish([unseen, somebody(id='zzzz0', state=TrackState.TENTATIVE)], robot, **ON)
    stage.until(lambda: bool(people))
    [person] = people[-1].people
    assert person.reliability == pytest.approx(math.exp(-0.5))
    assert (person.velocity.x, person.velocity.y, person.velocity.z) == (0, 0, 0)
    assert dict(zip(person.tagnames, person.tags, strict=True)) == {
        'occluded': 'true', 'matched': 'false', 'track_age': '2'}


def test_the_list_is_empty_when_nobody_is_there_and_when_the_node_stops(stage, people, robot, somebody):
    stage.publish([], robot, **ON)
    stage.until(lambda: len(people) == 1)
    stage.publish([somebody()], robot, **ON)
    stage.outputs.clear()
    stage.until(lambda: len(people) == 3)
    assert [len(message.people) for message in people] == [0, 1, 0]


def test_without_a_fixed_frame_nothing_comes_and_the_reason_is_told(stage, people, robot, somebody):
    stage.publish([somebody()], None, **ON)
    assert stage.outputs.problem.startswith('consumers.people: there is no fixed frame')
    stage.spin(0.3)
    assert people == []
    stage.publish([somebody()], robot, **ON)
    assert stage.outputs.problem == ''
