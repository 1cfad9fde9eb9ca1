"""A camera made of a video: publishes a file, a folder of images or a webcam as image and camera_info."""
from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import rclpy
from cv_bridge import CvBridge
from rcl_interfaces.msg import IntegerRange, ParameterDescriptor
from rclpy.exceptions import ParameterException
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.task import Future
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from hdnet_ros.calibration import CalibrationError, told_coefficients
from hdnet_ros.camera import Camera
from hdnet_ros.node.interrupts import ignore_interrupts
from hdnet_ros.sources import Frame, Source, SourceError, open_source

# How long a subscriber of the images may be there without one of the calibrations before playing starts all the same.
_PARTNER_WAIT_S = 1.0
_FASTEST_S = 0.001     # between two looks at a webcam, which waits for its next image by itself


def camera_info_message(camera: Camera, header: Header) -> CameraInfo:
    """A calibration as sensor_msgs/CameraInfo, for images of its full size that are not rectified."""
    projection = np.column_stack([camera.K, np.zeros(3)])
    return CameraInfo(header=header, width=camera.width, height=camera.height, distortion_model=camera.model,
                      d=told_coefficients(camera.D, camera.model).tolist(), k=camera.K.ravel(), r=np.eye(3).ravel(),
                      p=projection.ravel())


