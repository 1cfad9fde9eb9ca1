"""Adapters in the running node: switched on and off while it works, from the worker's thread."""
from __future__ import annotations

import itertools

import pytest
from geometry_msgs.msg import PoseStamped, TransformStamped
from lifecycle_msgs.msg import Transition
from sensor_msgs.msg import PointCloud2
from std_srvs.srv import Trigger
from tf2_ros import StaticTransformBroadcaster

hri = pytest.importorskip('hri_msgs.msg')
people_msgs = pytest.importorskip('people_msgs.msg')
ADAPTERS = ('ros4hri', 'people', 'target', 'points', 'detections_3d')
_clock = itertools.count(1)


@pytest.fixture(scope='module')
def send(rig, messages, footage):
    """Sends the next frame of the footage with its boxes, and returns the people that come back."""
    def send():
        number = next(_clock)
        stamp_s = number / 10
        return rig.next_people(messages.image(footage.frames[number % 10], stamp_s),
                               messages.info(footage.width, footage.height, footage.focal_px, stamp_s),
                               messages.detections(footage.boxes, stamp_s))
    return send


@pytest.fixture
def switch(rig):
    """Switches adapters on and, after the test, off again."""
    def on(*names: str) -> None:
        for name in names:
            assert rig.set_parameter(f'consumers.{name}.enabled', True) == (True, '')
    yield on
    for name in ADAPTERS:
        rig.set_parameter(f'consumers.{name}.enabled', False)


def listen(rig, message_type, topic) -> list:
    received: list = []
    rig.probe.create_subscription(message_type, topic, received.append, 10)
    return received


def test_bodies_are_the_people_that_tf_has(rig, send, switch):
    switch('ros4hri')
    tracked = listen(rig, hri.IdsList, '/humans/bodies/tracked')
    rig.until(lambda: bool(send()) and bool(tracked) and len(tracked[-1].ids) == 2, 30.0)
    people = send()

    def frames() -> set[str]:
        return {each.child_frame_id for each in rig.transforms if each.header == people.header}
    rig.until(lambda: tracked[-1].header == people.header and len(frames()) == 2)
    assert frames() == {f'body_{each}' for each in tracked[-1].ids}
    [first, second] = tracked[-1].ids
    skeletons = listen(rig, hri.Skeleton2D, f'/humans/bodies/{first}/skeleton2d')
    rig.until(lambda: bool(send()) and bool(skeletons), 30.0)
    known = [point for point in skeletons[-1].skeleton if point.c > 0.5]
    assert len(known) >= 12 and all(0 <= point.x <= 1 and 0 <= point.y <= 1 for point in known)


def test_somebody_is_selected_by_service(rig, send, switch):
    switch('target')
    rig.until(lambda: bool(send()) and rig.call(Trigger, '/hdnet/select_nearest', Trigger.Request()).success, 30.0)
    selected = rig.node.get_parameter('consumers.target.id').value
    people = {person.id: person.root.pose.position.z for person in send().persons}
    assert people[selected] == min(people.values())
    assert rig.set_parameter('consumers.target.id', 'nobo0') == (True, '')
    send()
    rig.stream_until('the selected person nobo0 is not in view', send)
    assert rig.set_parameter('consumers.target.id', '') == (True, '')


def test_people_are_where_tf_says(make_rig, messages, footage):
    rig = make_rig({'detector.kind': 'given', 'fixed_frame': 'odom', 'consumers.people.enabled': True,
                    'consumers.target.enabled': True})
    rig.wait_state('active')
    # The camera looks along odom's x axis, 1.2 m above the floor.
    mount = TransformStamped(child_frame_id='camera_optical')
    mount.header.frame_id = 'odom'
    mount.transform.translation.z = 1.2
    rotation = mount.transform.rotation
    rotation.x, rotation.y, rotation.z, rotation.w = -0.5, 0.5, -0.5, 0.5
    StaticTransformBroadcaster(rig.probe).sendTransform(mount)
    lists = listen(rig, people_msgs.People, '/people')
    targets = listen(rig, PoseStamped, '/hdnet/target_pose')

    def send():
        number = next(_clock)
        return rig.next_people(messages.image(footage.frames[number % 10], number / 10),
                               messages.info(footage.width, footage.height, footage.focal_px, number / 10),
                               messages.detections(footage.boxes, number / 10))
    rig.until(lambda: bool(send()) and bool(lists) and len(lists[-1].people) == 2, 30.0)
    people = send()
    rig.until(lambda: lists[-1].header.stamp == people.header.stamp == targets[-1].header.stamp)
    assert lists[-1].header.frame_id == targets[-1].header.frame_id == 'odom'
    places = {person.id: person.root.pose.position for person in people.persons}
    for person in lists[-1].people:
        place, seen = person.position, places[person.name]
        assert (place.x, place.y, place.z) == pytest.approx((seen.z, -seen.x, 1.2 - seen.y), abs=1e-6)
        velocity = next(each.velocity.twist.linear for each in people.persons if each.id == person.name)
        assert (person.velocity.x, person.velocity.y, person.velocity.z) == (velocity.x, velocity.y, velocity.z)
        assert next(each.velocity_frame for each in people.persons if each.id == person.name) == 'odom'


def test_a_missing_fixed_frame_is_told_in_the_diagnostics(rig, send, switch):
    switch('people')
    assert rig.stream_until('consumers.people: there is no fixed frame', send)


def test_switching_while_images_stream_loses_none_of_them(rig, send, switch):
    clouds = listen(rig, PointCloud2, '/hdnet/points')
    processed = rig.timings[-1].images_processed if rig.timings else 0
    rounds = 12
    for number in range(rounds):
        for name in ADAPTERS:
            rig.set_parameter(f'consumers.{name}.enabled', number % 2 == 0)
        send()
    rig.until(lambda: rig.timings[-1].images_processed >= processed + rounds)
    assert rig.timings[-1].images_failed == 0
    assert clouds


def test_everybody_is_gone_when_the_node_stops(rig, send, switch):
    switch('ros4hri', 'points')
    tracked = listen(rig, hri.IdsList, '/humans/bodies/tracked')
    clouds = listen(rig, PointCloud2, '/hdnet/points')
    rig.until(lambda: bool(send()) and bool(tracked) and len(tracked[-1].ids) == 2 and bool(clouds), 30.0)
    assert rig.change_state(Transition.TRANSITION_DEACTIVATE)
    rig.until(lambda: list(tracked[-1].ids) == [] and clouds[-1].width == 0)
    assert rig.change_state(Transition.TRANSITION_CLEANUP)
    rig.until(lambda: not rig.probe.count_publishers('/humans/bodies/tracked'))
    assert rig.change_state(Transition.TRANSITION_CONFIGURE)
    assert rig.change_state(Transition.TRANSITION_ACTIVATE)
    rig.until(lambda: bool(rig.probe.count_publishers('/humans/bodies/tracked')))
