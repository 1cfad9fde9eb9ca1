"""Image messages to OpenCV images and back."""
from __future__ import annotations

import sys
from array import array

import cv2
import numpy as np
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from cv_bridge.colors import convert
from cv_bridge.encodings import DEPTH_NAMES, Encoding, find_encoding
from cv_bridge.errors import CvBridgeError

PASSTHROUGH = 'passthrough'


class CvBridge:
    """Converts between sensor_msgs images and numpy arrays as OpenCV uses them.

    Images are (H,W) with one channel, else (H,W,C). nv21 and nv24 come as (rows of all planes, W).
    """

    def encoding_to_dtype_with_channels(self, encoding: str) -> tuple[str, int]:
        """The numpy name of the element type, and the number of channels."""
        found = find_encoding(encoding)
        return found.dtype.name, found.channels

    def dtype_with_channels_to_cvtype2(self, dtype: np.dtype, n_channels: int) -> str:
        """OpenCV's name of the type, e.g. 8UC3."""
        if dtype.name not in DEPTH_NAMES:
            raise CvBridgeError(f'OpenCV has no images of {dtype.name}: use one of {", ".join(DEPTH_NAMES)}')
        return f'{DEPTH_NAMES[dtype.name]}C{n_channels}'

    def imgmsg_to_cv2(self, img_msg: Image, desired_encoding: str = PASSTHROUGH) -> np.ndarray:
        """The image in `img_msg`, converted to `desired_encoding`.

        The result may share memory with the message. CvBridgeError if the message contradicts itself, has no pixels,
        or cannot be converted.
        """
        source = find_encoding(img_msg.encoding)
        image = _read_pixels(img_msg, source)
        if desired_encoding == PASSTHROUGH:
            return image
        return convert(image, source, find_encoding(desired_encoding))

    def cv2_to_imgmsg(self, cvim: np.ndarray, encoding: str = PASSTHROUGH, header: Header | None = None) -> Image:
        """A message that holds `cvim`; 'passthrough' names the encoding after the array's type (8UC3).

        CvBridgeError if `encoding` needs another type than the array has.
        """
        cv_type = self._type_of(cvim)
        if encoding != PASSTHROUGH:
            wanted = find_encoding(encoding)
            if wanted.cv_type != cv_type or wanted.data_rows(2) != 2:
                raise CvBridgeError(f'an image of type {cv_type} cannot be sent as {encoding} ({wanted.cv_type})')
        height, width = cvim.shape[:2]
        message = Image() if header is None else Image(header=header)
        message.height, message.width = height, width
        message.encoding = cv_type if encoding == PASSTHROUGH else encoding
        message.is_bigendian = cvim.dtype.byteorder == '>' or (cvim.dtype.byteorder == '=' and sys.byteorder == 'big')
        message.step = width * cvim.dtype.itemsize * (cvim.shape[2] if cvim.ndim == 3 else 1)
        # Into an array that rclpy takes as it is: it looks at every single byte of anything else.
        data = array('B')
        data.frombytes(np.ascontiguousarray(cvim).view(np.uint8))
        message.data = data
        return message

    def compressed_imgmsg_to_cv2(self, cmprs_img_msg: CompressedImage,
                                 desired_encoding: str = PASSTHROUGH) -> np.ndarray:
        """The image in `cmprs_img_msg` (JPEG, PNG, ...), as it was stored or converted to `desired_encoding`.

        Colours come as bgr or bgra. CvBridgeError if it cannot be decoded or converted.
        """
        data = np.frombuffer(_as_bytes(cmprs_img_msg.data), dtype=np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
        if image is None:
            raise CvBridgeError(f'{data.size} bytes of format "{cmprs_img_msg.format}" are no image that OpenCV reads')
        if desired_encoding == PASSTHROUGH:
            return image
        return convert(image, _decoded_encoding(image), find_encoding(desired_encoding))

    def cv2_to_compressed_imgmsg(self, cvim: np.ndarray, dst_format: str = 'jpg') -> CompressedImage:
        """A message that holds `cvim` as a file of the kind `dst_format` (jpg, png, ...); colours are bgr or bgra."""
        self._type_of(cvim)
        try:
            done, data = cv2.imencode('.' + dst_format, cvim)
        except cv2.error as error:
            raise CvBridgeError(f'cannot store an image of shape {cvim.shape} as {dst_format}: {error}') from error
        if not done:
            raise CvBridgeError(f'cannot store an image of shape {cvim.shape} as {dst_format}')
        return CompressedImage(format=dst_format, data=array('B', data.tobytes()))

    def _type_of(self, cvim: np.ndarray) -> str:
        if not isinstance(cvim, np.ndarray) or cvim.ndim not in (2, 3):
            raise CvBridgeError(f'an image is a numpy array (H,W) or (H,W,C), not {type(cvim).__name__}'
                                + (f' of shape {cvim.shape}' if isinstance(cvim, np.ndarray) else ''))
        if cvim.size == 0:
            raise CvBridgeError(f'the image has no pixels: its shape is {cvim.shape}')
        return self.dtype_with_channels_to_cvtype2(cvim.dtype, cvim.shape[2] if cvim.ndim == 3 else 1)


def _as_bytes(data: object) -> object:
    """Message data as something with the buffer protocol: a list has none."""
    return bytes(data) if isinstance(data, (list, tuple)) else data


def _read_pixels(message: Image, encoding: Encoding) -> np.ndarray:
    """Check what `message` says of itself, and view its data as an image in the byte order of this machine."""
    height, width, step = message.height, message.width, message.step
    if height == 0 or width == 0:
        raise CvBridgeError(f'the image has no pixels: {width} x {height}')
    row_bytes, rows = width * encoding.pixel_bytes, encoding.data_rows(height)
    if step < row_bytes:
        raise CvBridgeError(f'the step of {step} bytes is too short for {width} pixels of {encoding.name}, '
                            f'which take {row_bytes} bytes')
    data = _as_bytes(message.data)
    if len(data) < rows * step:
        raise CvBridgeError(f'the image is cut short: {rows} rows of {step} bytes need {rows * step} bytes, '
                            f'but there are {len(data)}')
    # By bytes first: `step` need not be a multiple of the pixel's size.
    lines = np.frombuffer(data, dtype=np.uint8, count=rows * step).reshape(rows, step)
    order = '>' if message.is_bigendian else '<'
    if encoding.family == 'nv24':
        # A row of colour has twice the bytes of a row of luminance, and twice the step.
        colors = lines[height:].reshape(height, 2 * step)[:, :2 * row_bytes].reshape(2 * height, row_bytes)
        return np.concatenate([lines[:height, :row_bytes], colors])
    pixels = np.ascontiguousarray(lines[:, :row_bytes]).view(encoding.dtype.newbyteorder(order))
    pixels = pixels.astype(encoding.dtype, copy=False)
    return pixels if encoding.channels == 1 else pixels.reshape(rows, width, encoding.channels)


def _decoded_encoding(image: np.ndarray) -> Encoding:
    """How OpenCV lays out an image that it has read from a file."""
    channels = 1 if image.ndim == 2 else image.shape[2]
    bits = {'uint8': '8', 'uint16': '16'}.get(image.dtype.name)
    if bits is None or channels not in (1, 3, 4):
        return find_encoding(f'{DEPTH_NAMES[image.dtype.name]}C{channels}')
    return find_encoding({1: 'mono', 3: 'bgr', 4: 'bgra'}[channels] + bits)
