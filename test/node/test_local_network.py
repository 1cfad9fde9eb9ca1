"""Trials and demonstrations stay on this machine, whatever the environment says."""
from __future__ import annotations

import os

import pytest

from hdnet_ros.node.local_network import local_environment, use_local_network
from hdnet_ros.node.reliability import node_process


def test_jazzy_and_later_are_told_by_the_range():
    wide = {'ROS_DISTRO': 'jazzy', 'ROS_LOCALHOST_ONLY': '0', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET', 'A': 'b'}
    assert local_environment(wide) == {'ROS_DISTRO': 'jazzy', 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'A': 'b'}
    assert wide['ROS_LOCALHOST_ONLY'] == '0'


def test_humble_knows_another_variable():
    assert local_environment({'ROS_DISTRO': 'humble'}) == {'ROS_DISTRO': 'humble', 'ROS_LOCALHOST_ONLY': '1'}


def test_nobody_elsewhere_is_named_either():
    named = {'ROS_STATIC_PEERS': '10.0.0.7', 'ROS_DISCOVERY_SERVER': '10.0.0.7:11811', 'A': 'b'}
    for distribution in ('humble', 'jazzy'):
        assert not {'ROS_STATIC_PEERS', 'ROS_DISCOVERY_SERVER'} & {*local_environment(
            {**named, 'ROS_DISTRO': distribution})}


@pytest.fixture
def anywhere(monkeypatch):
    for name in ('ROS_DISTRO', 'ROS_AUTOMATIC_DISCOVERY_RANGE'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv('ROS_LOCALHOST_ONLY', '0')
    monkeypatch.setenv('ROS_STATIC_PEERS', '10.0.0.7')


def test_a_process_and_what_it_starts(anywhere):
    use_local_network()
    assert os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST' and 'ROS_LOCALHOST_ONLY' not in os.environ
    assert 'ROS_STATIC_PEERS' not in os.environ


def test_the_node_of_a_trial_is_kept_here_before_anything_else_is(anywhere, monkeypatch, tmp_path):
    environments = []
    monkeypatch.setattr(node_process.subprocess, 'Popen', lambda command, env, **more: environments.append(env))
    node_process.NodeProcess({}, 7, tmp_path / 'log')
    assert environments[0]['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert environments[0]['ROS_DOMAIN_ID'] == '7'
