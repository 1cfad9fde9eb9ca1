"""Decoding against OpenCV's own conversions, and against colours that are known."""
from __future__ import annotations

import zlib
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sensor_msgs.msg import CompressedImage, Image

from hdnet_ros.image_decoding import ENCODINGS, ImageError, decode

# Patches of plain colour, whose size is a multiple of every pattern's, so that chroma and Bayer lose nothing inside.
_COLOURS = np.array([[[200, 40, 60], [30, 180, 90]], [[50, 70, 220], [128, 128, 128]]], np.uint8)
_BGR = _COLOURS.repeat(16, 0).repeat(16, 1)
_PICTURE = np.random.default_rng(7).integers(0, 256, (12, 20, 3), dtype=np.uint8)


def _message(encoding: str, data: np.ndarray, height: int | None = None, big_endian: bool = False, pad: int = 0):
    """An image message of rows (H, W...), each with so many bytes of padding."""
    rows = np.ascontiguousarray(data).reshape(len(data), -1).view(np.uint8)
    rows = np.hstack([rows, np.full((len(rows), pad), 171, np.uint8)])
    return Image(width=data.shape[1], height=height or data.shape[0], encoding=encoding, step=rows.shape[1],
                 is_bigendian=big_endian, data=rows.tobytes())


def _interior(image: np.ndarray) -> np.ndarray:
    """The middle of each patch of _BGR."""
    return image[[[4], [24]], [[4, 24]]]


@pytest.mark.parametrize('pad', [0, 1, 13])
@pytest.mark.parametrize(('encoding', 'to_encoding'), [
    ('bgr8', None), ('8UC3', None), ('rgb8', cv2.COLOR_BGR2RGB), ('bgra8', cv2.COLOR_BGR2BGRA),
    ('8UC4', cv2.COLOR_BGR2BGRA), ('rgba8', cv2.COLOR_BGR2RGBA)])
def test_colour_comes_back_exactly(encoding, to_encoding, pad):
    data = _PICTURE if to_encoding is None else cv2.cvtColor(_PICTURE, to_encoding)
    image = decode(_message(encoding, data, pad=pad))
    assert image.dtype == np.uint8 and image.flags.c_contiguous
    np.testing.assert_array_equal(image, _PICTURE)


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize(('encoding', 'to_encoding'), [
    ('bgr16', None), ('rgb16', cv2.COLOR_BGR2RGB), ('bgra16', cv2.COLOR_BGR2BGRA), ('rgba16', cv2.COLOR_BGR2RGBA)])
def test_sixteen_bits_keep_their_upper_half(encoding, to_encoding, big_endian):
    data = _PICTURE.astype(np.uint16) * 256 + 99
    data = data if to_encoding is None else cv2.cvtColor(data, to_encoding)
    data = data.astype('>u2' if big_endian else '<u2')
    np.testing.assert_array_equal(decode(_message(encoding, data, big_endian=big_endian, pad=3)), _PICTURE)


def test_grey():
    grey = _PICTURE[..., 0]
    expected = np.dstack([grey] * 3)
    for encoding in ('mono8', '8UC1'):
        np.testing.assert_array_equal(decode(_message(encoding, grey, pad=5)), expected)
    sixteen = grey.astype(np.uint16) * 257
    np.testing.assert_array_equal(decode(_message('mono16', sixteen.astype('<u2'))), expected)
    np.testing.assert_array_equal(decode(_message('mono16', sixteen.astype('>u2'), big_endian=True)), expected)


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer(pattern, bits):
    """The name spells the colours of the first four pixels, row by row."""
    mosaic = np.zeros(_BGR.shape[:2], np.uint8)
    for index, colour in enumerate(pattern):
        row, column = divmod(index, 2)
        mosaic[row::2, column::2] = _BGR[row::2, column::2, 'bgr'.index(colour)]
    data = mosaic if bits == 8 else mosaic.astype('<u2') * 257
    np.testing.assert_array_equal(_interior(decode(_message(f'bayer_{pattern}{bits}', data))), _interior(_BGR))


