"""A picture of what a network sees: windows with boxes, estimated and true joints and depths."""
from __future__ import annotations

import cv2
import numpy as np
import torch

from hdnet_ros.network import HDNet
from hdnet_ros.skeleton import joint_set

from .batch import Batch
from .config import TrainingConfig
from .learner import WindowNet, estimate

COLUMNS, ROWS = 4, 2
ENLARGED = 2
_COLORS = ((80, 200, 255), (120, 255, 120), (255, 170, 90), (200, 120, 255))
_TRUTH = (255, 255, 255)


@torch.inference_mode()
def prediction_picture(net: HDNet, config: TrainingConfig, batch: Batch, device: torch.device) -> np.ndarray:
    """(H, W, 3) uint8 BGR: the first windows of a batch; estimates in colour, the truth in thin white lines."""
    on_device = batch.to(device)
    out = estimate(WindowNet(net).eval(), config, on_device)
    depth_m = net.depth_bins.depth_m(out.bin_index, on_device.equivalent_focal_px).cpu().numpy()
    joints = net.read_joints(out, on_device.coord_maps[on_device.window_index]).cpu().numpy()
    edges = joint_set(config.network.joint_set).edges
    tiles = []
    for window in range(min(len(batch.images), COLUMNS * ROWS)):
        picture = batch.images[window].numpy()
        tile = cv2.resize(picture, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_LINEAR)
        to_tile = _to_tile(batch.coord_maps[window].numpy(), len(tile))
        for row, person in enumerate((batch.window_index == window).nonzero()[:, 0].tolist()):
            color = _COLORS[row % len(_COLORS)]
            _box(tile, batch.masks[person].numpy(), color)
            true = batch.targets.supervised[person].numpy()
            _bones(tile, to_tile(batch.targets.joints[person].numpy()), edges, true, _TRUTH, 1)
            _bones(tile, to_tile(joints[person]), edges, np.ones(len(true), bool), color, 2)
            text = f'{depth_m[person]:.2f} m ({float(batch.root_depth_m[person]):.2f})'
            cv2.putText(tile, text, (6, 18 + 18 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
            cv2.putText(tile, text, (6, 18 + 18 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.5, color, 1, cv2.LINE_AA)
        tiles.append(tile)
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % COLUMNS)
    return np.vstack([np.hstack(tiles[i:i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)])


def _to_tile(coords: np.ndarray, side: int):
    """Function from normalised camera coordinates (J, 2) to pixels of a tile, from its coordinate map (2, n, n)."""
    first, step = coords[:, 0, 0], np.array([coords[0, 0, 1] - coords[0, 0, 0], coords[1, 1, 0] - coords[1, 0, 0]])
    return lambda joints: (joints - first) / step * side / coords.shape[1]


def _bones(tile: np.ndarray, joints: np.ndarray, edges, usable: np.ndarray, color, width: int) -> None:
    # OpenCV cannot take places far outside.
    places = np.clip(np.round(joints), -4 * len(tile), 4 * len(tile)).astype(int)
    for a, b in edges:
        if usable[a] and usable[b]:
            cv2.line(tile, places[a].tolist(), places[b].tolist(), color, width, cv2.LINE_AA)


def _box(tile: np.ndarray, mask: np.ndarray, color) -> None:
    rows, columns = np.nonzero(mask.any(axis=0) if mask.ndim == 3 else mask)
    scale = len(tile) / len(mask)
    low, high = np.array([columns.min(), rows.min()]) * scale, np.array([columns.max(), rows.max()]) * scale
    cv2.rectangle(tile, np.round(low).astype(int).tolist(), np.round(high).astype(int).tolist(), color, 1)
