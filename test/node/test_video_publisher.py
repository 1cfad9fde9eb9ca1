from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid

import cv2
import numpy as np
import pytest

rclpy = pytest.importorskip('rclpy', reason='needs ROS 2')

from rclpy.executors import SingleThreadedExecutor  # noqa: E402
from rclpy.node import Node  # noqa: E402
from rclpy.parameter import Parameter  # noqa: E402
from rclpy.qos import qos_profile_sensor_data  # noqa: E402
from sensor_msgs.msg import CameraInfo, Image  # noqa: E402

from hdnet_ros.calibration import CalibrationError  # noqa: E402
from hdnet_ros.camera import Camera  # noqa: E402
from hdnet_ros.node import video_publisher  # noqa: E402
from hdnet_ros.node.video_publisher import VideoPublisher  # noqa: E402
from hdnet_ros.sources import SourceError  # noqa: E402
from hdnet_ros.sources.source import Frame  # noqa: E402
from hdnet_ros.sources.webcam import Webcam  # noqa: E402

DOMAIN = '77'
LEVELS = [20 * i for i in range(8)]


@pytest.fixture(scope='module')
def film(tmp_path_factory, write_film):
    return write_film(tmp_path_factory.mktemp('film') / 'film.avi', LEVELS, 20)


@pytest.fixture
def ros():
    """Makes publishers and listeners in a namespace of their own, and spins them."""
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=int(DOMAIN))
    namespace = '/t' + uuid.uuid4().hex[:8]
    executor = SingleThreadedExecutor(context=context)

    class Ros:
        def publisher(self, **parameters):
            extra = {k: parameters.pop(k) for k in ('camera', 'on_frame') if k in parameters}
            node = VideoPublisher(context=context, namespace=namespace, **extra,
                                  parameter_overrides=[Parameter(k, value=v) for k, v in parameters.items()])
            executor.add_node(node)
            return node

        def listener(self, qos=20):
            node = Node('listener', context=context, namespace=namespace)
            node.images, node.infos = [], []
            node.create_subscription(Image, 'image', node.images.append, qos)
            node.create_subscription(CameraInfo, 'camera_info', node.infos.append, qos)
            executor.add_node(node)
            return node

        def spin(self, condition, seconds=10):
            deadline = time.monotonic() + seconds
            while not condition() and time.monotonic() < deadline:
                executor.spin_once(timeout_sec=0.05)
            return condition()

    yield Ros()
    for node in executor.get_nodes():
        node.destroy_node()
    executor.shutdown()
    rclpy.shutdown(context=context)


def stamp_s(message):
    return message.header.stamp.sec + message.header.stamp.nanosec * 1e-9


def test_a_film_arrives_whole_with_its_calibration(ros, film):
    listener = ros.listener()
    seen = []
    publisher = ros.publisher(video=str(film), focal=50.0, rate=40.0, frame_id='lens',
                              on_frame=lambda frame, stamp: seen.append((frame.index, stamp)))
    assert ros.spin(lambda: publisher.done.done() and len(listener.images) == 8 and len(listener.infos) == 8)
    assert publisher.published == 8 and publisher.done.result() is None
    images = [np.frombuffer(m.data, np.uint8).reshape(m.height, m.step)[:, :m.width * 3] for m in listener.images]
    np.testing.assert_allclose([i.mean() for i in images], LEVELS, atol=2)
    assert {(m.encoding, m.width, m.height, m.header.frame_id) for m in listener.images} == {('bgr8', 64, 48, 'lens')}
    assert [m.header.stamp for m in listener.images] == [m.header.stamp for m in listener.infos]
    assert [(i, m.header.stamp.sec * 10 ** 9 + m.header.stamp.nanosec)
            for i, m in enumerate(listener.images)] == seen
    assert abs(stamp_s(listener.images[-1]) - time.time()) < 10
    camera = Camera.from_camera_info(listener.infos[0], image_size=(64, 48))
    assert (camera.fx, camera.cx, camera.cy) == (50, 31.5, 23.5)
    assert Camera.from_camera_info(listener.infos[0], rectified=True).fx == 50


