from __future__ import annotations

import re
import time
from types import SimpleNamespace

import numpy as np
import pytest
from rcl_interfaces.msg import SetParametersResult
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from hdnet_ros.node.consumers import selection
from hdnet_ros.node.consumers.selection import SELECTED, SWITCH
from hdnet_ros.perception.people import TrackState


@pytest.fixture
def call(stage):
    """Calls the service, with the adapter switched on."""
    stage.node.declare_parameter(SWITCH, True)
    stage.node.declare_parameter(SELECTED, '')
    client = stage.probe.create_client(Trigger, '/hdnet/select_nearest')
    stage.until(client.service_is_ready)

    def call() -> Trigger.Response:
        future = client.call_async(Trigger.Request())
        stage.until(future.done)
        return future.result()
    return call


def test_whoever_is_nearest_is_selected(stage, call, somebody):
    stage.publish([somebody(), somebody(id='near0', root=np.array([0.5, 0.0, 2.0])),
                   somebody(id='maybe', root=np.array([0.0, 0.0, 1.0]), state=TrackState.TENTATIVE)])
    answer = call()
    assert answer.success and answer.message == 'near0'
    assert stage.node.get_parameter(SELECTED).value == 'near0'


def test_nobody_can_be_selected_when_nobody_is_there(stage, call, somebody):
    answer = call()
    assert not answer.success and answer.message == 'nobody is in view'
    stage.publish([somebody()])
    stage.publish([])
    assert not call().success
    stage.publish([somebody()])
    stage.outputs.clear()
    assert not call().success
    assert stage.node.get_parameter(SELECTED).value == ''


def test_whoever_was_nearest_long_ago_is_not_selected(stage, call, somebody, monkeypatch):
    stage.publish([somebody()])
    now_s = time.monotonic()
    monkeypatch.setattr(selection, 'time', SimpleNamespace(monotonic=lambda: now_s + 8))
    answer = call()
    assert not answer.success and re.fullmatch(r'there has been no image for [78]\.\d s', answer.message)
    stage.publish([somebody()])     # 8 s after the one before: at such a rate it is recent for a while
    monkeypatch.setattr(selection, 'time', SimpleNamespace(monotonic=lambda: now_s + 18))
    assert call().success


def test_a_selection_that_is_refused_says_why(stage, call, somebody):
    stage.publish([somebody()])
    stage.node.add_on_set_parameters_callback(lambda changes: SetParametersResult(successful=False, reason='not now'))
    answer = call()
    assert not answer.success and answer.message == 'not now'


def test_selecting_without_the_adapter_says_what_to_switch_on(stage, call, somebody):
    stage.node.set_parameters([Parameter(SWITCH, value=False)])
    stage.publish([somebody()])
    answer = call()
    assert not answer.success and answer.message == 'set consumers.target.enabled to true first'
