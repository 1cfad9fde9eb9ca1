"""Joints of Human3.6M as the 18 keypoints of hri_msgs/Skeleton2D (those of OpenPose's COCO model)."""
from __future__ import annotations

import numpy as np

from hdnet_ros.skeleton import HUMAN36M_17

# Our neck joint lies in the head behind the nose, and our thorax between the shoulders, where COCO has its neck.
# Eyes and ears are not among the 17.
_SOURCES = ('neck', 'thorax', 'right_shoulder', 'right_elbow', 'right_wrist', 'left_shoulder', 'left_elbow',
            'left_wrist', 'right_hip', 'right_knee', 'right_foot', 'left_hip', 'left_knee', 'left_foot')
KEYPOINTS = 18


def skeleton_2d(joints_px: np.ndarray, confidence: np.ndarray, image_size: tuple[int, int]) -> np.ndarray:
    """(18, 3) x, y in fractions of the image, and confidence 0..1.

    joints_px: (17, 2) pixels (integer = pixel centre); confidence: (17,); image_size: (width, height).
    The message wants all values in 0..1: a keypoint that is unknown or outside the image is all zero, as OpenPose has
    it.
    """
    rows = [HUMAN36M_17.index(name) for name in _SOURCES]
    keypoints = np.zeros((KEYPOINTS, 3))
    places = (joints_px[rows] + 0.5) / np.asarray(image_size)
    known = ((places >= 0) & (places <= 1)).all(axis=1)   # NaN compares as False
    keypoints[:len(rows)][known] = np.column_stack([places, np.clip(confidence[rows], 0, 1)])[known]
    return keypoints
