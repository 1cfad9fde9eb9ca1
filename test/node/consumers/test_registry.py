from __future__ import annotations

import sys

import pytest

from hdnet_ros.node.consumers.registry import KINDS, check_packages, make_consumer
from hdnet_ros.node.consumers.settings import ConsumerSettings
from hdnet_ros.node.outputs import OutputSettings
from hdnet_ros.node.parameters import DEFAULTS
from hdnet_ros.node.settings import make_settings, refusal


@pytest.fixture
def without(monkeypatch):
    """Makes as if a package of messages were not installed."""
    def hide(package: str) -> None:
        for name in [name for name in sys.modules if name.partition('.')[0] == package]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setitem(sys.modules, package, None)
    return hide


def test_every_adapter_has_a_switch_and_is_off():
    switches = {name for name in DEFAULTS if name.startswith('consumers.') and name.endswith('.enabled')}
    assert switches == {f'consumers.{name}.enabled' for name in KINDS}
    assert not any(DEFAULTS[name] for name in switches)
    assert make_settings(DEFAULTS).outputs.consumers == ConsumerSettings()


@pytest.mark.parametrize(('name', 'package', 'apt'), [
    ('ros4hri', 'hri_msgs', 'hri-msgs'), ('people', 'people_msgs', 'people-msgs'),
    ('detections_3d', 'vision_msgs', 'vision-msgs')])
def test_a_missing_package_is_named_with_how_to_install_it(without, name, package, apt):
    without(package)
    reason = refusal({f'consumers.{name}.enabled': True}, DEFAULTS, active=True)
    assert reason.startswith(f'consumers.{name} needs the package {package}: ')
    assert f'sudo apt install ros-$ROS_DISTRO-{apt}' in reason
    assert refusal({'consumers.points.enabled': True}, DEFAULTS, active=True) == ''


def test_packages_of_adapters_that_are_off_are_not_needed(without):
    for kind in KINDS.values():
        without(kind.package)
    check_packages([])


@pytest.mark.parametrize(('name', 'message', 'topic'), [
    ('ros4hri', 'hri_msgs.msg.IdsList', '/humans/bodies/tracked'), ('people', 'people_msgs.msg.People', 'people'),
    ('points', 'sensor_msgs.msg.PointCloud2', 'hdnet/points'),
    ('detections_3d', 'vision_msgs.msg.Detection3DArray', 'hdnet/detections_3d')])
def test_that_nobody_is_there_is_told_once_and_of_a_frame(stage, robot, name, message, topic):
    """A node that is stopped before its first image, or twice, has nothing to add."""
    module, _, message_name = message.rpartition('.')
    message_type = getattr(pytest.importorskip(module), message_name)
    stage.outputs.prepare(OutputSettings(consumers=ConsumerSettings(enabled=(name,))))
    received = stage.listen(message_type, topic)
    stage.outputs.clear()
    sent = stage.publish([], fixed=robot, enabled=(name,))
    stage.outputs.clear()
    stage.outputs.clear()
    stage.until(lambda: len(received) >= 2)
    stage.spin(0.3)
    assert len(received) == 2
    assert all(each.header.stamp == sent.stamp and each.header.frame_id in ('camera_optical', 'odom')
               for each in received)


@pytest.mark.parametrize('name', KINDS)
def test_adapters_are_made_and_taken_away(stage, name):
    pytest.importorskip(f'{KINDS[name].package}.msg')
    node = stage.node

    def waited_for() -> list:
        return [*node.waitables, *node.services, *node.subscriptions, *node.timers, *node.guards]
    before, publishers = waited_for(), list(node.publishers)
    consumer = make_consumer(name, node)
    assert len(list(node.publishers)) > len(publishers)
    assert waited_for() == before, 'destroyed in the worker, this would end the executor'
    consumer.close()
    assert list(node.publishers) == publishers
