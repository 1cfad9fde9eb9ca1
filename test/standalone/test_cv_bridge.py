"""Image messages against OpenCV and hand-made bytes."""
from __future__ import annotations

from array import array

import cv2
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


def message(rows: list[bytes], width: int, encoding: str, height: int | None = None, big=False):
    """A message of hand-made rows, all of the same number of bytes."""
    return sensor_msgs.Image(height=len(rows) if height is None else height, width=width, encoding=encoding,
                             step=len(rows[0]), is_bigendian=big, data=array('B', b''.join(rows)))


@pytest.mark.parametrize('depth', TYPES)
@pytest.mark.parametrize('channels', [1, 2, 3, 4, 7])
def test_generic_types_survive_the_round_trip(depth, channels):
    image = image_of(TYPES[depth], channels=channels)
    sent = BRIDGE.cv2_to_imgmsg(image)
    assert (sent.encoding, sent.height, sent.width) == (f'{depth}C{channels}', 6, 8)
    assert sent.step == 8 * channels * image.dtype.itemsize and sent.is_bigendian == 0
    got = BRIDGE.imgmsg_to_cv2(sent)
    assert got.dtype == image.dtype and np.array_equal(got, image)


@pytest.mark.parametrize(('encoding', 'dtype', 'channels'), [
    ('mono8', 'uint8', 1), ('mono16', 'uint16', 1), ('rgb8', 'uint8', 3), ('bgr8', 'uint8', 3), ('rgba8', 'uint8', 4),
    ('bgra8', 'uint8', 4), ('rgb16', 'uint16', 3), ('bgr16', 'uint16', 3), ('rgba16', 'uint16', 4),
    ('bgra16', 'uint16', 4), ('bayer_rggb8', 'uint8', 1), ('bayer_grbg16', 'uint16', 1), ('yuv422', 'uint8', 2),
    ('yuv422_yuy2', 'uint8', 2), ('8UC3', 'uint8', 3), ('32F', 'float32', 1)])
def test_named_encodings_survive_the_round_trip(encoding, dtype, channels):
    image = image_of(dtype, channels=channels)
    sent = BRIDGE.cv2_to_imgmsg(image, encoding)
    assert sent.encoding == encoding
    assert np.array_equal(BRIDGE.imgmsg_to_cv2(sent), image)
    assert np.array_equal(BRIDGE.imgmsg_to_cv2(sent, encoding), image)
    assert BRIDGE.encoding_to_dtype_with_channels(encoding) == (dtype, channels)


@given(st.sampled_from(['mono8', 'bgr8', 'rgba8', 'mono16', 'rgb16', '32FC1', '32FC3', '64FC2']), st.integers(1, 9),
       st.integers(1, 9), st.integers(0, 17), st.booleans(), st.sampled_from(['array', 'bytes', 'list', 'numpy']))
def test_padded_rows_in_both_byte_orders(encoding, height, width, padding, big, kind):
    name, channels = BRIDGE.encoding_to_dtype_with_channels(encoding)
    image = image_of(name, height, width, channels)
    stored = image.astype(np.dtype(name).newbyteorder('>' if big else '<'))
    sent = message([row.tobytes() + b'\xaa' * padding for row in stored], width, encoding, big=big)
    data = bytes(sent.data)
    if kind != 'array':   # as other serialisers hand it over
        sent = FakeImage(sent, {'bytes': data, 'list': list(data), 'numpy': np.frombuffer(data, np.uint8)}[kind])
    got = BRIDGE.imgmsg_to_cv2(sent)
    assert got.dtype == np.dtype(name) and np.array_equal(got, image)


class FakeImage:
    """A message whose data is of another type than rclpy makes it."""

    def __init__(self, sent, data):
        self.height, self.width, self.step, self.encoding = sent.height, sent.width, sent.step, sent.encoding
        self.is_bigendian, self.data = sent.is_bigendian, data


COLORS = ['mono', 'rgb', 'bgr', 'rgba', 'bgra']


@pytest.mark.parametrize('source', COLORS)
@pytest.mark.parametrize('target', COLORS)
@pytest.mark.parametrize('bits', [8, 16])
def test_colours_as_opencv_converts_them(source, target, bits):
    image = image_of(f'uint{bits}', channels={'mono': 1, 'rgb': 3, 'bgr': 3}.get(source, 4))
    names = [name.upper().replace('MONO', 'GRAY') for name in (source, target)]
    expected = image if source == target else cv2.cvtColor(image, getattr(cv2, f'COLOR_{names[0]}2{names[1]}'))
    got = BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(image, f'{source}{bits}'), f'{target}{bits}')
    assert got.dtype == image.dtype and np.array_equal(got, expected)