def test_rate_stride_and_start(ros, film):
    listener = ros.listener()
    publisher = ros.publisher(video=str(film), focal=50, every=3, start=1)
    assert ros.spin(lambda: publisher.done.done() and len(listener.images) == 3)
    np.testing.assert_allclose([np.mean(m.data) for m in listener.images], [LEVELS[i] for i in (1, 4, 7)], atol=2)
    gaps = np.diff([stamp_s(m) for m in listener.images])
    np.testing.assert_allclose(gaps, 3 / 20, atol=0.05)


def test_loops_go_on_at_the_same_pace(ros, film):
    listener = ros.listener()
    publisher = ros.publisher(video=str(film), focal=50, rate=40, loop=True)
    assert ros.spin(lambda: len(listener.images) >= 20)
    assert not publisher.done.done()
    np.testing.assert_allclose([np.mean(m.data) for m in listener.images[8:16]], LEVELS, atol=2)
    gaps = np.diff([stamp_s(m) for m in listener.images])
    assert np.median(gaps[[7, 15]]) < 0.15 and np.median(gaps) == pytest.approx(0.025, abs=0.01)


def test_it_waits_for_somebody_to_listen(ros, film):
    publisher = ros.publisher(video=str(film), focal=50, rate=100)
    assert not ros.spin(lambda: publisher.published > 0, seconds=0.5)
    ros.listener()
    assert ros.spin(lambda: publisher.published > 0)


def test_it_need_not_wait(ros, film):
    publisher = ros.publisher(video=str(film), focal=50, rate=100, wait_for_subscribers=False)
    assert ros.spin(lambda: publisher.done.done()) and publisher.published == 8


def test_images_of_a_camera_are_as_old_as_their_stamp_says(ros, monkeypatch):
    """However long it took until somebody listened, and however seldom images are wanted."""
    class Camera0(Webcam):
        name, fps = 'webcam0', 30.0

        def __init__(self):
            pass

        def frames(self, every=1, start=0):
            for index in range(6):
                yield Frame(np.zeros((48, 64, 3), np.uint8), index, time.time(), self.name)
            raise SourceError('webcam 0 stopped giving images')
    monkeypatch.setattr(video_publisher, 'open_source', lambda *arguments, **more: Camera0())
    ages_s = []
    publisher = ros.publisher(video='0', focal=50, rate=5,
                              on_frame=lambda frame, stamp_ns: ages_s.append(stamp_ns * 1e-9 - frame.stamp_s))
    assert not ros.spin(lambda: publisher.published > 0, seconds=0.4)
    ros.listener()
    assert ros.spin(lambda: publisher.done.done())
    assert publisher.published == 5 and max(ages_s) < 0.1
    with pytest.raises(SourceError, match='stopped giving images'):
        publisher.done.result()


def test_a_calibration_is_of_the_pixels_as_stored(ros, upright_photo, tmp_path):
    Camera.pinhole(24, 16, 20).to_yaml(tmp_path / 'c.yaml')
    ros.publisher(video=str(upright_photo), camera_info=str(tmp_path / 'c.yaml'))
    with pytest.raises(CalibrationError, match='24 x 16 px, the video has 16 x 24'):
        ros.publisher(video=str(upright_photo), camera=Camera.pinhole(24, 16, 20))


def test_calibration_file_with_distortion(ros, film, tmp_path):
    K = np.array([[50, 0, 30], [0, 51, 20], [0, 0, 1]])
    camera = Camera(64, 48, K, np.array([0.1, -0.05, 0.001, 0.002]), 'equidistant')
    camera.to_yaml(tmp_path / 'c.yaml')
    listener = ros.listener(qos_profile_sensor_data)
    ros.publisher(video=str(film), camera_info=str(tmp_path / 'c.yaml'), reliable=False)
    assert ros.spin(lambda: listener.infos)
    assert Camera.from_camera_info(listener.infos[0]).same_as(camera)


