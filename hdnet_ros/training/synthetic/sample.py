"""What one synthetic image holds: the picture and the metric truth about everybody in it."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class SyntheticPerson:
    """One person of an image who is visible enough to learn from.

    joints_camera: (17, 3) metres, camera frame, Human3.6M order (``skeleton.HUMAN36M_17``).
    joints_px: (17, 2) their projections; may lie outside the image.
    joints_visible: (17,) bool: inside the image and not behind something else or the far side of the own body.
    box: (4,) xyxy px, encloses the visible pixels of the person, clothes and hair included.
    visibility: visible pixels over the pixels of the whole silhouette, also beyond the image border; 0..1.
    height_m: standing height, barefoot.
    body_box: (4,) xyxy px of the whole silhouette; may reach beyond the image.
    extremities_camera: (4, 3) metres: right hand, left hand, right toe, left toe (the rest of MuCo's joints).
    """

    joints_camera: np.ndarray
    joints_px: np.ndarray
    joints_visible: np.ndarray
    box: np.ndarray
    visibility: float
    height_m: float
    age_years: float
    body_id: str
    body_box: np.ndarray
    extremities_camera: np.ndarray


@dataclass(frozen=True, eq=False)
class SyntheticImage:
    """One image. image: (H, W, 3) uint8 BGR; K: (3, 3) px; index: of the sample."""

    image: np.ndarray
    K: np.ndarray
    people: tuple[SyntheticPerson, ...]
    index: int
