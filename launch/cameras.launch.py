"""Starts one node hdnet per camera, each in the namespace of its camera, with ids and frames of its own.

ros2 launch hdnet_ros cameras.launch.py cameras:="front rear=/rear/rgb/image_raw"
"""
import re
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile

SHARE = Path(__file__).resolve().parents[1]
PREFIXES = 'abcdefghijklmopqrstuvwxz'   # without n and y, which ROS takes for booleans


def generate_launch_description() -> LaunchDescription:
    """The launch file's arguments and nodes."""
    return LaunchDescription([
        DeclareLaunchArgument('cameras', default_value='front rear',
                              description='names of the cameras, which become namespaces; NAME=TOPIC where the '
                                          'image is not /NAME/image_raw'),
        DeclareLaunchArgument('params_file', default_value=str(SHARE / 'config' / 'hdnet.yaml'),
                              description='file with the parameters: of all nodes and, by namespace, of each'),
        DeclareLaunchArgument('log_level', default_value='info',
                              choices=['debug', 'info', 'warn', 'error', 'fatal'], description='of the nodes'),
        DeclareLaunchArgument('use_sim_time', default_value='', choices=['', 'true', 'false'],
                              description='take the time from /clock; empty: as in params_file'),
        OpaqueFunction(function=_nodes),
    ])


def _nodes(context: LaunchContext) -> list[Node]:
    text = {name: LaunchConfiguration(name).perform(context)
            for name in ('cameras', 'params_file', 'log_level', 'use_sim_time')}
    time = {'use_sim_time': text['use_sim_time'] == 'true'} if text['use_sim_time'] else {}
    # The frames body_<id> of all nodes meet on /tf; prefixes make their ids disjoint.
    return [Node(package='hdnet_ros', executable='hdnet_node', name='hdnet', namespace=name, output='screen',
                 emulate_tty=True, remappings=[('image', topic)],
                 parameters=[ParameterFile(text['params_file']),
                             {'tracker.id_prefix': prefix, **time}],
                 arguments=['--ros-args', '--log-level', text['log_level']])
            for prefix, (name, topic) in zip(PREFIXES, cameras(text['cameras']).items(), strict=False)]


def cameras(text: str) -> dict[str, str]:
    """Image topic by camera; ValueError says what is wrong with the argument."""
    topics: dict[str, str] = {}
    for entry in text.replace(',', ' ').split():
        name, _, topic = entry.partition('=')
        if not re.fullmatch('[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*', name) or name in topics:
            raise ValueError(f'cameras:={text}: {name!r} is no namespace, or named twice')
        topics[name] = topic or 'image_raw'     # in the camera's namespace, and in one that is pushed around that
    if not 0 < len(topics) <= len(PREFIXES):
        raise ValueError(f'cameras:={text}: between 1 and {len(PREFIXES)} cameras are possible')
    return topics
