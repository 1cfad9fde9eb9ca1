"""Starts the node hdnet for one camera, and RViz if asked.

ros2 launch hdnet_ros hdnet.launch.py image:=/camera/image_raw rviz:=true
"""
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterFile, ParameterValue

from hdnet_ros.camera_topics import camera_info_topic

SHARE = Path(__file__).resolve().parents[1]


def generate_launch_description() -> LaunchDescription:
    """The launch file's arguments and nodes."""
    return LaunchDescription([
        DeclareLaunchArgument('image', default_value='image',
                              description='topic of the image; for the transport "compressed" still the raw one'),
        DeclareLaunchArgument('camera_info', default_value='',
                              description='topic of the CameraInfo; empty: the sibling of the image topic'),
        DeclareLaunchArgument('namespace', default_value='', description='namespace of the node'),
        DeclareLaunchArgument('params_file', default_value=str(SHARE / 'config' / 'hdnet.yaml'),
                              description='file with the parameters'),
        DeclareLaunchArgument('rviz', default_value='false', choices=['true', 'false'],
                              description='also start RViz'),
        DeclareLaunchArgument('rviz_frame', default_value='camera_link',
                              description='fixed frame of RViz: z up, connected with the camera by tf'),
        DeclareLaunchArgument('autostart', default_value='', choices=['', 'true', 'false'],
                              description='configure and activate the node by itself; empty: as in params_file'),
        DeclareLaunchArgument('log_level', default_value='info',
                              choices=['debug', 'info', 'warn', 'error', 'fatal'], description='of the node'),
        DeclareLaunchArgument('use_sim_time', default_value='', choices=['', 'true', 'false'],
                              description='take the time from /clock, RViz too; empty: the node as in params_file, '
                                          'RViz not'),
        DeclareLaunchArgument('device', default_value='',
                              description='"auto", "cpu", "cuda" or "cuda:N"; empty: as in params_file'),
        OpaqueFunction(function=_nodes),
    ])


def _nodes(context: LaunchContext) -> list[Node]:
    # A function, because an empty argument must leave its remapping or parameter out.
    argument = {name: LaunchConfiguration(name).perform(context)
                for name in ('image', 'camera_info', 'namespace', 'params_file', 'rviz', 'rviz_frame', 'log_level',
                             'device', 'autostart', 'use_sim_time')}
    remappings = [('image', argument['image'])]
    if argument['camera_info']:
        # The sibling of the image too: the node cannot see a remapping to the name that camera_info has anyway.
        sibling = camera_info_topic(argument['image'])
        remappings += [(name, argument['camera_info']) for name in dict.fromkeys(('camera_info', sibling))]
    given = {name: argument[name] == 'true' for name in ('autostart', 'use_sim_time') if argument[name]}
    if argument['device']:
        given['device'] = ParameterValue(argument['device'], value_type=str)
    parameters = [ParameterFile(argument['params_file']), *([given] if given else [])]
    nodes = [Node(package='hdnet_ros', executable='hdnet_node', name='hdnet', namespace=argument['namespace'],
                  output='screen', emulate_tty=True, parameters=parameters, remappings=remappings,
                  arguments=['--ros-args', '--log-level', argument['log_level']])]
    if argument['rviz'] == 'true':
        # Of whoever includes this file, too (PushRosNamespace).
        above = context.launch_configurations.get('ros_namespace', '')
        below = argument['namespace']
        parts = [part.strip('/') for part in ('' if below.startswith('/') else above, below, 'hdnet')]
        hdnet = '/' + '/'.join(filter(None, parts))
        nodes.append(Node(package='rviz2', executable='rviz2', name='rviz', output='screen',
                          arguments=['-d', str(SHARE / 'config' / 'hdnet.rviz'), '-f', argument['rviz_frame']],
                          parameters=[{'use_sim_time': given['use_sim_time']}] if 'use_sim_time' in given else None,
                          remappings=[(f'/hdnet/{topic}', f'{hdnet}/{topic}') for topic in ('markers', 'debug_image')]))
    return nodes
