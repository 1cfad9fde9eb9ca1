"""Messages that no honest driver sends: good ones, damaged in ways that depend on the seed alone."""
from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from rclpy.serialization import serialize_message
from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from hdnet_ros.image_decoding import ENCODINGS
from hdnet_ros.node.reliability import view

_UINT32 = 2 ** 32 - 1
_SIZES = (0, 1, 2, 3, 7, 64, 479, 65535, 65536, 2 ** 31, _UINT32)
_NUMBERS = (0.0, -0.0, 1.0, -1.0, 1e-300, 1e-9, 0.5, 1e6, 1e10, 1e300, -1e300, float('inf'), -float('inf'),
            float('nan'))
_TEXTS = ('', ' ', 'bgr8 ', 'BGR8', 'rgb9', '8UC', '8UC99999', '32FC1', '16UC1', 'jpeg', 'png', 'compressedDepth',
          'h264', '../../../../etc/passwd', '/dev/zero', '$(touch hdnet_was_here)', '`touch hdnet_was_here`', '%s%n%x',
          '{0.__class__}', 'plumb_bob', 'rational_polynomial', 'equidistant', 'fisheye', 'a' * 10_000, '\u202e\u0000x',
          'ä€😀', '\n\r\t\x1b[2J')
_SECONDS = (-2 ** 31, 2 ** 31 - 1)
_STAMPS = ((0, 0), (-1, 0), (_SECONDS[0], _UINT32), (_SECONDS[1], 999_999_999), (_SECONDS[1], _UINT32), (1, 10 ** 9))
_SHIFTS_S = (-3600, -1, 1, 60, 86_400, 10 ** 8)
_COEFFICIENTS = (0, 1, 2, 3, 4, 5, 6, 8, 12, 14, 20, 1000)
SMALL_PX = 48