@pytest.mark.parametrize(('encoding', 'order'), [('yuv422', 'UYVY'), ('uyvy', 'UYVY'), ('yuv422_yuy2', 'YUYV'),
                                                 ('yuyv', 'YUYV')])
def test_yuv_422(encoding, order):
    y, u, v = _limited_yuv(_BGR)
    data = np.zeros((*_BGR.shape[:2], 2), np.uint8)
    luma, chroma = order.index('Y'), 1 - order.index('Y')
    data[..., luma] = y
    data[:, 0::2, chroma], data[:, 1::2, chroma] = u[:, ::2], v[:, ::2]
    np.testing.assert_allclose(_interior(decode(_message(encoding, data, pad=7))), _interior(_BGR), atol=3)


def test_nv21():
    y, u, v = _limited_yuv(_BGR)
    height, width = y.shape
    chroma = np.dstack([v[::2, ::2], u[::2, ::2]]).reshape(height // 2, width)
    message = _message('nv21', np.vstack([y, chroma]), height=height, pad=6)
    np.testing.assert_allclose(_interior(decode(message)), _interior(_BGR), atol=3)


def test_nv24():
    y, u, v = _limited_yuv(_BGR)
    height, width = y.shape
    chroma = np.dstack([u, v]).reshape(2 * height, width)
    image = decode(_message('nv24', np.vstack([y, chroma]), height=height))
    np.testing.assert_allclose(_interior(image), _interior(_BGR), atol=3)


def _limited_yuv(bgr: np.ndarray) -> tuple[np.ndarray, ...]:
    """Y, U and V by ITU-R BT.601: luma 16..235, chroma 16..240."""
    blue, green, red = (bgr[..., channel] / 255 for channel in range(3))
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    planes = 16 + 219 * luma, 128 + 112 * (blue - luma) / 0.886, 128 + 112 * (red - luma) / 0.701
    return tuple(np.rint(plane).astype(np.uint8) for plane in planes)


@given(st.sampled_from([e for e in ENCODINGS if not e.startswith('nv')]), st.integers(1, 6), st.integers(1, 4),
       st.integers(0, 5), st.integers(0, 200))
def test_any_size_and_amount_of_data_gives_an_image_or_a_reason(encoding, half_width, height, pad, size):
    """Never another exception, never memory that is not the message's."""
    message = SimpleNamespace(width=2 * half_width, height=height, encoding=encoding, is_bigendian=0,
                              step=2 * half_width + pad, data=bytes(size))
    try:
        assert decode(message).shape == (height, 2 * half_width, 3)
    except ImageError as error:
        assert str(error)


@pytest.mark.parametrize(('changes', 'reason'), [
    ({'width': 0}, 'empty'), ({'height': 0}, 'empty'), ({'step': 0}, 'step 0'), ({'step': 59}, 'step 59'),
    ({'data': b''}, 'truncated: 0 bytes'), ({'encoding': ''}, "unknown encoding ''"),
    ({'encoding': 'jpeg'}, 'known are bgr8'), ({'encoding': '32FC1'}, 'depth image'), ({'encoding': '16UC1'}, 'depth'),
    ({'encoding': 'yuyv', 'width': 19}, 'even width'), ({'encoding': 'nv21', 'width': 19}, 'even'),
    ({'encoding': 'nv24', 'step': 21}, 'truncated'), ({'width': 2 ** 32 - 1, 'step': 2 ** 32 - 1}, 'too small')])
def test_refusals_say_why(changes, reason):
    message = _message('bgr8', _PICTURE)
    fields = {name: getattr(message, name) for name in ('width', 'height', 'step', 'data', 'encoding', 'is_bigendian')}
    with pytest.raises(ImageError, match=reason):
        decode(SimpleNamespace(**{**fields, 'data': bytes(fields['data']), **changes}))


def test_png_and_jpeg():
    png = CompressedImage(format='bgr8; png compressed bgr8', data=cv2.imencode('.png', _PICTURE)[1].tobytes())
    np.testing.assert_array_equal(decode(png), _PICTURE)
    jpeg = CompressedImage(format='jpeg', data=cv2.imencode('.jpg', _BGR)[1].tobytes())
    np.testing.assert_allclose(_interior(decode(jpeg)), _interior(_BGR), atol=6)


@pytest.mark.parametrize('bits', [8, 16])
def test_bayer_in_a_png(bits):
    """As compressed_image_transport sends it: the mosaic as it is, and its pattern in the format."""
    mosaic = np.random.default_rng(0).integers(0, 256, (20, 24)).astype(np.uint8)
    stored = mosaic if bits == 8 else mosaic.astype(np.uint16) << 8
    data = cv2.imencode('.png', stored)[1].tobytes()
    found = decode(CompressedImage(format=f'bayer_gbrg{bits}; png compressed ', data=data))
    np.testing.assert_array_equal(found, decode(_message('bayer_gbrg8', mosaic)))
    grey = decode(CompressedImage(format='mono8; png compressed ', data=data))
    np.testing.assert_array_equal(grey, np.dstack([mosaic] * 3))


def test_bayer_in_a_jpeg():
    """compressed_image_transport puts the mosaic into its default, a JPEG, too."""
    mosaic = np.repeat(np.repeat(np.array([[40, 200], [120, 90]], np.uint8), 12, 0), 12, 1)
    data = cv2.imencode('.jpg', mosaic, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes()
    found = decode(CompressedImage(format='bayer_rggb8; jpeg compressed ', data=data))
    np.testing.assert_allclose(found, decode(_message('bayer_rggb8', mosaic)), atol=4)


@pytest.mark.parametrize('fmt', ['16UC1; png compressed ', '16UC1; jpeg compressed ', '32FC1; png compressed '])
def test_depth_on_the_transport_of_pictures(fmt):
    data = cv2.imencode('.png', np.full((8, 8), 1500, np.uint16))[1].tobytes()
    with pytest.raises(ImageError, match='depth image.*remap image'):
        decode(CompressedImage(format=fmt, data=data))


def test_the_rotation_in_exif_is_not_applied():
    """Pixels must stay where the calibration has them."""
    plain = cv2.imencode('.jpg', _PICTURE[:, :12])[1].tobytes()
    tiff = b'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0'   # orientation: turn by 90 degrees
    exif = b'\xff\xe1' + (len(tiff) + 8).to_bytes(2, 'big') + b'Exif\0\0' + tiff
    turned = plain[:2] + exif + plain[2:]
    assert not np.array_equal(cv2.imdecode(np.frombuffer(turned, np.uint8), cv2.IMREAD_COLOR),
                              cv2.imdecode(np.frombuffer(plain, np.uint8), cv2.IMREAD_COLOR))
    np.testing.assert_array_equal(decode(CompressedImage(data=turned)), decode(CompressedImage(data=plain)))


@pytest.mark.parametrize('share', [0.3, 0.7, 0.99])
def test_a_jpeg_that_is_cut_short(share):
    data = cv2.imencode('.jpg', _PICTURE)[1].tobytes()
    with pytest.raises(ImageError, match='truncated'):
        decode(CompressedImage(format='jpeg', data=data[:int(len(data) * share)]))
    decode(CompressedImage(format='jpeg', data=data + bytes(100)))   # drivers do pad their buffers


@pytest.mark.parametrize(('fmt', 'data', 'reason'), [
    ('jpeg', b'', 'empty'), ('h264', b'\0\0\0\1gB', 'still picture'), ('16UC1; compressedDepth', b'abc', 'depth image'),
    ('png', b'\x89PNG\r\n\x1a\n' + bytes(20), "'png'")])
def test_compressed_refusals_say_why(fmt, data, reason):
    with pytest.raises(ImageError, match=reason):
        decode(CompressedImage(format=fmt, data=data))


def test_a_picture_that_claims_to_be_gigantic():
    """A PNG header for 60000 x 60000 pixels must be refused before memory is taken for it."""
    header = b'IHDR' + (60000).to_bytes(4, 'big') * 2 + b'\x08\x02\0\0\0'
    data = b'\x89PNG\r\n\x1a\n' + (13).to_bytes(4, 'big') + header + zlib.crc32(header).to_bytes(4, 'big')
    with pytest.raises(ImageError):
        decode(CompressedImage(format='png', data=data))
