"""Keeps ROS 2 to this machine: for trials and demonstrations, which are never to reach a robot."""
from __future__ import annotations

import os
from collections.abc import Mapping

# With these, nodes reach others far away whatever the range of discovery is.
_BEYOND = ('ROS_STATIC_PEERS', 'ROS_DISCOVERY_SERVER')


def local_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Environment variables with which nodes hear only those on this machine.

    environment: what they are changed from; ``ROS_DISTRO`` in it tells how this is said.
    """
    local = {name: value for name, value in environment.items() if name not in _BEYOND}
    if environment.get('ROS_DISTRO') == 'humble':
        local['ROS_LOCALHOST_ONLY'] = '1'
    else:
        local.pop('ROS_LOCALHOST_ONLY', None)   # it would overrule the other one
        local['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    return local


def use_local_network() -> None:
    """Keep this process to this machine, and those that it starts; to be called before rclpy begins."""
    local = local_environment(os.environ)
    for name in os.environ.keys() - local.keys():
        del os.environ[name]
    os.environ.update(local)