class Mutator:
    """Damages messages; the same seed gives the same ones in the same order.

    focal_px: of the good camera, which damaged calibrations start from.
    """

    def __init__(self, seed: int, focal_px: float):
        self.random = random.Random(seed)
        self._focal_px = focal_px
        small = np.random.default_rng(seed).integers(0, 256, (SMALL_PX, SMALL_PX, 3), np.uint8)
        self._files = [cv2.imencode(suffix, small)[1].tobytes()
                       for suffix in ('.jpg', '.png', '.webp', '.bmp', '.tiff')]

    def image(self, stamp_ns: int) -> Image:
        """A small raw image, or one whose fields contradict each other."""
        pick = self.random
        width, height = pick.randint(1, SMALL_PX), pick.randint(1, SMALL_PX)
        step = width * pick.choice((1, 2, 3, 4, 6, 8)) + pick.choice((0, 0, 0, 1, 5))
        message = Image(header=view.header_of(stamp_ns), width=width, height=height, encoding=pick.choice(ENCODINGS),
                        step=step, is_bigendian=pick.choice((0, 0, 1, 255)))
        message.data.frombytes(pick.randbytes(step * height))
        return self._apply(message, (
            lambda m: setattr(m, 'width', pick.choice(_SIZES)), lambda m: setattr(m, 'height', pick.choice(_SIZES)),
            lambda m: setattr(m, 'step', pick.choice(_SIZES)), lambda m: setattr(m, 'encoding', pick.choice(_TEXTS)),
            lambda m: setattr(m, 'encoding', pick.choice(ENCODINGS)), self._cut, self._header))

    def compressed(self, stamp_ns: int) -> CompressedImage:
        """A small file in some format, damaged or not."""
        message = CompressedImage(header=view.header_of(stamp_ns), format='jpeg')
        message.data.frombytes(self.random.choice(self._files))
        return self._apply(message, (
            lambda m: setattr(m, 'format', self.random.choice(_TEXTS)), self._cut, self._flip, self._huge_file,
            self._header))

    def info(self, stamp_ns: int, size: tuple[int, int]) -> CameraInfo:
        """A calibration, damaged or not; size: (width, height) that it is for."""
        pick = self.random
        message = view.info_message(*size, self._focal_px, stamp_ns)

        def number(name: str) -> Callable[[Any], None]:
            def change(m: CameraInfo) -> None:
                matrix = getattr(m, name)
                matrix[pick.randrange(len(matrix))] = pick.choice(_NUMBERS)
            return change

        def distortion(m: CameraInfo) -> None:
            m.distortion_model = pick.choice(_TEXTS)
            m.d = [pick.choice(_NUMBERS) if pick.random() < 0.5 else pick.gauss(0, 0.5)
                   for _ in range(pick.choice(_COEFFICIENTS))]

        def region(m: CameraInfo) -> None:
            for name in ('x_offset', 'y_offset', 'width', 'height'):
                setattr(m.roi, name, pick.choice(_SIZES))
        return self._apply(message, (
            lambda m: setattr(m, 'width', pick.choice(_SIZES)), lambda m: setattr(m, 'height', pick.choice(_SIZES)),
            lambda m: setattr(m, 'binning_x', pick.choice(_SIZES)),
            lambda m: setattr(m, 'binning_y', pick.choice(_SIZES)),
            number('k'), number('k'), number('p'), distortion, distortion, region, self._header))

    def detections(self, stamp_ns: int) -> Any:
        """Boxes, some of which are none."""
        pick = self.random
        boxes = [sorted(pick.uniform(-20, 2 * SMALL_PX) for _ in range(4)) for _ in range(pick.choice((0, 1, 2, 50)))]
        message = view.detections_message(boxes, stamp_ns)
        for detection in message.detections:
            if pick.random() < 0.3:
                box = detection.bbox
                box.size_x, box.size_y, box.center.theta = (pick.choice(_NUMBERS) for _ in range(3))
                detection.results[0].hypothesis.score = pick.choice(_NUMBERS)
                detection.results[0].hypothesis.class_id = pick.choice(_TEXTS)
        return self._apply(message, (self._header, lambda m: None, lambda m: None))

    def on_the_wire(self, message: Any) -> bytes:
        """The serialised message with damaged bytes: what another implementation of DDS might send."""
        pick, data = self.random, bytearray(serialize_message(message))
        kind = pick.randrange(3)
        if kind == 0:
            return bytes(data[:pick.randrange(4, len(data))])
        place = pick.randrange(4, len(data))
        data[place:place + 4] = b'\xff\xff\xff\xff' if kind == 1 else pick.randbytes(4)
        return bytes(data)

    def _apply(self, message: Any, damages: Sequence[Callable[[Any], None]]) -> Any:
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3))):
            self.random.choice(damages)(message)
        return message

    def _header(self, message: Any) -> None:
        if self.random.random() < 0.5:
            message.header.frame_id = self.random.choice(_TEXTS)
            return
        stamp = message.header.stamp
        if self.random.random() < 0.3:
            stamp.sec, stamp.nanosec = self.random.choice(_STAMPS)
        else:
            stamp.sec = min(max(stamp.sec + self.random.choice(_SHIFTS_S), _SECONDS[0]), _SECONDS[1])

    def _cut(self, message: Any) -> None:
        message.data = message.data[:self.random.randrange(len(message.data) + 1)]

    def _flip(self, message: Any) -> None:
        for _ in range(self.random.randint(1, 20)):
            if message.data:
                message.data[self.random.randrange(len(message.data))] = self.random.randrange(256)

    def _huge_file(self, message: Any) -> None:
        """A JPEG or PNG whose header promises far more pixels than it holds."""
        data, side = bytearray(message.data), self.random.choice((10_000, 30_000, 65_000)).to_bytes(2, 'big')
        frame = data.find(b'\xff\xc0')
        if data[:4] == b'\x89PNG' and len(data) > 24:
            data[16:24] = b'\0\0' + side + b'\0\0' + side
            data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, 'big')
        elif 0 <= frame < len(data) - 9:
            data[frame + 5:frame + 9] = side + side
        message.data = type(message.data)('B', bytes(data))
