"""Settings of all tests."""
from __future__ import annotations

import signal

import cv2
import numpy as np
import pytest
from hypothesis import settings

from hdnet_ros.camera import Camera
from hdnet_ros.models import ModelError, fetch, model_path

# No deadline: on a busy machine the slowest example says nothing about the code.
settings.register_profile('hdnet_ros', deadline=None)
settings.load_profile('hdnet_ros')


def pytest_sessionstart() -> None:
    """Let Ctrl-C work: a shell that runs the tests in the background hands down to all programs to ignore it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def signal_handlers():
    """Entry points that are called in this process ignore signals when they end; nobody else should."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.fixture(scope='session')
def fetched() -> None:
    """The default models and the footage are in the cache; skips where they cannot be fetched."""
    try:
        fetch(['ssd_mobilenet_v2', 'blazepose_full', 'pose2sim_footage'], progress=False)
    except ModelError as error:
        pytest.skip(str(error))


@pytest.fixture(scope='session')
def footage_folder(fetched):
    """Folder of the real footage: cam01.mp4 to cam04.mp4."""
    return model_path('pose2sim_footage')


@pytest.fixture(scope='session')
def read_frames(footage_folder):
    """A function that gives frames of a camera of the footage by number, (H, W, 3) uint8 BGR each."""
    from hdnet_ros.sources import open_source

    def read(camera, numbers):
        frames = {}
        for frame in open_source(str(footage_folder / f'{camera}.mp4')).frames():
            if frame.index in numbers:
                frames[frame.index] = frame.image
            if frame.index >= max(numbers):
                break
        return frames
    return read


@pytest.fixture(scope='session')
def write_film():
    """A function that writes a film of grey frames of 64 x 48 px: path, the level of each frame, frames per second."""
    def write(path, levels, fps):
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), fps, (64, 48))
        for level in levels:
            writer.write(np.full((48, 64, 3), level, np.uint8))
        writer.release()
        return path
    return write


@pytest.fixture
def write_bag(tmp_path):
    """Writes a bag of real messages: a ``BagWriter``."""
    return BagWriter(tmp_path)


class BagWriter:
    """Called with topics, name -> list of (time of recording in ns, message), it writes a bag and returns its path."""

    def __init__(self, folder):
        pytest.importorskip('rosbags', reason='reading bags needs the optional package rosbags')
        from rosbags.typesys import Stores, get_typestore
        self._folder = folder
        self._store = get_typestore(Stores.ROS2_JAZZY)
        self.types = self._store.types

    def __call__(self, topics, name='bag'):
        from rosbags.rosbag2 import Writer
        with Writer(self._folder / name, version=9) as writer:
            for topic, messages in topics.items():
                kind = messages[0][1].__msgtype__
                connection = writer.add_connection(topic, kind, typestore=self._store)
                for time, message in messages:
                    writer.write(connection, time, self._store.serialize_cdr(message, kind))
        return self._folder / name

    def image(self, stamp_ns, level, width=64, height=48):
        """A grey image."""
        return self.types['sensor_msgs/msg/Image'](
            header=self._header(stamp_ns), height=height, width=width, encoding='bgr8', is_bigendian=0, step=3 * width,
            data=np.full(3 * width * height, level, np.uint8))

    def info(self, stamp_ns, focal, width=64, height=48):
        """A calibration; the focal length of the rectified image is twice that of the raw one."""
        K = np.array([focal, 0, 31.5, 0, focal, 23.5, 0, 0, 1.0])
        P = np.array([2 * focal, 0, 31.5, 0, 0, 2 * focal, 23.5, 0, 0, 0, 1, 0.0])
        return self.types['sensor_msgs/msg/CameraInfo'](
            header=self._header(stamp_ns), height=height, width=width, distortion_model='plumb_bob', d=np.zeros(5), k=K,
            r=np.eye(3).ravel(), p=P, binning_x=0, binning_y=0, roi=self.types['sensor_msgs/msg/RegionOfInterest'](
                x_offset=0, y_offset=0, height=0, width=0, do_rectify=False))

    def _header(self, stamp_ns):
        time = self.types['builtin_interfaces/msg/Time'](sec=stamp_ns // 10 ** 9, nanosec=stamp_ns % 10 ** 9)
        return self.types['std_msgs/msg/Header'](stamp=time, frame_id='cam')


@pytest.fixture
def upright_photo(tmp_path):
    """A JPEG of 24 x 16 px whose EXIF data say that it is to be turned by 90 degrees."""
    plain = cv2.imencode('.jpg', np.zeros((16, 24, 3), np.uint8))[1].tobytes()
    tiff = b'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0'
    path = tmp_path / 'photos' / 'upright.jpg'
    path.parent.mkdir()
    path.write_bytes(plain[:2] + b'\xff\xe1' + (len(tiff) + 8).to_bytes(2, 'big') + b'Exif\0\0' + tiff + plain[2:])
    return path


_K = [[520.0, 0, 322.5], [0, 515.0, 238.0], [0, 0, 1]]
_LENSES = {
    'pinhole': Camera(640, 480, _K),
    'barrel': Camera(640, 480, _K, [-0.25, 0.06, 0.001, -0.0005], 'plumb_bob'),
    'rational': Camera(640, 480, _K, [0.52, -2.4, 0.0006, -0.0002, 1.47, 0.41, -2.2, 1.39], 'rational_polynomial'),
    'fisheye': Camera(640, 480, [[300.0, 0, 322.5], [0, 300.0, 238.0], [0, 0, 1]], [-0.02, 0.003, -0.001, 0.0002],
                      'equidistant'),
}


@pytest.fixture(scope='session', params=_LENSES)
def lens(request):
    """A camera of 640 x 480 px; each lens model in turn."""
    return _LENSES[request.param]
