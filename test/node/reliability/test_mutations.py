from __future__ import annotations

import pytest

pytest.importorskip('rclpy', reason='needs ROS 2')

from rclpy.serialization import deserialize_message, serialize_message  # noqa: E402
from sensor_msgs.msg import CompressedImage  # noqa: E402

from hdnet_ros.calibration import CalibrationError  # noqa: E402
from hdnet_ros.camera import Camera  # noqa: E402
from hdnet_ros.image_decoding import ImageError, decode  # noqa: E402
from hdnet_ros.node.reliability.mutations import SMALL_PX, Mutator  # noqa: E402

MAKERS = {'image': lambda m, ns: m.image(ns), 'compressed': lambda m, ns: m.compressed(ns),
          'info': lambda m, ns: m.info(ns, (SMALL_PX, SMALL_PX)), 'detections': lambda m, ns: m.detections(ns)}


@pytest.mark.parametrize('make', MAKERS.values(), ids=MAKERS)
def test_the_seed_decides_and_everything_can_be_sent(make):
    def made(seed: int) -> list[str]:
        mutator = Mutator(seed, 300.0)
        messages = [make(mutator, 10 ** 12) for _ in range(150)]
        assert all(serialize_message(message) for message in messages)
        return [repr(message) for message in messages]   # NaN differs from itself
    one, same, other = made(1), made(1), made(2)
    assert one == same != other
    assert len(set(one)) > 75


def test_images_are_taken_or_refused_with_a_reason():
    """Neither always; and nothing else is raised."""
    mutator, taken = Mutator(3, 300.0), 0
    for _ in range(1500):
        message = mutator.image(10 ** 12)
        try:
            decoded = decode(message)
        except ImageError as error:
            assert len(str(error)) > 10
            continue
        assert decoded.shape == (message.height, message.width, 3)
        taken += 1
    assert 200 < taken < 1300


def test_calibrations_are_taken_or_refused_with_a_reason():
    mutator, taken = Mutator(4, 300.0), 0
    for _ in range(1500):
        try:
            Camera.from_camera_info(mutator.info(10 ** 12, (SMALL_PX, SMALL_PX)), image_size=(SMALL_PX, SMALL_PX))
            taken += 1
        except CalibrationError as error:
            assert len(str(error)) > 10
    assert 200 < taken < 1300


def test_damage_on_the_wire_changes_the_bytes():
    mutator = Mutator(5, 300.0)
    message = CompressedImage(format='jpeg', data=b'0123456789' * 10)
    good = serialize_message(message)
    damaged = [mutator.on_the_wire(message) for _ in range(100)]
    assert sum(each != good for each in damaged) > 80
    assert deserialize_message(good, CompressedImage) == message
