"""Runs these tests against the stand-ins only."""
from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

NAMES = ('message_filters', 'tf2_ros', 'tf2_msgs', 'vision_msgs', 'hri_msgs', 'people_msgs', 'cv_bridge',
         'tf_transformations')
SOURCE = Path(__file__).resolve().parents[2] / 'standalone'


def why_not() -> str | None:
    """Why the stand-ins cannot be tested here, or None."""
    try:
        version('hdnet-ros-standalone')
    except PackageNotFoundError:
        return 'the stand-ins are not installed here (pip install ./standalone), as on a machine with ROS 2 itself'
    for name in NAMES:
        found = Path(importlib.util.find_spec(name).origin).resolve()
        if Path(sys.prefix).resolve() not in found.parents and SOURCE not in found.parents:
            return f'the real {name} comes first: {found}'
    return None


@pytest.fixture(scope='session')
def reason_to_skip() -> str | None:
    return why_not()


@pytest.fixture(autouse=True)
def only_stand_ins(reason_to_skip: str | None) -> None:
    if reason_to_skip:
        pytest.skip(reason_to_skip)


@pytest.fixture
def node() -> Iterator:
    """A node in a DDS domain of this process alone."""
    import rclpy
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=1 + os.getpid() % 100)
    made = rclpy.create_node('standalone_test', context=context)
    yield made
    made.destroy_node()
    rclpy.shutdown(context=context)


@pytest.fixture
def spin_until(node) -> Iterator:
    """Spin the node until a condition holds, 10 s at most; whether it does."""
    from time import monotonic

    from rclpy.executors import SingleThreadedExecutor
    executor = SingleThreadedExecutor(context=node.context)
    executor.add_node(node)

    def spin(condition, action=lambda: None, limit_s=10.0) -> bool:
        end = monotonic() + limit_s
        while not condition() and monotonic() < end:
            action()
            executor.spin_once(timeout_sec=0.05)
        return bool(condition())

    yield spin
    executor.remove_node(node)
    executor.shutdown()
