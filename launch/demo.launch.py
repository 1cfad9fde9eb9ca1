"""Plays a video as if it were a camera and starts hdnet on it, without a robot.

ros2 launch hdnet_ros demo.launch.py video:=people.mp4 focal:=1000 rviz:=true
"""
from math import pi
from pathlib import Path

from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    IncludeLaunchDescription,
    OpaqueFunction,
    SetEnvironmentVariable,
)
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import EnvironmentVariable, LaunchConfiguration
from launch_ros.actions import Node

HERE = Path(__file__).resolve().parent
PROFILES = 'FASTRTPS_DEFAULT_PROFILES_FILE'


def generate_launch_description() -> LaunchDescription:
    """The launch file's arguments, the video publisher, and what hdnet.launch.py starts."""
    return LaunchDescription([
        DeclareLaunchArgument('video', description='video file, folder of images, or webcam (number or /dev/video0)'),
        DeclareLaunchArgument('focal', default_value='0.0',
                              description='focal length in pixels, if there is no calibration'),
        DeclareLaunchArgument('calibration', default_value='',
                              description='calibration file as camera_calibration writes it'),
        DeclareLaunchArgument('loop', default_value='true', choices=['true', 'false'],
                              description='play the video again and again'),
        DeclareLaunchArgument('rviz', default_value='false', choices=['true', 'false'], description='also start RViz'),
        DeclareLaunchArgument('params_file', default_value=str(HERE.parent / 'config' / 'hdnet.yaml'),
                              description='file with the parameters of hdnet'),
        # With its own settings Fast DDS loses most images of several megabytes; other middleware does not read this.
        SetEnvironmentVariable(PROFILES, EnvironmentVariable(
            PROFILES, default_value=str(HERE.parent / 'config' / 'fastdds_large_images.xml'))),
        OpaqueFunction(function=_video_publisher),
        # RViz wants a frame with z up: that of a camera held level.
        Node(package='tf2_ros', executable='static_transform_publisher', name='camera_mount',
             arguments=['--roll', str(-pi / 2), '--yaw', str(-pi / 2),
                        '--frame-id', 'camera_link', '--child-frame-id', 'camera_optical_frame']),
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(HERE / 'hdnet.launch.py')),
            launch_arguments={'image': '/camera/image_raw', 'rviz': LaunchConfiguration('rviz'),
                              'params_file': LaunchConfiguration('params_file')}.items()),
    ])


def _video_publisher(context: LaunchContext) -> list[Node]:
    # A function, because values have to be of the parameters' types: a video called 0 is a webcam, not a number.
    text = {name: LaunchConfiguration(name).perform(context) for name in ('video', 'focal', 'calibration', 'loop')}
    return [Node(package='hdnet_ros', executable='video_publisher', name='video_publisher', namespace='camera',
                 output='screen', emulate_tty=True, remappings=[('image', 'image_raw')],
                 parameters=[{'video': _file(text['video']), 'focal': float(text['focal']),
                              'camera_info': _file(text['calibration']), 'loop': text['loop'] == 'true'}])]


def _file(name: str) -> str:
    """The file's absolute path, since nodes may run elsewhere; anything that is no file stays as it is."""
    path = Path(name).expanduser()
    return str(path.resolve()) if name and path.exists() else name