@pytest.mark.parametrize('parameters, error, words', [
    ({'focal': 50.0}, SourceError, 'no video given'),
    ({'video': 'FILM'}, CalibrationError, 'focal'),
    ({'video': 'FILM', 'focal': -1.0}, SourceError, 'focal'),
    ({'video': 'FILM', 'focal': 50.0, 'rate': 'fast'}, SourceError, 'rate'),
    ({'video': 'FILM', 'focal': 50.0, 'start': 100}, SourceError, 'no frame number 100'),
    ({'video': '/nowhere.mp4', 'focal': 50.0}, FileNotFoundError, 'nowhere'),
    ({'video': 'FILM', 'camera_info': '/nowhere.yaml'}, CalibrationError, 'nowhere'),
    ({'video': 'FILM', 'camera': Camera.pinhole(640, 480, 500)}, CalibrationError, '640 x 480')])
def test_what_cannot_be_played_is_refused(ros, film, parameters, error, words):
    parameters = {k: str(film) if v == 'FILM' else v for k, v in parameters.items()}
    with pytest.raises(error, match=words):
        ros.publisher(**parameters)


def test_a_loop_without_a_single_frame_is_refused_and_not_run_for_ever(ros, film):
    with pytest.raises(SourceError, match='no frame number 8'):
        ros.publisher(video=str(film), focal=50.0, start=8, loop=True)


def test_a_loop_whose_frames_vanish_ends_with_the_reason(ros, film, tmp_path):
    publisher = ros.publisher(video=str(shutil.copy(film, tmp_path)), focal=50, rate=100, loop=True,
                              wait_for_subscribers=False)
    (tmp_path / film.name).unlink()
    assert ros.spin(lambda: publisher.done.done()) and publisher.published == 8
    with pytest.raises(SourceError, match='no frame number 0'):
        publisher.done.result()


def test_a_source_that_breaks_ends_with_the_reason(ros, tmp_path):
    cv2.imwrite(str(tmp_path / '1.png'), np.zeros((48, 64, 3), np.uint8))
    (tmp_path / '2.png').write_bytes(b'broken')
    publisher = ros.publisher(video=str(tmp_path), focal=50, rate=20, wait_for_subscribers=False)
    assert ros.spin(lambda: publisher.done.done()) and publisher.published == 1
    with pytest.raises(SourceError, match='2.png'):
        publisher.done.result()


def run(*words):
    command = [sys.executable, '-m', 'hdnet_ros.node.video_publisher', '--ros-args']
    for word in words:
        command += ['-p', word]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, 'ROS_DOMAIN_ID': DOMAIN})


def test_as_a_program_it_plays_and_ends(film):
    process = run(f'video:={film}', 'focal:=50', 'rate:=50', 'wait_for_subscribers:=false')
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0 and '8 images published' in log


@pytest.mark.parametrize('words, reason', [
    ([], 'no video given'), (['video:=/nowhere.mp4', 'focal:=50'], '/nowhere.mp4'), (['video:=FILM'], 'camera_info'),
    (['video:=FILM', 'focal:=50', 'every:=0'], 'every')])
def test_as_a_program_it_says_what_is_wrong(film, words, reason):
    process = run(*(w.replace('FILM', str(film)) for w in words))
    _, log = process.communicate(timeout=30)
    assert process.returncode == 2 and reason in log and 'Traceback' not in log


def test_ctrl_c_ends_it_quietly(film):
    process = run(f'video:={film}', 'focal:=50', 'loop:=true', 'wait_for_subscribers:=false')
    assert 'images/s' in process.stderr.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=30)
    assert process.returncode == 0 and 'Traceback' not in log
