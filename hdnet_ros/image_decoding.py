"""Image and CompressedImage messages to the BGR images that perception works on.

Not by cv_bridge: bags are also read where there is no ROS, and it misreads rows whose length is no multiple of a pixel,
takes truncated data without a word, and needs a numpy of the distribution's choice.
"""
from __future__ import annotations

import re
from typing import Any

import cv2
import numpy as np


class ImageError(ValueError):
    """An image message that cannot be read; the message is the reason, in words for a user."""


# encoding: (channels, bits, OpenCV conversion to BGR or None where the data is BGR already)
# OpenCV names a Bayer pattern by its second row, ROS by its first: rggb is OpenCV's BayerBG.
_INTERLEAVED: dict[str, tuple[int, int, int | None]] = {
    'bgr8': (3, 8, None),
    '8UC3': (3, 8, None),
    'rgb8': (3, 8, cv2.COLOR_RGB2BGR),
    'bgra8': (4, 8, cv2.COLOR_BGRA2BGR),
    '8UC4': (4, 8, cv2.COLOR_BGRA2BGR),
    'rgba8': (4, 8, cv2.COLOR_RGBA2BGR),
    'mono8': (1, 8, cv2.COLOR_GRAY2BGR),
    '8UC1': (1, 8, cv2.COLOR_GRAY2BGR),
    'bgr16': (3, 16, None),
    'rgb16': (3, 16, cv2.COLOR_RGB2BGR),
    'bgra16': (4, 16, cv2.COLOR_BGRA2BGR),
    'rgba16': (4, 16, cv2.COLOR_RGBA2BGR),
    'mono16': (1, 16, cv2.COLOR_GRAY2BGR),
    'bayer_rggb8': (1, 8, cv2.COLOR_BayerBG2BGR),
    'bayer_bggr8': (1, 8, cv2.COLOR_BayerRG2BGR),
    'bayer_gbrg8': (1, 8, cv2.COLOR_BayerGR2BGR),
    'bayer_grbg8': (1, 8, cv2.COLOR_BayerGB2BGR),
    'bayer_rggb16': (1, 16, cv2.COLOR_BayerBG2BGR),
    'bayer_bggr16': (1, 16, cv2.COLOR_BayerRG2BGR),
    'bayer_gbrg16': (1, 16, cv2.COLOR_BayerGR2BGR),
    'bayer_grbg16': (1, 16, cv2.COLOR_BayerGB2BGR),
    'yuv422': (2, 8, cv2.COLOR_YUV2BGR_UYVY),
    'uyvy': (2, 8, cv2.COLOR_YUV2BGR_UYVY),
    'yuv422_yuy2': (2, 8, cv2.COLOR_YUV2BGR_YUY2),
    'yuyv': (2, 8, cv2.COLOR_YUV2BGR_YUY2),
}
_SEMI_PLANAR = ('nv21', 'nv24')
_NUMBERS = re.compile(r'(16|32|64)[USF]C[1-4]|(8|16|32)SC[1-4]')
ENCODINGS = (*_INTERLEAVED, *_SEMI_PLANAR)

# BT.601 with 16..235 luma and 16..240 chroma, (Y, U, V, 1) to (B, G, R): what OpenCV applies to NV21 and YUYV.
_YUV_TO_BGR = np.array([[1.164, 2.018, 0.000, -1.164 * 16 - 2.018 * 128],
                        [1.164, -0.391, -0.813, -1.164 * 16 + (0.391 + 0.813) * 128],
                        [1.164, 0.000, 1.596, -1.164 * 16 - 1.596 * 128]])


def decode(message: Any) -> np.ndarray:
    """Read a sensor_msgs/Image or sensor_msgs/CompressedImage.

    Returns: (H, W, 3) uint8 BGR, contiguous.
    16-bit images keep their upper 8 bits of range (65535 becomes 255).
    Raises: ImageError for data that is truncated, empty, inconsistent or in an encoding that holds no picture.
    """
    return decode_raw(message) if hasattr(message, 'encoding') else decode_compressed(message)


def decode_raw(message: Any) -> np.ndarray:
    """Read a sensor_msgs/Image; see ``decode``."""
    if message.width == 0 or message.height == 0:
        raise ImageError(f'the image is empty ({message.width}x{message.height})')
    if message.encoding in _INTERLEAVED:
        return _decode_interleaved(message)
    if message.encoding in _SEMI_PLANAR:
        return _decode_semi_planar(message)
    _refuse_numbers(message.encoding)
    raise ImageError(f'unknown encoding {message.encoding!r}; known are {", ".join(ENCODINGS)}')


def _refuse_numbers(encoding: str) -> None:
    if _NUMBERS.fullmatch(encoding):
        raise ImageError(f'encoding {encoding!r} holds numbers (a depth image?), not a picture; '
                         'remap image to the topic of the colour or grey image')


