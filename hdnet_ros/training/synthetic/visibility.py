"""How much of somebody is seen, and where: boxes, visible share, visible joints."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hdnet_ros.training.synthetic.material import Drawable
from hdnet_ros.training.synthetic.renderer import Geometry, Renderer
from hdnet_ros.training.synthetic.view import View

_ALONE_PX = 96
_JOINT_DEPTH_M = 0.16     # a joint lies at most so deep below the surface that is seen in front of it


@dataclass(frozen=True, eq=False)
class Seen:
    """identities: (h, w) at a fraction of the image's size. depths_m: (h, w). scale: image pixels per pixel here."""

    identities: np.ndarray
    depths_m: np.ndarray
    scale: float

    @classmethod
    def look(cls, renderer: Renderer, geometry: Geometry, view: View, scale: int) -> Seen:
        """Who is seen where, at 1/scale of the image's size."""
        size = (view.width // scale, view.height // scale)
        K = view.K / scale
        K[2, 2] = 1
        K[:2, 2] = (view.K[:2, 2] + 0.5) / scale - 0.5
        return cls(*renderer.identities(geometry, K, size), scale)

    def box(self, identity: int) -> np.ndarray | None:
        """(4,) xyxy px that encloses the visible pixels; None if there are none."""
        mask = self.identities == identity
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if not len(rows):
            return None
        edges = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)
        return edges * self.scale - 0.5

    def area_px(self, identity: int) -> float:
        """Visible pixels of the image."""
        return float((self.identities == identity).sum()) * self.scale ** 2

    def joints(self, identity: int, joints_px: np.ndarray, depths_m: np.ndarray) -> np.ndarray:
        """(J,) bool: inside the image, and what is seen there is this person's surface just above the joint."""
        height, width = self.identities.shape
        columns, rows = np.floor((joints_px.T + 0.5) / self.scale).astype(int)
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        columns, rows = columns.clip(0, width - 1), rows.clip(0, height - 1)
        same = self.identities[rows, columns] == identity
        return inside & same & (depths_m - self.depths_m[rows, columns] < _JOINT_DEPTH_M)


def body_box(drawable: Drawable, view: View) -> np.ndarray:
    """(4,) xyxy px that encloses the whole body with clothes, as if nothing hid it and the image had no border."""
    used = np.zeros(len(drawable.vertices), bool)
    used[drawable.triangles] = True
    points = view.project(drawable.vertices[used, :3])
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def whole_area_px(renderer: Renderer, geometry: Geometry, view: View, identity: int, box: np.ndarray) -> float:
    """Pixels that the person alone would cover in an image without borders."""
    stretch = _ALONE_PX / np.maximum(box[2:] - box[:2], 1e-6)
    K = np.diag([view.K[0, 0] * stretch[0], view.K[1, 1] * stretch[1], 1.0])
    K[:2, 2] = (view.K[:2, 2] - box[:2]) * stretch - 0.5
    alone, _ = renderer.identities(geometry, K, (_ALONE_PX, _ALONE_PX), only=identity)
    return float((alone == identity).sum()) / (stretch[0] * stretch[1])
