"""From one encoding to another."""
from __future__ import annotations

import cv2
import numpy as np

from cv_bridge.encodings import Encoding
from cv_bridge.errors import CvBridgeError

PLAIN = ('gray', 'rgb', 'bgr', 'rgba', 'bgra')
# OpenCV names a Bayer pattern by the second row's second and third pixel, ROS by the first row's first and second.
BAYER_NAMES = {'bayer_rggb': 'BayerBG', 'bayer_bggr': 'BayerRG', 'bayer_gbrg': 'BayerGR', 'bayer_grbg': 'BayerGB'}
YUV_NAMES = {'uyvy': 'UYVY', 'yuyv': 'YUY2', 'nv21': 'NV21'}


def convert(image: np.ndarray, source: Encoding, target: Encoding) -> np.ndarray:
    """Convert `image` from `source` to `target`; CvBridgeError where that makes no sense."""
    if source.name == target.name or source == target:
        return image
    if source.family is None or target.family is None:
        _check_numbers(source, target)
    elif source.family != target.family:
        try:
            image = _change_family(image, source.family, target.family)
        except cv2.error as error:
            raise CvBridgeError(f'cannot convert {source.name} of shape {image.shape} to {target.name}: '
                                f'{error}') from error
    return change_depth(image, target.dtype)


def change_depth(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Change the element type: rounded and saturated; 8 to 16 bits and back also scaled to the full range."""
    if image.dtype == dtype:
        return image
    if (image.dtype.name, dtype.name) == ('uint16', 'uint8'):   # the common case, much faster
        return cv2.convertScaleAbs(image, alpha=255 / 65535)
    bits = image.dtype.itemsize * 8, dtype.itemsize * 8
    scale = {(8, 16): 65535 / 255, (16, 8): 255 / 65535}.get(bits, 1.0)
    if dtype.kind == 'f':
        return image.astype(dtype)
    limits = np.iinfo(dtype)
    numbers = np.nan_to_num(np.rint(image.astype(np.float64) * scale), nan=0.0)
    return np.clip(numbers, limits.min, limits.max).astype(dtype)


def _check_numbers(source: Encoding, target: Encoding) -> None:
    """Between numbers and colours nothing but the element type can change."""
    if source.family is None and target.family is not None:
        raise CvBridgeError(f'cannot convert {source.name} to {target.name}: {source.name} has no colours')
    if source.channels != target.channels:
        raise CvBridgeError(f'cannot convert {source.name} to {target.name}: they have {source.channels} and '
                            f'{target.channels} channels')


def _change_family(image: np.ndarray, source: str, target: str) -> np.ndarray:
    if target not in PLAIN:
        raise CvBridgeError(f'cannot convert {source} to {target}: only to mono, rgb, bgr, rgba and bgra')
    if source in PLAIN:
        return _recolor(image, source, target)
    if source in BAYER_NAMES:
        # OpenCV has no Bayer code with an alpha channel for 16 bits.
        direct = target if target in ('gray', 'rgb') else 'bgr'
        return _recolor(cv2.cvtColor(image, _code(BAYER_NAMES[source], direct)), direct, target)
    if source == 'nv24':
        return _nv24(image, target)
    if target == 'gray':
        return _luminance(image, source)
    return cv2.cvtColor(image, _code('YUV', target, YUV_NAMES[source]))


def _luminance(image: np.ndarray, source: str) -> np.ndarray:
    """The Y of an image in YUV, (H,W)."""
    if source == 'nv21':
        return np.ascontiguousarray(image[:image.shape[0] * 2 // 3])
    return np.ascontiguousarray(image[..., 1 if source == 'uyvy' else 0])


def _nv24(image: np.ndarray, target: str) -> np.ndarray:
    """From a plane of Y and a plane of UV pairs, both at full resolution, which OpenCV cannot read."""
    width, height = image.shape[1], image.shape[0] // 3
    luminance = image[:height]
    if target == 'gray':
        return np.ascontiguousarray(luminance)
    chroma = image[height:].reshape(height, width, 2)
    # UYVY shares one UV among two pixels: every pixel twice, then every second one of the result.
    doubled = np.stack([chroma[..., 0], luminance, chroma[..., 1], luminance], axis=-1).reshape(height, 2 * width, 2)
    return np.ascontiguousarray(cv2.cvtColor(doubled, _code('YUV', target, 'UYVY'))[:, ::2])


def _recolor(image: np.ndarray, source: str, target: str) -> np.ndarray:
    return image if source == target else cv2.cvtColor(image, _code(source.upper(), target))


def _code(source: str, target: str, layout: str | None = None) -> int:
    name = f'COLOR_{source}2{target.upper()}'
    return getattr(cv2, f'{name}_{layout}' if layout else name)
