"""How the golden numbers came about: weights and inputs that numpy alone makes again, tensor by tensor.

Every tensor has a random generator of its own, seeded by its name, so that no order matters.
"""
from __future__ import annotations

import math
import zlib
from typing import NamedTuple

import numpy as np

# Factors that keep heatmaps neither flat nor one-hot, and bins spread out.
HDNET_GAINS = {'out_heatmap.weight': 2.2, 'out_bins.weight': 5.0, 'fpn.toplayer.weight': 0.7,
               'fpn.flatlayer1.weight': 0.7, 'fpn.flatlayer2.weight': 0.7, 'fpn.flatlayer3.weight': 0.7}
POSENET_GAINS = {'head.final_layer.weight': 4.0}


def make_tensor(name: str, shape: tuple[int, ...], gain: float = 1.0) -> np.ndarray:
    """A pseudo-random weight or statistic of a plausible size, told from its name and shape."""
    random = np.random.Generator(np.random.PCG64(zlib.crc32(name.encode())))
    kind = name.rsplit('.', 1)[1]
    if kind == 'num_batches_tracked':
        return np.zeros(shape, np.int64)
    if kind == 'running_var':
        values = random.uniform(0.5, 1.5, shape)
    elif kind == 'running_mean' or len(shape) == 1 and kind == 'bias':
        values = 0.1 * random.standard_normal(shape)
    elif len(shape) == 1:
        values = random.uniform(0.5, 1.0, shape) * (0.3 if name.endswith('bn3.weight') else 1)
    else:
        # A transposed convolution of kernel 4 and stride 2 adds up 4 cells of each input channel.
        fan_in = shape[0] * 4 if 'deconv' in name else math.prod(shape[1:])
        values = random.standard_normal(shape) * np.sqrt(2 / fan_in)
    return (values * gain).astype(np.float32)


def make_weights(layout: dict[str, list[int]], gains: dict[str, float] | None = None) -> dict[str, np.ndarray]:
    """Weights for a whole network, given the name and shape of every tensor."""
    return {name: make_tensor(name, tuple(shape), (gains or {}).get(name, 1.0)) for name, shape in layout.items()}


class HDNetInputs(NamedTuple):
    """Two windows of 1000 px with one person each; targets are for training losses."""

    images: np.ndarray            # (2, 3, 256, 256)
    focal_px: np.ndarray          # (2, 2)
    principal_px: np.ndarray      # (2, 2)
    center_px: np.ndarray         # (2, 2) of the windows
    coord_maps: np.ndarray        # (2, 2, 64, 64)
    box_masks: np.ndarray         # (2, 64, 64)
    target_cells: np.ndarray      # (2, J, 2) joints on the heatmap, x and y
    target_depth_mm: np.ndarray   # (2,)
    visible: np.ndarray           # (2, J)


def hdnet_inputs(joints: int) -> HDNetInputs:
    """The inputs of the HDNet cases; the order of the draws is part of the recipe."""
    random = np.random.Generator(np.random.PCG64(1000))
    images = random.standard_normal((2, 3, 256, 256)).astype(np.float32)
    focal = random.uniform(500, 1500, (2, 2))
    principal = random.uniform(300, 700, (2, 2))
    center = principal + random.uniform(-150, 150, (2, 2))
    low, high = random.integers(0, 20, (2, 2)), random.integers(40, 64, (2, 2))
    target_cells = random.uniform(8, 56, (2, joints, 2))
    target_depth = random.uniform(2.6, 7.0, 2) * np.sqrt(focal.prod(axis=1))
    visible = random.uniform(size=(2, joints)) > 0.2
    visible[:, 0] = True

    cell_px = (np.arange(64) - 32) * 1000 / 64
    axes = (center[:, :, None] + cell_px - principal[:, :, None]) / focal[:, :, None]     # (2, xy, 64)
    coords = np.stack([np.stack(np.meshgrid(x, y)) for x, y in axes])
    inside = (np.arange(64) >= low[:, :, None]) & (np.arange(64) < high[:, :, None])
    masks = inside[:, 1, :, None] & inside[:, 0, None, :]
    return HDNetInputs(images, focal, principal, center, coords.astype(np.float32), masks.astype(np.float32),
                       target_cells, target_depth, visible)


def noise(seed: int, shape: tuple[int, ...]) -> np.ndarray:
    """Images for the other cases: seed 2000, (2, 3, 256, 256) for PoseNet; 3000, (1, 3, 224, 224) for EfficientNet."""
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape).astype(np.float32)
