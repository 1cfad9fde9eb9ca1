from __future__ import annotations

import subprocess
import sys

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

AS_IN_HUMBLE = '''
import importlib, pkgutil, sys
import rclpy.node
modern = sys.modules.get('rclpy.event_handler')
if modern is not None:
    sys.modules.update({'rclpy.qos_event': modern, 'rclpy.event_handler': None})
import hdnet_ros.node
for module in pkgutil.walk_packages(hdnet_ros.node.__path__, 'hdnet_ros.node.'):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        assert error.name.partition('.')[0] in ('hri_msgs', 'people_msgs'), error
    print(module.name)
'''


def test_the_whole_package_can_be_imported_where_rclpy_keeps_them_as_humble_does():
    ended = subprocess.run([sys.executable, '-c', AS_IN_HUMBLE], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert {'hdnet_ros.node.hdnet_node', 'hdnet_ros.node.consumers.ros4hri'} <= set(ended.stdout.split())
