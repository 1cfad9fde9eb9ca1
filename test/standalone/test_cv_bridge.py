"""Images as messages, against the bytes that come off the wire."""
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

cv_bridge = pytest.importorskip('cv_bridge')
sensor_msgs = pytest.importorskip('sensor_msgs.msg')

BRIDGE = cv_bridge.CvBridge()
RANDOM = np.random.default_rng(5)
TYPES = {'8U': 'uint8', '8S': 'int8', '16U': 'uint16', '16S': 'int16', '32S': 'int32', '32F': 'float32',
         '64F': 'float64'}


def image_of(name: str, height=6, width=8, channels=3) -> np.ndarray:
    shape = (height, width) if channels == 1 else (height, width, channels)
    dtype = np.dtype(name)
    if dtype.kind == 'f':
        return RANDOM.normal(0, 100, shape).astype(dtype)
    return RANDOM.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def received(sent) -> sensor_msgs.Image:
    """The message as a subscriber gets it."""
    from rclpy.serialization import deserialize_message, serialize_message
    return deserialize_message(serialize_message(sent), sensor_msgs.Image)


def pixels_of(message, dtype: str) -> np.ndarray:
    """(H,W*C), read as sensor_msgs/Image says."""
    order = np.dtype(dtype).newbyteorder('>' if message.is_bigendian else '<')
    return np.frombuffer(message.data, order).reshape(message.height, message.step // order.itemsize)


@pytest.mark.parametrize('depth', TYPES)
@pytest.mark.parametrize('channels', [1, 2, 3, 4, 7])
def test_images_are_named_after_their_type(depth, channels):
    image = image_of(TYPES[depth], channels=channels)
    got = received(BRIDGE.cv2_to_imgmsg(image))
    assert (got.encoding, got.height, got.width) == (f'{depth}C{channels}', 6, 8)
    assert got.step == 8 * channels * image.dtype.itemsize and got.is_bigendian == 0
    assert np.array_equal(pixels_of(got, TYPES[depth]), image.reshape(6, -1))


@pytest.mark.parametrize(('encoding', 'dtype', 'channels'), [
    ('mono8', 'uint8', 1), ('mono16', 'uint16', 1), ('rgb8', 'uint8', 3), ('bgr8', 'uint8', 3), ('rgba8', 'uint8', 4),
    ('bgra8', 'uint8', 4), ('rgb16', 'uint16', 3), ('bgr16', 'uint16', 3), ('rgba16', 'uint16', 4),
    ('bgra16', 'uint16', 4), ('bayer_rggb8', 'uint8', 1), ('bayer_grbg16', 'uint16', 1), ('yuv422', 'uint8', 2),
    ('yuv422_yuy2', 'uint8', 2), ('8UC3', 'uint8', 3), ('32F', 'float32', 1)])
def test_images_with_a_named_encoding(encoding, dtype, channels):
    image = image_of(dtype, channels=channels)
    got = received(BRIDGE.cv2_to_imgmsg(image, encoding))
    assert got.encoding == encoding
    assert np.array_equal(pixels_of(got, dtype), image.reshape(6, -1))


@given(st.integers(1, 9), st.integers(1, 9))
def test_images_of_any_size(height, width):
    image = image_of('uint8', height, width)
    got = received(BRIDGE.cv2_to_imgmsg(image, 'bgr8'))
    assert (got.height, got.width, got.step, got.encoding) == (height, width, 3 * width, 'bgr8')
    assert bytes(got.data) == image.tobytes()


@pytest.mark.parametrize(('image', 'encoding'), [
    (image_of('uint8'), 'mono8'), (image_of('uint16'), 'bgr8'), (image_of('uint8', channels=1), 'nv21'),
    (image_of('uint8', channels=1), '8UC3'), (image_of('uint8'), 'rgb9'), (image_of('uint8'), '')])
def test_images_that_do_not_fit_their_encoding_are_refused(image, encoding):
    with pytest.raises(cv_bridge.CvBridgeError, match=f'cannot be sent as {encoding}'):
        BRIDGE.cv2_to_imgmsg(image, encoding)


@pytest.mark.parametrize(('image', 'reason'), [
    ([[1, 2]], 'not list'), (np.zeros(5, np.uint8), 'shape'), (np.zeros((2, 2), np.int64), 'int64'),
    (np.zeros((0, 4), np.uint8), 'no pixels')])
def test_what_is_no_image_is_refused_with_the_reason(image, reason):
    with pytest.raises(cv_bridge.CvBridgeError, match=reason):
        BRIDGE.cv2_to_imgmsg(image)
    assert issubclass(cv_bridge.CvBridgeError, TypeError)


def test_views_big_endian_arrays_and_headers_are_sent_as_they_are():
    from std_msgs.msg import Header
    view = image_of('uint8', 10, 12)[1:7:2, 2:9]
    got = received(BRIDGE.cv2_to_imgmsg(view, 'bgr8', Header(frame_id='camera')))
    assert got.header.frame_id == 'camera' and bytes(got.data) == view.tobytes()
    swapped = image_of('uint16', channels=1).astype('>u2')
    got = received(BRIDGE.cv2_to_imgmsg(swapped, 'mono16'))
    assert got.is_bigendian == 1 and np.array_equal(pixels_of(got, 'uint16'), swapped)


def test_a_frame_takes_milliseconds():
    from time import perf_counter
    frame = image_of('uint8', 720, 1280)
    start = perf_counter()
    BRIDGE.cv2_to_imgmsg(frame, 'rgb8')
    # A slow way to fill the data takes about a second.
    assert perf_counter() - start < 0.3
