"""What the encodings of sensor_msgs/Image mean."""
from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from cv_bridge.errors import CvBridgeError

DEPTHS = {'8U': 'uint8', '8S': 'int8', '16U': 'uint16', '16S': 'int16', '32S': 'int32', '32F': 'float32',
          '64F': 'float64'}
DEPTH_NAMES = {name: depth for depth, name in DEPTHS.items()}
MAX_CHANNELS = 512   # of an OpenCV matrix

# encoding: (depth, channels, colour family)
NAMED = {
    'mono8': ('8U', 1, 'gray'), 'mono16': ('16U', 1, 'gray'),
    'rgb8': ('8U', 3, 'rgb'), 'rgb16': ('16U', 3, 'rgb'), 'rgba8': ('8U', 4, 'rgba'), 'rgba16': ('16U', 4, 'rgba'),
    'bgr8': ('8U', 3, 'bgr'), 'bgr16': ('16U', 3, 'bgr'), 'bgra8': ('8U', 4, 'bgra'), 'bgra16': ('16U', 4, 'bgra'),
    'yuv422': ('8U', 2, 'uyvy'), 'uyvy': ('8U', 2, 'uyvy'), 'yuv422_yuy2': ('8U', 2, 'yuyv'), 'yuyv': ('8U', 2, 'yuyv'),
    'nv21': ('8U', 1, 'nv21'), 'nv24': ('8U', 1, 'nv24'),
    **{f'bayer_{tile}{bits}': (f'{bits}U', 1, f'bayer_{tile}')
       for tile in ('rggb', 'bggr', 'gbrg', 'grbg') for bits in (8, 16)},
}
# Rows of the message's data for each row of the image: luminance first, then colour planes with the same step.
PLANES = {'nv21': (3, 2), 'nv24': (3, 1)}


@dataclass(frozen=True)
class Encoding:
    """One encoding: the element type, the number of channels and the colour family (None: numbers without colour)."""

    name: str
    dtype: np.dtype
    channels: int
    family: str | None

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel in a row (of the luminance, where colour lies in planes of its own)."""
        return self.dtype.itemsize * self.channels

    @property
    def cv_type(self) -> str:
        """The name of OpenCV's type, e.g. 8UC3."""
        return f'{DEPTH_NAMES[self.dtype.name]}C{self.channels}'

    def data_rows(self, height: int) -> int:
        """How many rows of `step` bytes an image of `height` rows takes."""
        times, per = PLANES.get(self.family, (1, 1))
        return height * times // per


def find_encoding(name: str) -> Encoding:
    """The encoding called `name`; CvBridgeError if there is none."""
    if name in NAMED:
        depth, channels, family = NAMED[name]
        return Encoding(name, np.dtype(DEPTHS[depth]), channels, family)
    match = re.fullmatch(r'(8U|8S|16U|16S|32S|32F|64F)(?:C([0-9]+))?', name)
    channels = int(match[2] or 1) if match else 0
    if not 1 <= channels <= MAX_CHANNELS:
        raise CvBridgeError(f'unknown image encoding "{name}": use one of sensor_msgs/image_encodings.hpp')
    return Encoding(name, np.dtype(DEPTHS[match[1]]), channels, None)
