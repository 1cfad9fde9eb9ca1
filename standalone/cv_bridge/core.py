"""OpenCV images as image messages."""
from __future__ import annotations

import sys
from array import array

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

PASSTHROUGH = 'passthrough'
DEPTHS = {'uint8': '8U', 'int8': '8S', 'uint16': '16U', 'int16': '16S', 'int32': '32S', 'float32': '32F',
          'float64': '64F'}
# Channels of the encodings that there are with 8 and with 16 bits.
CHANNELS = {'mono': 1, 'rgb': 3, 'bgr': 3, 'rgba': 4, 'bgra': 4,
            'bayer_rggb': 1, 'bayer_bggr': 1, 'bayer_gbrg': 1, 'bayer_grbg': 1}
# OpenCV's type of each encoding that is not called after it.
CV_TYPES = {
    **{f'{name}{bits}': f'{bits}UC{channels}' for name, channels in CHANNELS.items() for bits in (8, 16)},
    **dict.fromkeys(('yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv'), '8UC2'),
    **{depth: f'{depth}C1' for depth in DEPTHS.values()},
}


class CvBridgeError(TypeError):
    """An image cannot be sent; the text says why."""


class CvBridge:
    """Makes sensor_msgs images of numpy arrays as OpenCV uses them."""

    def cv2_to_imgmsg(self, cvim: np.ndarray, encoding: str = PASSTHROUGH, header: Header | None = None) -> Image:
        """A message that holds `cvim`, (H,W) or (H,W,C); 'passthrough' names the encoding after its type (8UC3).

        CvBridgeError if `cvim` is no image, or if `encoding` needs another type than it has.
        """
        cv_type = cv_type_of(cvim)
        if encoding != PASSTHROUGH and CV_TYPES.get(encoding, encoding) != cv_type:
            raise CvBridgeError(f'an image of type {cv_type} cannot be sent as {encoding}')
        height, width = cvim.shape[:2]
        message = Image() if header is None else Image(header=header)
        message.height, message.width = height, width
        message.encoding = cv_type if encoding == PASSTHROUGH else encoding
        message.is_bigendian = cvim.dtype.byteorder == '>' or (cvim.dtype.byteorder == '=' and sys.byteorder == 'big')
        message.step = cvim.nbytes // height
        # Into an array that rclpy takes as it is: it looks at every single byte of anything else.
        data = array('B')
        data.frombytes(np.ascontiguousarray(cvim).view(np.uint8))
        message.data = data
        return message


def cv_type_of(image: np.ndarray) -> str:
    """OpenCV's name of an image's type, e.g. 8UC3; CvBridgeError if it is no image."""
    if not isinstance(image, np.ndarray) or image.ndim not in (2, 3):
        raise CvBridgeError(f'an image is a numpy array (H,W) or (H,W,C), not {type(image).__name__}'
                            + (f' of shape {image.shape}' if isinstance(image, np.ndarray) else ''))
    if image.size == 0:
        raise CvBridgeError(f'the image has no pixels: its shape is {image.shape}')
    if image.dtype.name not in DEPTHS:
        raise CvBridgeError(f'OpenCV has no images of {image.dtype.name}: use one of {", ".join(DEPTHS)}')
    return f'{DEPTHS[image.dtype.name]}C{image.shape[2] if image.ndim == 3 else 1}'
