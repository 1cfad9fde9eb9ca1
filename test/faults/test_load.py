"""Too much, too little, or from too many: the node goes on, tells what is wrong, and never builds a queue."""
from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

_clock = itertools.count(1000)

# Asks for everything the node publishes, reliably, and says so once the node has been found.
CONSUMER = '''
import rclpy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import Image
from visualization_msgs.msg import MarkerArray
from hdnet_ros.msg import PersonArray
rclpy.init()
node = rclpy.create_node('slow')
for kind, name in ((PersonArray, 'people'), (MarkerArray, 'markers'), (Image, 'debug_image')):
    node.create_subscription(kind, '/hdnet/' + name, lambda message: print('heard', flush=True), QoSProfile(depth=1000))
rclpy.spin(node)
'''


@pytest.fixture(scope='module')
def trial(module_trial):
    return module_trial(detections=True)


def test_a_consumer_that_hangs_holds_nobody_up(trial, tmp_path):
    """It has asked for reliable delivery of images, and then does not take them."""
    log = tmp_path / 'heard'
    with open(log, 'w') as file:
        consumer = subprocess.Popen([sys.executable, '-c', CONSUMER], stdout=file,
                                    env=dict(os.environ, ROS_DOMAIN_ID=str(trial.domain),
                                             ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST'))
    try:
        trial.station.until(lambda: bool(trial.show(next(_clock))) and len(log.read_text()) > 50, 30.0, 'no consumer')
        consumer.send_signal(signal.SIGSTOP)
        memory_mb, took_s = [], []
        for _ in range(30):
            begin = time.monotonic()
            assert len(trial.show(next(_clock)).persons) == 2
            took_s.append(time.monotonic() - begin)
            memory_mb.append(trial.child.usage().memory_mb)
        assert np.median(took_s[15:]) < 2 * np.median(took_s[:15]) + 0.1
        assert memory_mb[-1] - memory_mb[10] < 20
    finally:
        consumer.kill()
        consumer.wait()


def test_a_flood_at_ten_times_the_rate(start):
    trial = start(compressed=True)
    station = trial.station
    for _ in range(3):
        trial.show(next(_clock))
    begin = time.monotonic()
    for _ in range(5):
        trial.show(next(_clock))
    pace_s = (time.monotonic() - begin) / 5
    before, sent_s, latencies_s, known = trial.child.usage(), {}, [], len(trial.people)
    interval_s, count, begin = pace_s / 10, 60, time.monotonic()
    first = next(_clock)
    ready = [trial.messages(first + index, frame=index) for index in range(count)]
    for index, messages in enumerate(ready):
        sent_s[first + index] = time.monotonic()
        station.send(*messages)
        station.spin(max(0.0, begin + (index + 1) * interval_s - time.monotonic()))
        latencies_s += [time.monotonic() - sent_s[people.header.stamp.sec] for people in trial.people[known:]]
        known = len(trial.people)
    for _ in range(count):
        next(_clock)
    trial.heard(first + count - 1, timeout_s=20 * pace_s + 5)   # the newest is not lost, and none waits before it
    assert latencies_s and max(latencies_s) < 5 * pace_s + 1.0
    station.values.clear()
    station.until(lambda: 0 < station.count('images received') == sum(map(station.count, (
        'images processed', 'images dropped', 'images unmatched', 'images failed'))), 10.0, 'an image is missing')
    assert station.count('dropped for a newer one') > count / 4
    assert station.count('images failed') == 0
    assert trial.child.usage().memory_mb - before.memory_mb < 30


def test_a_camera_that_stalls_and_comes_back(trial):
    ids = {person.id for index in range(5) for person in trial.show(next(_clock) + 0.0, frame=index).persons}
    trial.told('no image for')
    heard = len(trial.people)
    trial.station.spin(0.5)
    assert len(trial.people) == heard   # silence, not old people
    assert len(trial.show(next(_clock)).persons) == len(ids) == 2
    trial.told('2 people in view')


def test_two_cameras_on_one_topic(trial):
    """Their times and frames differ: each image is used with its own calibration, nothing piles up, and it is told."""
    first = next(_clock)
    memory_mb = []
    for index in range(20):
        for frame_id, offset_s in (('left_optical', 0.0), ('right_optical', 500.0)):
            people = trial.show(first + offset_s + index / 10, frame=index, frame_id=frame_id)
            assert people.header.frame_id == frame_id and len(people.persons) == 2
        memory_mb.append(trial.child.usage().memory_mb)
    assert memory_mb[-1] - memory_mb[5] < 20
    for _ in range(500 + 3):
        next(_clock)
    other = trial.station.node.create_publisher(trial.station.publishers[0].msg_type, '/image', 1)
    trial.station.until(lambda: bool(trial.show(next(_clock))) and 'may be mixed' in trial.station.message, 20.0,
                        'no word of two publishers')
    trial.station.node.destroy_publisher(other)


def test_a_rate_limit_leaves_the_rest_and_counts_it(trial):
    assert trial.station.set_parameter('max_rate_hz', 2.0)
    try:
        first, known = next(_clock), len(trial.people)
        for index in range(20):
            trial.station.send(*trial.messages(first + index / 20))
            trial.station.spin(0.1)
        trial.station.spin(0.5)
        assert 3 <= len(trial.people) - known <= 7   # two seconds
        trial.station.until(lambda: trial.station.count('dropped for max_rate_hz') >= 12, 5.0, 'it is not counted')
    finally:
        assert trial.station.set_parameter('max_rate_hz', 0.0)
    assert trial.show(next(_clock)).persons