def _decode_interleaved(message: Any) -> np.ndarray:
    channels, bits, conversion = _INTERLEAVED[message.encoding]
    if conversion in (cv2.COLOR_YUV2BGR_UYVY, cv2.COLOR_YUV2BGR_YUY2) and message.width % 2:
        raise ImageError(f'{message.encoding} needs an even width, got {message.width}')
    if bits == 8:
        pixels = _plane(message, message.height, channels, np.dtype(np.uint8))
    else:
        samples = _plane(message, message.height, channels, np.dtype('>u2' if message.is_bigendian else '<u2'))
        pixels = (samples >> 8).astype(np.uint8)
    if conversion is None:
        return np.array(pixels, order='C')
    return cv2.cvtColor(np.ascontiguousarray(pixels), conversion)


def _decode_semi_planar(message: Any) -> np.ndarray:
    """NV21 (chroma at half resolution, V first) and NV24 (chroma at full resolution, U first), luma above chroma."""
    width, height = message.width, message.height
    if message.encoding == 'nv21':
        if width % 2 or height % 2:
            raise ImageError(f'nv21 needs an even width and height, got {width}x{height}')
        planes = _plane(message, height * 3 // 2, 1, np.dtype(np.uint8))
        return cv2.cvtColor(np.ascontiguousarray(planes), cv2.COLOR_YUV2BGR_NV21)
    # A row of chroma is twice as long as one of luma: it takes two steps.
    planes = _plane(message, height * 3, 1, np.dtype(np.uint8))
    chroma = planes[height:].reshape(height, width, 2)
    return cv2.transform(np.dstack([planes[:height], chroma]), _YUV_TO_BGR)


def _plane(message: Any, rows: int, channels: int, sample: np.dtype) -> np.ndarray:
    """View of the message's data as (rows, width[, channels]); rows may be padded, the last one need not be."""
    pixel_bytes = channels * sample.itemsize
    row_bytes = message.width * pixel_bytes
    if message.step < row_bytes:
        raise ImageError(f'step {message.step} is too small: a row of {message.width} px in {message.encoding} '
                         f'has {row_bytes} bytes')
    needed = message.step * (rows - 1) + row_bytes
    if len(message.data) < needed:
        raise ImageError(f'the data is truncated: {len(message.data)} bytes, while {message.width}x{message.height} '
                         f'in {message.encoding} with step {message.step} needs {needed}')
    shape, strides = (rows, message.width, channels), (message.step, pixel_bytes, sample.itemsize)
    view = np.ndarray(shape, sample, buffer=message.data, strides=strides)
    return view[..., 0] if channels == 1 else view


def decode_compressed(message: Any) -> np.ndarray:
    """Read a sensor_msgs/CompressedImage (JPEG, PNG and whatever else OpenCV reads); see ``decode``."""
    if 'compresseddepth' in message.format.lower():
        raise ImageError(f'format {message.format!r} is a depth image; remap image to the colour or grey image')
    _refuse_numbers(message.format.partition(';')[0].strip())
    data = np.frombuffer(message.data, dtype=np.uint8)
    if data.size == 0:
        raise ImageError('the compressed image is empty')
    if data[:2].tobytes() == b'\xff\xd8' and not _jpeg_is_complete(data.tobytes()):
        raise ImageError(f'the JPEG is truncated ({data.size} bytes)')
    try:
        # The calibration belongs to the pixels as stored, so a rotation noted in EXIF must not be applied.
        image = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        if 'MAX_IMAGE_' in str(error.err):
            raise ImageError(f'the {message.format!r} image claims to be larger than the environment variable '
                             'OPENCV_IO_MAX_IMAGE_PIXELS allows') from error
        raise ImageError(f'OpenCV cannot read the {message.format!r} image: {error.err}') from error
    if image is None:
        raise ImageError(f'OpenCV cannot read the {message.format!r} image ({data.size} bytes): '
                         'it is truncated, damaged or of a format that is not a still picture')
    return _demosaic(image, message.format)


def _demosaic(image: np.ndarray, fmt: str) -> np.ndarray:
    """The picture; where its format says that it is a mosaic, with colours.

    compressed_image_transport puts Bayer images into PNGs and JPEGs as they are ('bayer_rggb8; jpeg compressed ').
    """
    encoding, _, compression = fmt.partition(';')
    as_it_was = compression.strip() in ('png compressed', 'jpeg compressed')
    if not (encoding.startswith('bayer_') and encoding in _INTERLEAVED and as_it_was):
        return image
    mosaic = image[..., 0]    # grey images are read with three equal channels
    return cv2.cvtColor(np.ascontiguousarray(mosaic), _INTERLEAVED[encoding][2])


def _jpeg_is_complete(data: bytes) -> bool:
    """Whether the last scan is followed by an end marker; OpenCV would fill what is missing with grey."""
    return data.rfind(b'\xff\xd9') > data.rfind(b'\xff\xda')
