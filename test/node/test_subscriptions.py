"""What the inputs tell about messages that do not get through; the rest is tried with the whole node."""
from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

rclpy = pytest.importorskip('rclpy', reason='needs ROS 2')

from hdnet_ros.node.subscriptions import SynchronisedInputs  # noqa: E402
from hdnet_ros.node.topics import Topics  # noqa: E402


@pytest.fixture
def inputs():
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=1 + os.getpid() % 100)
    node = rclpy.create_node('inputs', context=context)
    made = SynchronisedInputs(node, Topics('/image', '/camera_info', compressed=False), 0.0, 10, lambda: 0.0,
                              lambda: None, lambda inputs: None, lambda: None)
    yield made
    made.close()
    node.destroy_node()
    rclpy.shutdown(context=context)


def lose(inputs, count):
    inputs._lose(inputs._inputs[0], SimpleNamespace(total_count_change=count))


def test_the_share_that_is_lost_is_of_the_latest_messages(inputs, messages):
    def image(stamp_s):
        inputs._receive(inputs._inputs[0], messages.info(64, 48, 60.0, stamp_s))
    lose(inputs, 8)
    assert (inputs.facts()[0].lost, inputs.facts()[0].lost_share) == (8, 0.0)   # too few to say
    for second in range(1, 41):
        image(float(second))
        lose(inputs, 2)
    image_facts, info_facts = inputs.facts()
    assert image_facts.lost == 88 and image_facts.lost_share == pytest.approx(2 / 3)
    assert (info_facts.lost, info_facts.lost_share) == (0, 0.0)
    for second in range(41, 72):
        image(float(second))
    assert inputs.facts()[0].lost_share == 0.0      # it is over
    lose(inputs, 1000)
    assert inputs.facts()[0].lost_share == 1.0
