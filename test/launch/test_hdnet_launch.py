"""launch/hdnet.launch.py as ROS 2's own launch runs it: arguments, activation by itself, one frame, a clean end."""
# ruff: noqa: E402
from __future__ import annotations

import tempfile
import time
import unittest
from pathlib import Path

import pytest

REASON = "ROS 2's launch is not here (PyPI does not carry it); this runs where ROS 2 itself is installed"
pytest.importorskip('launch_testing', reason=REASON)
pytest.importorskip('launch_ros.actions', reason=REASON)
pytest.importorskip('lifecycle_msgs.srv', reason=REASON)

import launch_testing.actions
import launch_testing.asserts
import rclpy
from diagnostic_msgs.msg import DiagnosticArray
from hdnet_ros.msg import PersonArray
from launch import LaunchDescription
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
from lifecycle_msgs.msg import State
from lifecycle_msgs.srv import GetState
from rcl_interfaces.srv import GetParameters
from sensor_msgs.msg import CameraInfo, Image

from hdnet_ros.models import ModelError, model_path
from hdnet_ros.resources import share_folder

try:
    MODELS = [model_path(name) for name in ('ssd_mobilenet_v2', 'blazepose_full')]
except ModelError as error:
    pytest.skip(f'the node cannot be activated without its models: {error}', allow_module_level=True)

LAUNCH_FILE = Path(share_folder('launch')) / 'hdnet.launch.py'
NODE = '/front/hdnet'
PARAMETERS = """
/**:
  ros__parameters:
    detector.score_threshold: 0.55
    device: cuda
    use_sim_time: true
"""


@pytest.mark.launch_test
def generate_test_description():
    with tempfile.NamedTemporaryFile('w', suffix='.yaml', delete=False) as file:
        file.write(PARAMETERS)
    arguments = {'namespace': 'front', 'image': 'camera/image_raw', 'log_level': 'warn', 'device': 'cpu',
                 'params_file': file.name}
    return LaunchDescription([
        IncludeLaunchDescription(PythonLaunchDescriptionSource(str(LAUNCH_FILE)), launch_arguments=arguments.items()),
        launch_testing.actions.ReadyToTest(),
    ]), {'parameter_file': Path(file.name)}


class TestRunning(unittest.TestCase):
    """While the node runs; the methods' order does not matter."""

    @classmethod
    def setUpClass(cls):
        rclpy.init()
        cls.node = rclpy.create_node('hdnet_launch_test')

    @classmethod
    def tearDownClass(cls):
        cls.node.destroy_node()
        rclpy.shutdown()

    def wait_for(self, condition, timeout_s=30.0, meanwhile=lambda: None):
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            meanwhile()
            rclpy.spin_once(self.node, timeout_sec=0.1)
            if condition():
                return True
        return False

    def call(self, service_type, name, request):
        client = self.node.create_client(service_type, f'{NODE}/{name}')
        try:
            self.assertTrue(client.wait_for_service(timeout_sec=30.0), f'{NODE}/{name} is not there')
            future = client.call_async(request)
            self.assertTrue(self.wait_for(future.done), f'{NODE}/{name} does not answer')
            return future.result()
        finally:
            self.node.destroy_client(client)

    def active(self):
        return self.call(GetState, 'get_state', GetState.Request()).current_state.id == State.PRIMARY_STATE_ACTIVE

    def test_it_activates_by_itself(self):
        self.assertTrue(self.wait_for(self.active, timeout_s=60.0), 'the node did not become active')

    def test_parameters_come_from_the_file_and_the_arguments(self):
        names = ['autostart', 'use_sim_time', 'detector.score_threshold', 'device']
        values = self.call(GetParameters, 'get_parameters', GetParameters.Request(names=names)).values
        self.assertEqual([values[0].bool_value, values[1].bool_value], [True, True])    # not overridden by defaults
        self.assertEqual([values[2].double_value, values[3].string_value], [0.55, 'cpu'])

    def test_one_empty_image_gives_one_empty_list(self):
        people: list[PersonArray] = []
        subscription = self.node.create_subscription(PersonArray, f'{NODE}/people', people.append, 10)
        images = self.node.create_publisher(Image, '/front/camera/image_raw', 1)
        infos = self.node.create_publisher(CameraInfo, '/front/camera/camera_info', 1)
        stamps = []

        def publish():
            stamp = self.node.get_clock().now().to_msg()
            stamps.append((stamp.sec, stamp.nanosec))
            info = CameraInfo(width=64, height=48, distortion_model='plumb_bob', d=[0.0] * 5,
                              k=[60.0, 0.0, 31.5, 0.0, 60.0, 23.5, 0.0, 0.0, 1.0])
            image = Image(width=64, height=48, encoding='mono8', step=64, data=bytes(64 * 48))
            for message, publisher in ((info, infos), (image, images)):
                message.header.stamp = stamp
                message.header.frame_id = 'front_optical_frame'
                publisher.publish(message)

        try:
            self.assertTrue(self.wait_for(lambda: people, timeout_s=60.0, meanwhile=publish), 'no list of people')
        finally:
            for entity in (images, infos):
                self.node.destroy_publisher(entity)
            self.node.destroy_subscription(subscription)
        stamp = people[0].header.stamp
        self.assertIn((stamp.sec, stamp.nanosec), stamps)
        self.assertEqual(people[0].header.frame_id, 'front_optical_frame')
        self.assertEqual(len(people[0].persons), 0)

    def test_diagnostics_name_the_topics(self):
        values: dict[str, str] = {}

        def receive(message):
            for status in message.status:
                values.update({pair.key: pair.value for pair in status.values})

        subscription = self.node.create_subscription(DiagnosticArray, '/diagnostics', receive, 10)
        found = self.wait_for(lambda: values.get('image topic') == '/front/camera/image_raw', timeout_s=60.0)
        self.node.destroy_subscription(subscription)
        self.assertTrue(found, f'diagnostics say {values}')


@launch_testing.post_shutdown_test()
class TestEnd(unittest.TestCase):
    """After launch has interrupted the node."""

    def test_the_node_ended_well(self, proc_info):
        launch_testing.asserts.assertExitCodes(proc_info)

    def test_nothing_went_wrong(self, proc_output, parameter_file):
        parameter_file.unlink()
        text = ''.join(io.text.decode() for io in proc_output)
        self.assertNotIn('Traceback', text)
        self.assertNotIn('[ERROR]', text)
