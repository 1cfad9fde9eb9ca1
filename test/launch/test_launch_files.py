"""The launch files as ROS 2's own launch reads them: their arguments, and what they refuse."""
# ruff: noqa: E402
from __future__ import annotations

from pathlib import Path

import pytest

REASON = "ROS 2's launch is not here (PyPI does not carry it); this runs where ROS 2 itself is installed"
pytest.importorskip('launch.actions', reason=REASON)
pytest.importorskip('launch_ros.actions', reason=REASON)

from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import (
    PythonLaunchDescriptionSource,
    get_launch_description_from_python_launch_file,
)

from hdnet_ros.resources import share_folder

LAUNCH_FILES = sorted(Path(share_folder('launch')).glob('*.launch.py'))


def exit_code(file: str, **arguments: str) -> int:
    """Of launching a file with arguments that it is expected to refuse."""
    path = next(path for path in LAUNCH_FILES if path.name == file)
    service = LaunchService(noninteractive=True)
    service.include_launch_description(LaunchDescription([IncludeLaunchDescription(
        PythonLaunchDescriptionSource(str(path)), launch_arguments=arguments.items())]))
    return service.run(shutdown_when_idle=True)


@pytest.mark.parametrize('path', LAUNCH_FILES, ids=lambda path: path.name)
def test_every_argument_is_described(path):
    arguments = get_launch_description_from_python_launch_file(str(path)).get_launch_arguments()
    assert arguments
    assert [argument.name for argument in arguments if len(argument.description) < 10] == []


def test_the_arguments_are_those_promised():
    path = next(path for path in LAUNCH_FILES if path.name == 'hdnet.launch.py')
    arguments = get_launch_description_from_python_launch_file(str(path)).get_launch_arguments()
    names = {argument.name for argument in arguments}
    assert names >= {'image', 'camera_info', 'namespace', 'params_file', 'rviz', 'autostart', 'log_level',
                     'use_sim_time', 'device'}


def test_a_value_that_is_none_of_the_choices_is_refused():
    assert exit_code('hdnet.launch.py', rviz='perhaps') != 0


def test_the_demo_wants_a_video():
    assert exit_code('demo.launch.py') != 0


@pytest.mark.parametrize('cameras', ['', 'front front', 'front 2nd', 'front/', ' '.join(f'c{i}' for i in range(25))])
def test_names_that_cameras_cannot_have(cameras):
    assert exit_code('cameras.launch.py', cameras=cameras) != 0