class VideoPublisher(Node):
    """Plays a video once, or again and again, at an even rate.

    Publishes ``image`` (sensor_msgs/Image, bgr8) and ``camera_info`` with equal stamps: the time of publishing.
    camera: used instead of the parameters ``camera_info`` and ``focal``.
    as_stored: as in ``sources.open_source``; so in any case with the parameter ``camera_info``.
    on_frame: called with each frame and the stamp (ns) under which it will be published.
    done: completed when the video has ended (never with ``loop``), with an exception if it broke.
    Raises SourceError, FileNotFoundError or CalibrationError for parameters with which there is nothing to play.
    """

    def __init__(self, *, camera: Camera | None = None, on_frame: Callable[[Frame, int], None] | None = None,
                 as_stored: bool = False, **node_arguments):
        super().__init__('video_publisher', **node_arguments)
        self.done = Future()
        self.published = 0
        self._on_frame, self._as_stored = on_frame, as_stored
        try:
            self._read_parameters()
            self._source = self._open_source()
            self._live = self._source.live
            self._frames = self._play()
            self._next = next(self._frames)
            height, width = self._next.image.shape[:2]
            self._camera = camera or self._open_camera(width, height)
            if (self._camera.width, self._camera.height) != (width, height):
                raise CalibrationError(f'the calibration is for {self._camera.width} x {self._camera.height} px, '
                                       f'the video has {width} x {height}')
        except Exception:
            self.destroy_node()
            raise
        reliability = ReliabilityPolicy.RELIABLE if self._reliable else ReliabilityPolicy.BEST_EFFORT
        qos = QoSProfile(depth=10, reliability=reliability)
        self._images = self.create_publisher(Image, 'image', qos)
        self._infos = self.create_publisher(CameraInfo, 'camera_info', qos)
        self._bridge = CvBridge()
        self._seen_s: float | None = None
        self._started = not self._wait
        self._timer = self.create_timer(self._period_s(), self._tick)
        self.get_logger().info(f'{self._source.name}: {width} x {height} px, {self._images_per_s():.4g} images/s, '
                               f'focal length {self._camera.focal_px:.1f} px')

    def _read_parameters(self) -> None:
        def declare(name, default, description, lowest=None, **more):
            descriptor = ParameterDescriptor(description=description, read_only=True, **more)
            if lowest is not None:
                descriptor.integer_range = [IntegerRange(from_value=lowest, to_value=2 ** 31)]
            return self.declare_parameter(name, default, descriptor).value

        def number(name, description):    # any type, so that `-p rate:=5` will do for 5.0
            value = declare(name, 0.0, description, dynamic_typing=True)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e6:
                return float(value)
            raise SourceError(f'the parameter {name} must be a number of at least 0, not {value!r}')

        # Any type: `-p video:=0`, a webcam, arrives as a number.
        self._video = str(declare('video', '', 'video file, image, folder of images, or webcam (number or /dev/video0)',
                                  dynamic_typing=True))
        self._info_file = declare('camera_info', '', 'calibration file as camera_calibration writes it (.yaml)')
        self._focal_px = number('focal', 'focal length in px, if there is no calibration file')
        self._rate_hz = number('rate', 'images per second that are published; 0: as in the file')
        self._every = declare('every', 1, 'publish every so manieth frame', lowest=1)
        self._start = declare('start', 0, 'number of the first frame, from 0', lowest=0)
        self._loop = declare('loop', False, 'begin again at the end')
        self._frame_id = declare('frame_id', 'camera_optical_frame', 'frame of image and camera_info')
        self._reliable = declare('reliable', True, 'reliable instead of best effort')
        self._wait = declare('wait_for_subscribers', True, 'do not begin before somebody listens to the images')

    def _open_source(self) -> Source:
        if not self._video:
            raise SourceError('no video given: set the parameter video (-p video:=FILE)')
        return open_source(self._video, fps=self._rate_hz or None, camera_given=True,
                           as_stored=self._as_stored or bool(self._info_file))

    def _open_camera(self, width: int, height: int) -> Camera:
        if self._info_file:
            return Camera.from_yaml(self._info_file)
        if self._focal_px == 0:
            raise CalibrationError('no calibration given: set the parameter camera_info (a calibration file) or focal '
                                   '(focal length in pixels of this video)')
        return Camera.pinhole(width, height, self._focal_px)

    def _period_s(self) -> float:
        if self._live and self._rate_hz == 0:
            return _FASTEST_S
        return 1 / self._images_per_s()

    def _images_per_s(self) -> float:
        return self._rate_hz or self._source.fps / self._every

    def _play(self) -> Iterator[Frame]:
        while True:
            frame = None
            for frame in self._source.frames(self._every, self._start):
                yield frame
            if frame is None:
                raise SourceError(f'{self._source.name} has no frame number {self._start}')
            if not self._loop:
                return

    def _tick(self) -> None:
        if self._next is None:
            self._finish()
            return
        if not (self._started or self._somebody_listens()):
            return
        self._started = True
        # A camera's image is grabbed now, or it would be older than its stamp; others are decoded ahead, to be in time.
        if self._live and not self._advance():
            return
        stamp = self.get_clock().now()
        header = Header(stamp=stamp.to_msg(), frame_id=self._frame_id)
        frame = self._next
        if self._on_frame:
            self._on_frame(frame, stamp.nanoseconds)
        self._infos.publish(camera_info_message(self._camera, header))
        self._images.publish(self._bridge.cv2_to_imgmsg(frame.image, 'bgr8', header))
        self.published += 1
        if not self._live:
            self._advance()

    def _advance(self) -> bool:
        """Take the next frame; whether there is one."""
        try:
            self._next = next(self._frames, None)
        except SourceError as error:
            self._finish(error)
            return False
        return self._next is not None

    def _somebody_listens(self) -> bool:
        if not self._images.get_subscription_count():
            self._seen_s = None
            return False
        self._seen_s = self._seen_s or time.monotonic()
        return self._infos.get_subscription_count() > 0 or time.monotonic() - self._seen_s > _PARTNER_WAIT_S

    def stop(self) -> None:
        """Publish no more."""
        self._timer.cancel()

    def _finish(self, error: Exception | None = None) -> None:
        self.stop()
        self.get_logger().info(f'{self._source.name} has ended: {self.published} images published')
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)


def main(args: list[str] | None = None) -> int:
    """Play until the end or Ctrl-C; exit code 2, with the reason, if nothing can be played like that."""
    node = None
    try:
        rclpy.init(args=args)
        node = VideoPublisher()
        executor = SingleThreadedExecutor()
        executor.add_node(node)
        executor.spin_until_future_complete(node.done)
        if node.done.done():
            node.done.result()
        return 0
    except (SourceError, CalibrationError, OSError, ParameterException) as error:
        reason = f'{error.strerror}: {error.filename}' if isinstance(error, OSError) else error
        print(f'video_publisher: {reason}', file=sys.stderr)
        return 2
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    finally:
        ignore_interrupts()
        if node is not None:
            with suppress(Exception):   # rclpy may have shut down already
                node.destroy_node()
        rclpy.try_shutdown()


if __name__ == '__main__':
    sys.exit(main())
