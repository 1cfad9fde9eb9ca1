from __future__ import annotations

import pytest
import rclpy
from rcl_interfaces.msg import SetParametersResult
from rclpy.context import Context
from rclpy.parameter import Parameter

from hdnet_ros.node.present_settings import PresentSettings
from hdnet_ros.node.settings import declare


@pytest.fixture
def node():
    context = Context()
    rclpy.init(context=context)
    node = rclpy.create_node('robot', context=context)
    declare(node)
    yield node
    node.destroy_node()
    context.try_shutdown()


def _outdating(settings: PresentSettings):
    """A callback that finds nothing wrong with a change."""
    def validate(parameters) -> SetParametersResult:
        settings.outdate()
        return SetParametersResult(successful=True)
    return validate


def test_one_snapshot_until_something_changes(node):
    settings = PresentSettings(node)
    node.add_on_set_parameters_callback(_outdating(settings))
    before = settings.get()
    assert settings.get() is before
    assert node.set_parameters([Parameter('tracker.late_s', value=2.0)])[0].successful
    assert settings.get().pipeline.tracker.late_s == 2.0 and before.pipeline.tracker.late_s == 0.1


@pytest.mark.parametrize('asked_first', [True, False])
def test_a_change_that_another_callback_refuses_changes_nothing(node, asked_first):
    settings = PresentSettings(node)
    refusal = SetParametersResult(successful=False, reason='not now')
    callbacks = [_outdating(settings), lambda parameters: refusal]   # rclpy asks the last one first
    for callback in callbacks[::-1] if asked_first else callbacks:
        node.add_on_set_parameters_callback(callback)
    before = settings.get()
    assert not node.set_parameters([Parameter('tracker.late_s', value=2.0)])[0].successful
    assert settings.get() == before