def test_known_colours():
    red = message([bytes([250, 10, 20])], 1, 'rgb8')
    assert BRIDGE.imgmsg_to_cv2(red, 'bgr8').tolist() == [[[20, 10, 250]]]
    assert BRIDGE.imgmsg_to_cv2(red, 'bgra8').tolist() == [[[20, 10, 250, 255]]]
    assert BRIDGE.imgmsg_to_cv2(red, 'mono8').tolist() == [[round(0.299 * 250 + 0.587 * 10 + 0.114 * 20)]]


def test_depth_changes_scale_between_8_and_16_bits():
    wide = message([np.array([0, 128, 129, 257, 32896, 65535], '<u2').tobytes()], 6, 'mono16')
    assert BRIDGE.imgmsg_to_cv2(wide, 'mono8').tolist() == [[0, 0, 1, 1, 128, 255]]
    narrow = message([bytes([0, 1, 128, 255])], 4, 'mono8')
    assert BRIDGE.imgmsg_to_cv2(narrow, 'mono16').tolist() == [[0, 257, 32896, 65535]]
    every = message([np.arange(65536, dtype='<u2').tobytes()], 65536, 'mono16')
    assert np.array_equal(BRIDGE.imgmsg_to_cv2(every, 'mono8')[0], np.rint(np.arange(65536) / 257))
    rgb = message([np.array([65535, 257, 0], '<u2').tobytes()], 1, 'rgb16')
    assert BRIDGE.imgmsg_to_cv2(rgb, 'bgr8').tolist() == [[[0, 1, 255]]]


def test_depth_changes_of_numbers_round_and_saturate():
    numbers = np.array([[-5.0, 0.5, 1.5, 254.7, 1e9, np.nan]], np.float32)
    sent = BRIDGE.cv2_to_imgmsg(numbers)
    assert BRIDGE.imgmsg_to_cv2(sent, '8UC1').tolist() == [[0, 0, 2, 255, 255, 0]]
    assert BRIDGE.imgmsg_to_cv2(sent, '64FC1').dtype == np.float64
    assert BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(image_of('uint8'), 'bgr8'), '32FC3').dtype == np.float32


# Which colour (0 red, 1 green, 2 blue) the first 2x2 pixels of each pattern see.
TILES = {'rggb': [[0, 1], [1, 2]], 'bggr': [[2, 1], [1, 0]], 'gbrg': [[1, 2], [0, 1]], 'grbg': [[1, 0], [2, 1]]}


@pytest.mark.parametrize('pattern', TILES)
@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('target', ['rgb', 'bgr', 'rgba', 'bgra', 'mono'])
def test_bayer_patterns_give_back_the_colour_that_was_mosaicked(pattern, bits, target):
    unit = 1 if bits == 8 else 257
    color = np.array([200, 90, 30]) * unit
    mosaic = np.tile(color[np.array(TILES[pattern])], (5, 6)).astype(f'uint{bits}')
    got = BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(mosaic, f'bayer_{pattern}{bits}'), f'{target}{bits}')
    opaque = 255 * unit
    gray = 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]
    expected = {'rgb': color, 'bgr': color[::-1], 'rgba': [*color, opaque], 'bgra': [*color[::-1], opaque],
                'mono': gray}[target]
    assert np.abs(got[4, 5].astype(int) - expected).max() <= (1 if target == 'mono' else 0) * unit
    assert np.ptp(got[2:-2, 2:-2].reshape(6, 8, -1), axis=(0, 1)).max() == 0


def yuv_to_rgb(y, u, v) -> np.ndarray:
    """ITU-R BT.601 with luminance 16..235, as cameras send it."""
    y, u, v = (np.asarray(part, float) - offset for part, offset in ((y, 16), (u, 128), (v, 128)))
    rgb = [1.164 * y + 1.596 * v, 1.164 * y - 0.813 * v - 0.391 * u, 1.164 * y + 2.018 * u]
    return np.clip(np.stack(rgb, axis=-1), 0, 255)


