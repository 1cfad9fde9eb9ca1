"""Calibration files as ROS's camera_calibration and camera_info_manager write and read them."""
from __future__ import annotations

from os import PathLike
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import yaml

from hdnet_ros.calibration import CalibrationError, told_coefficients


def read_calibration_file(path: str | PathLike) -> SimpleNamespace:
    """An object with the fields of sensor_msgs/CameraInfo; raises CalibrationError if the file is not a calibration.

    A missing distortion_model means plumb_bob and a missing projection_matrix is all zero, as in ROS.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CalibrationError(f'cannot read the calibration file {path}: {error}') from error
    if not isinstance(content, dict):
        raise CalibrationError(f'{path} is not a camera calibration; it must look like the files of camera_calibration')
    size = [_entry(content, key, path) for key in ('image_width', 'image_height')]
    if not all(isinstance(value, int) for value in size):
        raise CalibrationError(f'image_width and image_height in {path} must be whole numbers, not {size}')
    return SimpleNamespace(
        width=size[0], height=size[1],
        distortion_model=str(content.get('distortion_model', 'plumb_bob')),
        k=_matrix(content, 'camera_matrix', path),
        d=_matrix(content, 'distortion_coefficients', path),
        p=_matrix(content, 'projection_matrix', path) if 'projection_matrix' in content else [0.0] * 12,
        binning_x=0, binning_y=0,
        roi=SimpleNamespace(x_offset=0, y_offset=0, width=0, height=0),
    )


def write_calibration_file(path: str | PathLike, name: str, width: int, height: int,
                           K: np.ndarray, D: np.ndarray, model: str) -> None:
    """Write the calibration of a single (not stereo) camera; the rectified image keeps K."""
    projection = np.column_stack([K, np.zeros(3)])
    content = {
        'image_width': width,
        'image_height': height,
        'camera_name': name,
        'camera_matrix': _matrix_entry(K),
        'distortion_model': model,
        'distortion_coefficients': _matrix_entry(told_coefficients(D, model)[None]),
        'rectification_matrix': _matrix_entry(np.eye(3)),
        'projection_matrix': _matrix_entry(projection),
    }
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False, default_flow_style=None), encoding='utf-8')


def _matrix_entry(matrix: np.ndarray) -> dict[str, Any]:
    rows, columns = matrix.shape
    return {'rows': rows, 'cols': columns, 'data': matrix.ravel().tolist()}


def _entry(content: dict, key: str, path: str | PathLike) -> Any:
    if key not in content:
        raise CalibrationError(f'{path} has no {key}; it must look like the files of camera_calibration')
    return content[key]


def _matrix(content: dict, key: str, path: str | PathLike) -> Any:
    entry = _entry(content, key, path)
    if not isinstance(entry, dict) or 'data' not in entry:
        raise CalibrationError(f'{key} in {path} must have rows, cols and data')
    return entry['data']