@pytest.mark.parametrize('encoding', ['yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv', 'nv21', 'nv24'])
@pytest.mark.parametrize('padding', [0, 3])
def test_yuv_against_the_formula(encoding, padding):
    height, width = 4, 6
    luminance = RANDOM.integers(16, 235, (height, width), dtype=np.uint8)
    # One colour for each block that shares it.
    block = {'nv21': (2, 2), 'nv24': (1, 1)}.get(encoding, (1, 2))
    chroma = RANDOM.integers(60, 200, (height // block[0], width // block[1], 2), dtype=np.uint8)
    full = chroma.repeat(block[0], axis=0).repeat(block[1], axis=1)
    pad = b'\xaa' * padding
    if encoding.startswith('nv'):
        pairs = chroma[..., ::-1] if encoding == 'nv21' else chroma
        rows = [row.tobytes() + pad for row in luminance]
        if encoding == 'nv21':
            rows += [row.tobytes() + pad for row in pairs]
        else:   # rows of twice the bytes and twice the step
            rows += [part for row in pairs for part in split(row.tobytes() + 2 * pad)]
    else:
        pixels = np.empty((height, width, 2), np.uint8)
        first_luminance = encoding in ('yuv422_yuy2', 'yuyv')
        pixels[..., 0 if first_luminance else 1] = luminance
        other = pixels[..., 1 if first_luminance else 0]
        other[:, 0::2], other[:, 1::2] = full[:, 0::2, 0], full[:, 1::2, 1]
        rows = [row.tobytes() + pad for row in pixels]
    sent = message(rows, width, encoding, height=height)
    expected = yuv_to_rgb(luminance, full[..., 0], full[..., 1])
    assert np.abs(BRIDGE.imgmsg_to_cv2(sent, 'rgb8') - expected).max() <= 2
    assert np.abs(BRIDGE.imgmsg_to_cv2(sent, 'bgr8')[..., ::-1] - expected).max() <= 2
    assert BRIDGE.imgmsg_to_cv2(sent, 'bgra8')[..., 3].min() == 255
    assert np.array_equal(BRIDGE.imgmsg_to_cv2(sent, 'mono8'), luminance)
    assert BRIDGE.imgmsg_to_cv2(sent).dtype == np.uint8


def split(line: bytes) -> list[bytes]:
    return [line[:len(line) // 2], line[len(line) // 2:]]


@pytest.mark.parametrize(('change', 'reason'), [
    ({'encoding': 'rgb9'}, 'unknown image encoding "rgb9"'), ({'encoding': ''}, 'unknown image encoding'),
    ({'encoding': '8UC0'}, 'unknown'), ({'encoding': '8UC513'}, 'unknown'), ({'height': 0}, 'no pixels'),
    ({'width': 0}, 'no pixels'), ({'step': 23}, 'step of 23 bytes is too short'), ({'step': 25}, 'cut short'),
    ({'height': 7}, 'cut short'), ({'data': array('B')}, 'cut short')])
def test_contradictory_messages_are_refused_with_the_reason(change, reason):
    sent = BRIDGE.cv2_to_imgmsg(image_of('uint8'), 'bgr8')
    for name, value in change.items():
        setattr(sent, name, value)
    with pytest.raises(cv_bridge.CvBridgeError, match=reason):
        BRIDGE.imgmsg_to_cv2(sent, 'bgr8')


@pytest.mark.parametrize(('source', 'target', 'reason'), [
    ('8UC3', 'bgr8', 'no colours'), ('16UC1', 'mono16', 'no colours'), ('bgr8', '8UC1', '3 and 1 channels'),
    ('32FC1', '8UC2', '1 and 2 channels'), ('bgr8', 'bayer_rggb8', 'only to mono'), ('mono8', 'yuv422', 'only to mono'),
    ('bgr8', 'nonsense', 'unknown image encoding')])
def test_senseless_conversions_are_refused_with_the_reason(source, target, reason):
    name, channels = BRIDGE.encoding_to_dtype_with_channels(source)
    sent = BRIDGE.cv2_to_imgmsg(image_of(name, channels=channels), source)
    with pytest.raises(cv_bridge.CvBridgeError, match=reason):
        BRIDGE.imgmsg_to_cv2(sent, target)


def test_conversions_that_opencv_refuses_are_errors_in_words():
    sent = message([bytes(6)] * 2, 3, 'yuv422')   # an odd width has half a pair
    with pytest.raises(cv_bridge.CvBridgeError, match='cannot convert yuv422'):
        BRIDGE.imgmsg_to_cv2(sent, 'bgr8')


def test_images_that_do_not_fit_their_encoding_are_refused():
    for image, encoding in ((image_of('uint8'), 'mono8'), (image_of('uint16'), 'bgr8'),
                            (image_of('uint8', channels=1), 'nv21')):
        with pytest.raises(cv_bridge.CvBridgeError, match='cannot be sent as'):
            BRIDGE.cv2_to_imgmsg(image, encoding)
    for image in ([[1, 2]], np.zeros(5, np.uint8), np.zeros((2, 2), np.int64), np.zeros((0, 4), np.uint8)):
        with pytest.raises(cv_bridge.CvBridgeError):
            BRIDGE.cv2_to_imgmsg(image)
    assert issubclass(cv_bridge.CvBridgeError, TypeError)


def test_views_big_endian_arrays_and_headers_are_sent_as_they_are():
    from std_msgs.msg import Header
    whole = image_of('uint8', 10, 12)
    view = whole[1:7:2, 2:9]
    sent = BRIDGE.cv2_to_imgmsg(view, 'bgr8', Header(frame_id='camera'))
    assert sent.header.frame_id == 'camera' and np.array_equal(BRIDGE.imgmsg_to_cv2(sent), view)
    swapped = image_of('uint16', channels=1).astype('>u2')
    sent = BRIDGE.cv2_to_imgmsg(swapped, 'mono16')
    assert sent.is_bigendian == 1 and bytes(sent.data) == swapped.tobytes()
    assert np.array_equal(BRIDGE.imgmsg_to_cv2(sent), swapped)


def test_a_frame_takes_milliseconds():
    from time import perf_counter
    frame = image_of('uint8', 720, 1280)
    start = perf_counter()
    BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(frame, 'rgb8'), 'bgr8')
    # A slow way to fill the data takes about a second.
    assert perf_counter() - start < 0.3


@pytest.mark.parametrize('kind', ['png', 'tiff'])
@pytest.mark.parametrize(('dtype', 'channels', 'name'), [
    ('uint8', 1, 'mono8'), ('uint8', 3, 'bgr8'), ('uint8', 4, 'bgra8'), ('uint16', 1, 'mono16'),
    ('uint16', 3, 'bgr16')])
def test_lossless_files_survive_the_round_trip(kind, dtype, channels, name):
    image = image_of(dtype, channels=channels)
    sent = BRIDGE.cv2_to_compressed_imgmsg(image, kind)
    assert sent.format == kind
    assert np.array_equal(BRIDGE.compressed_imgmsg_to_cv2(sent), image)
    # The same as if the image had come raw.
    for target in ('bgr8', 'rgb8', 'mono8'):
        raw = BRIDGE.imgmsg_to_cv2(BRIDGE.cv2_to_imgmsg(image, name), target)
        assert np.array_equal(BRIDGE.compressed_imgmsg_to_cv2(sent, target), raw)


def test_jpeg_keeps_what_is_seen():
    smooth = np.tile(np.linspace(0, 255, 64, dtype=np.uint8)[:, None, None], (1, 64, 3))
    sent = BRIDGE.cv2_to_compressed_imgmsg(smooth)
    assert sent.format == 'jpg' and bytes(sent.data[:2]) == b'\xff\xd8'
    assert np.abs(BRIDGE.compressed_imgmsg_to_cv2(sent, 'rgb8').astype(int) - smooth).max() < 12


def test_files_that_are_no_images_are_refused():
    for data in (b'', b'no image', b'\xff\xd8\xff'):
        with pytest.raises(cv_bridge.CvBridgeError, match='no image that OpenCV reads'):
            BRIDGE.compressed_imgmsg_to_cv2(sensor_msgs.CompressedImage(format='jpeg', data=array('B', data)))
    with pytest.raises(cv_bridge.CvBridgeError, match='cannot store'):
        BRIDGE.cv2_to_compressed_imgmsg(image_of('uint8'), 'nonsense')
    floats = BRIDGE.cv2_to_compressed_imgmsg(image_of('float32'), 'tiff')
    with pytest.raises(cv_bridge.CvBridgeError, match='no colours'):
        BRIDGE.compressed_imgmsg_to_cv2(floats, 'bgr8')
